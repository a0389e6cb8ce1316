"""A session that ends while somebody types costs no word: they sign in on the same tab and go on."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from outreach.access.models import User
from outreach.prompts.services import sync_packs
from tests.campaigns.factories import make_sender as make_campaign_sender
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender
from tests.leads.factories import run_import

pytestmark = pytest.mark.django_db(transaction=True)


def end_session(page: Page) -> None:
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)


def sign_in_again(page: Page) -> None:
    page.wait_for_url("**/login/**")
    page.locator("input[name=username]").fill(User.objects.get().username)
    page.locator("input[name=password]").fill("a long enough password")
    page.locator("input[name=password]").press("Enter")


@pytest.fixture
def conversation() -> Any:
    row = make_conversation(make_lead(email="sam@acme.de"))
    sent = make_message(conversation=row, sender=make_sender(), subject="Your pipeline", body="Hi Sam")
    make_reply(row, body="What does it cost?", subject="Re: Your pipeline", follows=sent, sender=sent.sender)
    return row


def test_an_answer_comes_back_after_signing_in_again_and_goes_when_it_is_sent(
    signed_in_page: Any, conversation: Any
) -> None:
    path = f"/inbox/{conversation.pk}/"
    page = signed_in_page("operator", path)
    body = page.locator("#answer-body")
    body.press_sequentially("It costs ")
    end_session(page)
    body.press_sequentially("nothing.")  # what is typed is told to colleagues, and that finds no session
    sign_in_again(page)
    page.wait_for_url(f"**{path}")
    expect(body).to_have_value("It costs nothing.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(body).to_have_value("")
    page.goto(page.url)
    expect(body).not_to_have_value("It costs nothing.")


def test_a_note_comes_back_too(signed_in_page: Any, conversation: Any) -> None:
    page = signed_in_page("operator", f"/inbox/{conversation.pk}/")
    page.locator("#note").press_sequentially("Ask Bea first.")
    end_session(page)
    page.get_by_role("button", name="Add note").click()
    sign_in_again(page)
    expect(page.locator("#note")).to_have_value("Ask Bea first.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".inbox-thread, main").first).to_contain_text("Ask Bea first.")
    page.goto(page.url)
    expect(page.locator("#note")).to_have_value("")


def test_a_new_campaign_comes_back_with_all_its_fields(signed_in_page: Any) -> None:
    sync_packs()
    make_campaign_sender()
    batch = run_import("name,email,company\nAnna Lee,anna@kettle.example,Kettle\n")
    page = signed_in_page("operator", f"/campaigns/start/?import={batch.pk}")
    offer = page.get_by_label("Offer", exact=True)
    offer.press_sequentially("a review in one day")
    page.get_by_label("Follow up after").uncheck()
    page.get_by_label("When", exact=True).select_option("daily")
    end_session(page)
    page.get_by_role("button", name="Create and write drafts").click()
    sign_in_again(page)
    expect(offer).to_have_value("a review in one day")
    expect(page.get_by_label("Follow up after")).not_to_be_checked()
    expect(page.get_by_label("When", exact=True)).to_have_value("daily")
    with page.expect_navigation():
        page.get_by_role("button", name="Create and write drafts").click()
    page.goto(page.url.split("/campaigns/")[0] + f"/campaigns/start/?import={batch.pk}")
    expect(offer).to_have_value("a review in one day")  # the last campaign's offer is proposed
    expect(page.get_by_label("Follow up after")).to_be_checked()
