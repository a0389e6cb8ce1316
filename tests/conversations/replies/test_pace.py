"""A conversation is taken up again on the day that they named, or after silence, at most so often; then it sleeps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from conversations.models import Conversation, Message
from conversations.playbooks import services as playbooks
from conversations.playbooks.definition import parse
from conversations.replies import consequences, pace, suggesting
from conversations.replies import services as replies
from conversations.replies.models import Pace
from conversations.replies.situation import Occasion
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db
START = datetime.fromisoformat("2026-11-30T09:00:00+00:00")


@pytest.fixture
def now():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def playbook(now):
    content = {
        "booking_url": "https://cal.example/ann",
        "reengagement": {"after_days": 5, "at_most": 2},
        "words": {"en": {}},
    }
    made = playbooks.save_playbook(name="Calls", definition=parse(content), created_by=None)
    playbooks.make_default(playbook=made.playbook, user=None)
    return made


@pytest.fixture
def conversation(playbook):
    row = make_conversation(make_lead(email="sam@acme.de", first_name="Sam", country="DE"))
    sent = make_message(conversation=row, sender=make_sender(display_name="Dana"), subject="Hello")
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now() - timedelta(days=1))
    return row


def write(conversation: Conversation, text: str) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=clock.now(), state="engaged", handler="ai")
    conversation.refresh_from_db()
    replies.receive(make_reply(conversation, body=text, subject="Re: Hello"), conversation)
    conversation.refresh_from_db()


def answer(conversation: Conversation) -> None:
    """We answered."""
    replies.answered(conversation)
    conversation.refresh_from_db()


def later(now, days: float) -> int:
    now.shift(timedelta(days=days))
    return pace.take_up_due()


def drafted(conversation: Conversation, occasion: str, number: int):
    conversation.refresh_from_db()
    return suggesting.suggest(conversation, occasion=Occasion(occasion, number))


def test_not_now_in_march_sleeps_until_march_and_comes_back_with_a_draft(conversation, now):
    write(conversation, "Not now, write to me in March please")
    answer(conversation)
    assert later(now, 80) == 0
    conversation.refresh_from_db()
    assert conversation.waiting_since is None
    assert later(now, 12) == 1
    made = drafted(conversation, "asked", 0)
    assert made.occasion == "asked" and "You asked me to write again" in made.body
    assert conversation in Conversation.objects.waiting(clock.now())


def test_silence_is_followed_up_twice_and_then_the_conversation_is_dormant(conversation, now):
    write(conversation, "Sounds interesting")
    answer(conversation)
    assert later(now, 4) == 0
    for number in (1, 2):
        assert later(now, 5) == 1
        made = drafted(conversation, "silence", number)
        assert (made.occasion, made.nudge) == ("silence", number)
        answer(conversation)
    assert "last message for now" in made.body
    assert later(now, 6) == 1
    conversation.refresh_from_db()
    assert conversation.state == "dormant" and not Pace.objects.exists()


def test_a_reply_ends_the_waiting_and_the_count_begins_again(conversation, now):
    write(conversation, "Sounds interesting")
    answer(conversation)
    later(now, 6)
    answer(conversation)
    write(conversation, "Sorry, I was away. Tell me more")
    assert not Pace.objects.exists()
    answer(conversation)
    assert Pace.objects.get().nudges == 0


@pytest.mark.parametrize("state", ["booked", "opted_out", "closed"])
def test_booking_opting_out_and_closing_end_it(conversation, now, state):
    write(conversation, "Sounds interesting")
    answer(conversation)
    Conversation.objects.filter(pk=conversation.pk).update(state=state)
    assert later(now, 6) == 0 and not Pace.objects.exists()
    conversation.refresh_from_db()
    assert conversation.state == state and conversation.waiting_since is None


def test_an_absence_waits_until_they_are_back(conversation, now):
    write(conversation, "Sounds interesting")
    answer(conversation)
    consequences.snooze_absence(conversation, returns_on=(clock.now() + timedelta(days=20)).date())
    assert later(now, 6) == 0
    conversation.refresh_from_db()
    assert Pace.objects.get().due_at == conversation.snoozed_until
    assert later(now, 19) == 1


@pytest.mark.parametrize(
    "text", ["No thanks, not interested", "I left that company", "Ask my colleague Jo, jo@acme.de"]
)
def test_who_declined_or_named_somebody_else_is_not_asked_again(conversation, now, text):
    write(conversation, text)
    answer(conversation)
    assert not Pace.objects.exists()


def test_a_draft_that_nobody_decided_on_is_not_followed_by_another(conversation, now):
    write(conversation, "Sounds interesting")
    answer(conversation)
    assert later(now, 6) == 1
    drafted(conversation, "silence", 1)
    assert later(now, 6) == 0 and Pace.objects.get().nudges == 1


def test_a_planned_message_comes_first(conversation, now):
    write(conversation, "Sounds interesting")
    answer(conversation)
    make_message(conversation=conversation, scheduled_at=clock.now() + timedelta(days=7))
    assert later(now, 6) == 0
    assert Pace.objects.get().due_at == START + timedelta(days=8)


def test_two_workers_take_a_conversation_up_once(conversation, now):
    write(conversation, "Sounds interesting")
    answer(conversation)
    now.shift(timedelta(days=6))
    assert [pace.take_up_due(), pace.take_up_due()] == [1, 0]
    first = drafted(conversation, "silence", 1)
    assert first is not None and drafted(conversation, "silence", 1) is None


def test_a_playbook_that_answers_by_itself_follows_up_through_the_planning_door(conversation, playbook, now):
    content = {**playbook.content, "mode": "autonomous"}
    playbooks.save_playbook(name="Calls", definition=parse(content), created_by=None, playbook=playbook.playbook)
    write(conversation, "Tell me more, this is very interesting")
    answer(conversation)
    later(now, 6)
    made = drafted(conversation, "silence", 1)
    assert made.state == "used" and made.sent_message.approval_rule.startswith("playbook ")
    assert Pace.objects.get().due_at == clock.now() + timedelta(days=5)
