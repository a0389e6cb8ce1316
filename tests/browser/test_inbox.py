"""The inbox and the conversation page in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from conversations.models import Conversation, Message
from conversations.replies import services as replies
from outreach.access.roles import Role
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conversation():
    row = make_conversation(
        make_lead(email="sam@acme.de", first_name="Sam", title="Head of Sales", city="Bremen", country="DE")
    )
    Conversation.objects.filter(pk=row.pk).update(booking_url="https://book.firm.de/dana", goal="A call of 20 minutes")
    row.refresh_from_db()
    sent = make_message(
        conversation=row,
        sender=make_sender(display_name="Dana Fox"),
        subject="Your pipeline",
        body="Hi Sam,\n\nwould a short call help?\n\nDana",
    )
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now() - timedelta(days=2))
    reply = make_reply(
        row,
        body="Sounds interesting, what does it cost?",
        subject="Re: Your pipeline",
        follows=sent,
        sender=sent.sender,
    )
    reply.attributes = {"kind": "reply", "from_name": "Sam Stone", "quoted": "> would a short call help?"}
    reply.save()
    replies.read_by_rules(reply)
    Conversation.objects.filter(pk=row.pk).update(waiting_since=clock.now(), state="engaged", handler="ai")
    row.refresh_from_db()
    assert replies.suggest(row)
    return row


def test_the_inbox_leads_to_a_conversation(live_server, signed_in_page, screenshot, conversation):
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/")
    expect(page.get_by_text("Sounds interesting")).to_be_visible()
    screenshot(page, "inbox")
    page.get_by_role("link", name="Sounds interesting").click()
    expect(page.get_by_role("heading", name="Suggested answer")).to_be_visible()
    screenshot(page, "conversation")


def test_polling_never_takes_what_is_being_typed(live_server, signed_in_page, screenshot, conversation):
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/{conversation.pk}/")
    page.get_by_label("Your answer").fill("Half a sentence")
    page.locator("#suggestion-body").fill("My own words")
    make_reply(conversation, body="One more thing: is there a trial?")
    expect(page.get_by_text("One more thing")).to_be_visible(timeout=15_000)
    expect(page.get_by_label("Your answer")).to_have_value("Half a sentence")
    expect(page.locator("#suggestion-body")).to_have_value("My own words")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("In the meantime")
    expect(page.get_by_label("Your answer")).to_have_value("Half a sentence")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sending.")).to_be_visible()
    expect(page.get_by_label("Your answer")).to_have_value("")
    screenshot(page, "conversation-answered")


def test_taking_over_and_noting_without_leaving_the_page(live_server, signed_in_page, conversation):
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/{conversation.pk}/")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("button", name="Return to the AI")).to_be_visible()
    expect(page.locator("#suggestion-body")).to_have_count(0)
    page.get_by_label("Note", exact=True).fill("Knows our boss")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".inbox-note")).to_contain_text("Knows our boss")
    expect(page.get_by_label("Note", exact=True)).to_have_value("")
