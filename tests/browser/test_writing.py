"""The Texts page in a browser: type, insert a variable, see it as received."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.drafts import services as drafts
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign():
    campaign = make_campaign(name="Autumn push", steps=("first-contact-email", "follow-up-email", "first-contact-sms"))
    for first, last, company in (("Joe", "Poe", "VEGAPOINT GMBH & CO. KG"), ("Ann", "Lee", "Fabrikam Ltd")):
        make_candidate(campaign, first_name=first, full_name=f"{first} {last}", company_name=company)
    make_candidate(campaign, first_name="Роман", full_name="Роман Ким", title="=1+1", company_name="АО «Мираледгер»")
    return campaign


def test_what_is_typed_is_previewed_saved_and_applied(live_server, signed_in_page, screenshot, campaign):
    drafts.generate(campaign=campaign)
    drain("llm")
    page = signed_in_page("operator")
    page.goto(live_server.url + reverse("writing:edit", args=[campaign.pk, 1]))
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Hi Joe,")
    expect(preview).to_contain_text("Vegapoint")
    screenshot(page, "message")
    body = page.locator("[name=body_direct]")
    body.fill("")
    body.press_sequentially("Hi ")
    page.get_by_role("button", name="First name").click()
    page.keyboard.type(", is it of use? If not, I will not write again.")
    expect(body).to_have_value("Hi {{ first_name|there }}, is it of use? If not, I will not write again.")
    page.get_by_text("My own words").click()
    expect(preview).to_contain_text("Hi Joe, is it of use?")
    page.get_by_label("Person").select_option(label="Роман Ким · АО «Мираледгер»")
    expect(preview).to_contain_text("Hi there, is it of use?")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="6 drafts are not sent yet")).to_be_visible()
    screenshot(page, "message-effect")
    page.get_by_role("button", name="Rewrite 6 drafts").click()
    expect(page.locator("body")).to_contain_text("3 drafts rewritten.")


def test_a_model_is_told_in_words_and_a_text_message_counts_segments(live_server, signed_in_page, screenshot, campaign):
    page = signed_in_page("operator")
    page.goto(live_server.url + reverse("writing:edit", args=[campaign.pk, 3]))
    expect(page.locator("#preview")).to_contain_text("SMS segment")
    page.get_by_text("Let a model write").click()
    expect(page.get_by_label("A text you like")).to_be_visible()
    page.get_by_text("Phone", exact=True).click()
    screenshot(page, "message-sms")
