"""Suggested answers without a model use what the person wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from conversations.models import Conversation, Message
from conversations.replies import services as replies
from conversations.replies import suggesting
from outreach.access.models import User
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel("2026-11-30T09:00:00Z", tick=False):
        yield


@pytest.fixture
def conversation():
    """Somebody in Berlin was written to."""
    row = make_conversation(make_lead(email="sam@acme.de", first_name="Sam", country="DE"))
    sent = make_message(
        conversation=row,
        sender=make_sender(display_name="Dana"),
        subject="Hello",
    )
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now() - timedelta(days=1))
    Conversation.objects.filter(pk=row.pk).update(booking_url="https://cal.example/ann")
    row.refresh_from_db()
    return row


def suggested(conversation: Conversation, text: str) -> str:
    replies.read_by_rules(make_reply(conversation, body=text, subject="Re: Hello"))
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=clock.now(), state="engaged", handler="ai")
    conversation.refresh_from_db()
    made = suggesting.suggest(conversation)
    assert made is not None
    return made.body


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "Can we have a call on Thursday afternoon? Any time after 2 pm is fine.",
            ["Thursday, 3 December at 14:30 (your time)", "https://cal.example/ann"],
        ),
        ("Let's talk on Tuesday at 10", ["Tuesday, 1 December at 10:00 (your time)", "invitation"]),
        ("Interested! Can we schedule a call?", ["https://cal.example/ann"]),
        ("Not now, write to me in March please", ["around 1 March"]),
        ("Давайте созвонимся в четверг в 15:00", ["четверг, 3 декабря, 15:00 (по вашему времени)"]),
        ("Are you a bot?", ["a person reads and approves"]),
    ],
)
def test_the_answer_uses_what_they_wrote(conversation, text, words):
    body = suggested(conversation, text)
    for part in words:
        assert part in body


def test_who_asks_for_march_is_left_alone_until_march(conversation):
    suggested(conversation, "Not now, write to me in March please")
    replies.answered(conversation)
    conversation.refresh_from_db()
    assert conversation.snoozed_until is not None and conversation.snoozed_until.date().isoformat() == "2027-03-01"


@pytest.mark.parametrize(
    "text",
    [
        "Confirmed, I have put it into my calendar.",
        "That works. Talk soon!",
        "Подтверждаю, внёс в календарь",
    ],
)
def test_a_confirmed_call_is_booked_once_somebody_proposed_it(conversation, text):
    ann = User.objects.create_user("ann", role="reviewer")
    ours = make_message(conversation=conversation, subject="Re: Hello", author=ann, body="Thursday at 14:30?")
    Message.objects.filter(pk=ours.pk).update(state="sent", sent_at=clock.now())
    replies.receive(make_reply(conversation, body=text), conversation)
    conversation.refresh_from_db()
    assert conversation.is_booked and conversation.waiting_since is None


def test_a_friendly_word_below_a_first_mail_books_nothing(conversation):
    Conversation.objects.filter(pk=conversation.pk).update(state="engaged")
    replies.receive(make_reply(conversation, body="That works. Talk soon!"), conversation)
    conversation.refresh_from_db()
    assert not conversation.is_booked
