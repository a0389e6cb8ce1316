"""The inbox and the conversation page in a browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from conversations.memory import services as memory
from conversations.memory.extraction import Finding
from conversations.models import Conversation, Message
from conversations.replies import listing, suggesting
from conversations.replies import services as replies
from outreach.access.roles import Role
from outreach.core import clock
from tests.asgi import asgi_server
from tests.browser.conftest import make_user, sign_in
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
    assert suggesting.suggest(row)
    return row


@pytest.fixture
def others(conversation):
    """More people who wait, the longest first."""
    rows, sender = [], make_sender()
    for number, (name, text) in enumerate(
        [
            ("Mia Klein", "Не сейчас, напишите в марте"),
            ("Jo Adler", "Who are you, a bot?"),
            ("Lee Wong", "Call me on Monday"),
        ]
    ):
        lead = make_lead(email=f"{name.split()[0].lower()}@firm.de")
        lead.full_name = name
        lead.save()
        row = make_conversation(lead)
        at = clock.now() - timedelta(hours=number + 2)
        replies.read_by_rules(make_reply(row, body=text, at=at, subject="Re: Hi", sender=sender))
        Conversation.objects.filter(pk=row.pk).update(waiting_since=at, last_inbound_at=at, state="engaged")
        rows.append(row)
    Conversation.objects.filter(pk=conversation.pk).update(last_inbound_at=clock.now())
    listing.refresh([conversation.pk, *(row.pk for row in rows)])
    return rows


def test_list_conversation_and_person_side_by_side(live_server, signed_in_page, screenshot, conversation, others):
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/")
    expect(page.get_by_text("Choose a conversation")).to_be_visible()
    screenshot(page, "inbox", full_page=False)
    page.get_by_role("link", name="Sounds interesting").click()
    expect(page.get_by_role("heading", name="Suggested answer")).to_be_visible()
    expect(page.get_by_role("link", name="Who are you")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/inbox/{conversation.pk}/"))
    screenshot(page, "conversation", full_page=False)
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.get_by_role("link", name="Who are you")).not_to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("link", name="Who are you")).to_be_visible()


def test_the_keys_move_search_and_answer(live_server, signed_in_page, conversation, others):
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Lee Wong")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Jo Adler")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name="Lee Wong")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_label("Your answer")).to_be_focused()
    page.keyboard.type("jke")
    expect(page.get_by_label("Your answer")).to_have_value("jke")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("марте")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("Mia Klein")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next conversation")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#state")).to_contain_text("Closed")


def test_after_an_answer_the_next_conversation_opens(live_server, signed_in_page, conversation, others):
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Lee Wong")).to_be_visible()
    with page.expect_response("**/inbox/settings/"):
        page.get_by_label("Then open the next one").check()
    page.keyboard.press("r")
    page.keyboard.type("Monday at ten?")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Jo Adler")).to_be_visible()
    assert Message.objects.filter(body="Monday at ten?").count() == 1


def test_polling_never_takes_what_is_being_typed(live_server, signed_in_page, screenshot, conversation):
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/{conversation.pk}/")
    page.get_by_label("Your answer").fill("Half a sentence")
    make_reply(conversation, body="One more thing: is there a trial?")
    expect(page.get_by_text("One more thing")).to_be_visible(timeout=15_000)
    expect(page.get_by_label("Your answer")).to_have_value("Half a sentence")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("In the meantime")
    expect(page.get_by_label("Your answer")).to_have_value("Half a sentence")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#undo")).to_contain_text("Sending to")
    expect(page.get_by_label("Your answer")).to_have_value("")
    screenshot(page, "conversation-answered")


def test_an_answer_can_be_undone_and_sent_later(live_server, signed_in_page, screenshot, conversation):
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/{conversation.pk}/")
    page.get_by_label("Your answer").fill("A word too early")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#undo")).to_contain_text("Sending to")
    screenshot(page, "conversation-undo", full_page=False)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Your answer")).to_have_value("A word too early")
    expect(page.get_by_text("Cancelled, never sent")).to_be_visible()
    page.get_by_text("Send later").click()
    expect(page.get_by_text("For them it is")).to_be_visible()
    screenshot(page, "conversation-later", full_page=False)
    page.get_by_role("button", name="Tomorrow, 9:00 their time").click()
    expect(page.locator("#timeline")).to_contain_text("Leaves")
    expect(page.get_by_role("button", name="Send now")).to_be_visible()
    message = Message.objects.get(body="A word too early", state="scheduled")
    assert message.scheduled_at is not None and message.scheduled_at > clock.now() + timedelta(hours=1)


def test_taking_over_and_noting_without_leaving_the_page(live_server, signed_in_page, conversation):
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/{conversation.pk}/")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("button", name="Draft answers again")).to_be_visible()
    expect(page.get_by_role("heading", name="Suggested answer")).to_have_count(0)
    page.get_by_label("Note", exact=True).fill("Knows our boss")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".inbox-note")).to_contain_text("Knows our boss")
    expect(page.get_by_label("Note", exact=True)).to_have_value("")


def test_a_reply_appears_by_itself_around_what_is_typed(page, conversation, others):
    """On the real server: told by the stream, in the list and in the open conversation, around what is being typed."""
    user = make_user(Role.REVIEWER)
    with asgi_server() as address:
        sign_in(page.context, address, user)
        page.goto(f"{address}/inbox/{conversation.pk}/")
        expect(page.locator("html[data-live]")).to_be_attached()
        page.get_by_label("Your answer").fill("Half a sentence")
        make_reply(conversation, body="One more thing: is there a trial?")
        listing.refresh([conversation.pk])
        expect(page.get_by_text("is there a trial").first).to_be_visible()
        expect(page.get_by_label("Your answer")).to_have_value("Half a sentence")
        make_reply(others[0], body="Now it is March")
        listing.refresh([others[0].pk])
        expect(page.locator(f'[data-row="{others[0].pk}"]')).to_contain_text("Now it is March")
        page.goto("about:blank")


def test_a_fact_is_corrected_beside_the_conversation_and_a_text_being_typed_stays(
    live_server, signed_in_page, screenshot, conversation
):
    reply = conversation.messages.get(direction="in")
    said = [
        Finding("person", "Maria Lopez", "Please talk to our CFO Maria Lopez."),
        Finding("team", "40 people", "We are 40 people."),
        Finding("time", "Mornings", "Mornings work best for me."),
        Finding("question", "What does it cost?", "Sounds interesting, what does it cost?"),
    ]
    memory.learn(reply, said)
    page = signed_in_page(Role.REVIEWER)
    page.goto(f"{live_server.url}/inbox/{conversation.pk}/")
    pane = page.locator("#memory")
    pane.locator(".memory-text", has_text="40 people").click()
    pane.locator(".memory-text", has_text="Maria Lopez").click()
    screenshot(page, "inbox-memory")
    pane.locator("li", has_text="Maria Lopez").get_by_role("textbox").fill("Maria Lopez, back in May")
    pane.locator("li", has_text="40 people").get_by_role("textbox").fill("42 people")
    pane.locator("li", has_text="40 people").get_by_role("button", name="Save").click()
    expect(pane.locator(".memory-text", has_text="42 people")).to_be_visible()
    expect(pane.locator("li", has_text="CFO").get_by_role("textbox")).to_have_value("Maria Lopez, back in May")
