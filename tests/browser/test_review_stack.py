"""The stack in a browser: fifty drafts by keyboard, no key lost, nothing typed is a command, undo, two tabs."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from campaigns.drafts import services
from campaigns.drafts.models import Draft
from campaigns.review.services import approve
from outreach.jobs.draining import drain
from tests.browser.conftest import make_user
from tests.campaigns.factories import make_campaign, make_candidate

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = [
    f"{first}{rest}" for first in ("Al", "Be", "Ca", "Da", "El") for rest in ("an", "bo", "ca", "don", "en", "fa", "go")
]


def written(people):
    campaign = make_campaign(name="Autumn review")
    for fields in people:
        make_candidate(campaign, **fields)
    services.generate(campaign=campaign)
    drain("llm")
    return campaign


def person(name, **fields):
    return {"first_name": name, "full_name": f"{name} Poe", **fields}


@pytest.fixture
def campaign(transactional_db):
    """Two who are read one by one, and three who differ in values only."""
    odd = [person("Eve", company_name="Yahoo! Ads"), person("Mal", company_name="Wow! Group")]
    return written([*odd, *(person(name) for name in NAMES[:3])])


def stack(campaign):
    return f"/campaigns/{campaign.pk}/drafts/"


def place(page, text):
    page.locator(".stack-place", has_text=text).wait_for()


def test_a_decision_moves_on_and_the_counts_with_it(signed_in_page, screenshot, campaign):
    page = signed_in_page("reviewer", stack(campaign))
    screenshot(page, "stack-single")
    place(page, "1 of 3")
    page.keyboard.press("a")
    place(page, "1 of 2")
    page.get_by_role("link", name="Approved 1").wait_for()
    page.keyboard.press("j")
    page.get_by_role("heading", name="3 messages differ only in").wait_for()
    screenshot(page, "stack-group")
    page.keyboard.press("a")
    page.get_by_role("link", name="Approved 4").wait_for()
    page.keyboard.press("u")
    page.get_by_role("heading", name="3 messages differ only in").wait_for()
    assert Draft.objects.final().count() == 1


def test_no_key_is_lost_at_twenty_milliseconds(signed_in_page, campaign):
    page = signed_in_page("reviewer", stack(campaign))
    place(page, "1 of 3")
    page.keyboard.type("aaa", delay=20)
    page.get_by_role("heading", name="Everything is reviewed").wait_for()
    assert Draft.objects.final().count() == 5


def test_keys_are_taken_in_their_order(signed_in_page, campaign):
    page = signed_in_page("reviewer", stack(campaign))
    place(page, "1 of 3")
    page.keyboard.type("auja", delay=20)
    place(page, "2 of 2")
    assert Draft.objects.final().get().candidate.lead.first_name == "Mal"


def test_letters_typed_right_after_e_are_text(signed_in_page, campaign):
    page = signed_in_page("reviewer", stack(campaign))
    place(page, "1 of 3")
    before = dict(Draft.objects.values_list("pk", "state"))
    page.keyboard.type("exclude, approve, reject", delay=20)
    page.wait_for_function("document.querySelector('textarea[name=body]').value.includes('xclude, approve, reject')")
    assert page.locator("textarea[name=body]").evaluate("field => field === document.activeElement")
    assert dict(Draft.objects.values_list("pk", "state")) == before
    page.keyboard.press("Control+Enter")
    page.get_by_text("Edited by").first.wait_for()
    place(page, "of 3")
    page.keyboard.press("a")
    place(page, "of 2")
    assert "xclude, approve, reject" in Draft.objects.final().get().body


def test_the_other_variant_is_chosen_with_an_arrow_and_stays_chosen(signed_in_page, campaign):
    page = signed_in_page("reviewer", stack(campaign))
    place(page, "1 of 3")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("aa", delay=20)
    place(page, "1 of 1")
    assert set(Draft.objects.final().values_list("variant", flat=True)) == {"casual"}


def test_one_edit_for_a_group(signed_in_page, screenshot, campaign):
    page = signed_in_page("reviewer", stack(campaign) + "?place=3")
    page.get_by_role("heading", name="3 messages differ only in").wait_for()
    page.keyboard.press("e")
    body = page.locator("textarea[name=body]")
    body.wait_for()
    body.fill(body.input_value().replace("Hi {{ first_name }},", "Hi {{ first_name }}, shall we talk?"))
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("5 drafts will change.").wait_for()
    screenshot(page, "stack-wording")
    page.get_by_role("button", name="Change 5 drafts").click()
    page.get_by_text("5 drafts changed.").first.wait_for()
    assert Draft.objects.filter(body__contains=", shall we talk?").count() == 5


def test_as_received(signed_in_page, screenshot, campaign):
    page = signed_in_page("reviewer", stack(campaign))
    place(page, "1 of 3")
    page.keyboard.press("p")
    page.get_by_text("On a phone").wait_for()
    screenshot(page, "stack-received")
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keys").wait_for()
    screenshot(page, "stack-keys", full_page=False)


def test_a_second_tab_is_told_and_goes_on(signed_in_page, campaign):
    page = signed_in_page("reviewer", stack(campaign))
    place(page, "1 of 3")
    approve(draft=Draft.objects.order_by("pk").first(), version=1, user=make_user("reviewer", username="bea"))
    page.keyboard.press("a")
    page.get_by_role("alert").filter(has_text="This draft is now").wait_for()
    place(page, "of 2")


def test_what_was_typed_survives_an_ended_session(signed_in_page, campaign):
    page = signed_in_page("reviewer", stack(campaign))
    place(page, "1 of 3")
    page.keyboard.press("e")
    body = page.locator("textarea[name=body]")
    body.wait_for()
    body.fill("My own words, I will not write again.")
    kept = page.context.cookies()
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/login/**")
    page.context.add_cookies(kept)
    page.goto(page.url.split("/login")[0] + stack(campaign))
    place(page, "1 of 3")
    page.keyboard.press("e")
    expect(body).to_have_value(re.compile("^My own words"))


def test_fifty_drafts_take_few_keys(signed_in_page, transactional_db):
    """45 that differ in name and company only, five to read one by one: under 5 minutes even at 20 s a decision."""
    names = [f"{first}{rest}" for first in ("Al", "Be", "Ca") for rest in (f"{c}an" for c in "bcdfghjklmnprst")]
    odd = [person(f"Eve{mark}", company_name=f"Yahoo! {mark}") for mark in ("aa", "bb", "cc", "dd", "ee")]
    campaign = written([*odd, *(person(name) for name in names)])
    page = signed_in_page("reviewer", stack(campaign))
    place(page, "1 of 6")
    keys = 0
    while page.get_by_role("heading", name="Everything is reviewed").count() == 0:
        page.keyboard.press("a")
        keys += 1
        assert keys <= 10
        page.wait_for_timeout(50)
        page.locator(".htmx-request, .htmx-settling, .htmx-added, .htmx-swapping").first.wait_for(state="detached")
    assert Draft.objects.final().count() == 50
    assert keys == 6
