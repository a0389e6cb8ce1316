"""A playbook may let answers leave by themselves, but only what is certain, complete and nothing for a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from conversations.consent.models import Hold, Suppression
from conversations.consent.services import Target, suppress
from conversations.models import Conversation, Message
from conversations.playbooks import services as playbooks
from conversations.playbooks.definition import parse
from conversations.replies import services as replies
from conversations.replies import suggesting
from conversations.replies.models import Suggestion
from outreach.access.models import User
from outreach.core import clock
from outreach.core.models import Actor
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db

WORDS = {
    "en": {
        "facts": [{"about": "crm, integrations", "text": "It works with HubSpot and Pipedrive."}],
        "prices": [{"what": "Team plan", "price": "€400 a month"}],
    }
}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel("2026-11-30T09:00:00Z", tick=False):
        yield


@pytest.fixture
def playbook():
    """The team's default answers by itself."""
    content = {"mode": "autonomous", "booking_url": "https://cal.example/ann", "words": WORDS}
    made = playbooks.save_playbook(name="Alone", definition=parse(content), created_by=None)
    playbooks.make_default(playbook=made.playbook, user=None)
    return made


@pytest.fixture
def conversation(playbook):
    row = make_conversation(make_lead(email="sam@acme.de", first_name="Sam", country="DE"))
    sent = make_message(conversation=row, sender=make_sender(display_name="Dana"), subject="Hello")
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now() - timedelta(days=1))
    return row


def write(conversation: Conversation, text: str, **fields) -> Suggestion | None:
    """They write, it is received and understood as every reply is, and an answer is suggested."""
    reply = make_reply(conversation, body=text, subject="Re: Hello", **fields)
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=clock.now(), state="engaged", handler="ai")
    conversation.refresh_from_db()
    replies.receive(reply, conversation)
    conversation.refresh_from_db()
    return suggesting.suggest(conversation)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How much is the Team plan?", "Team plan: €400 a month."),
        ("Does it integrate with HubSpot?", "It works with HubSpot and Pipedrive."),
        ("Are you a bot?", "Software writes these messages"),
        ("Let's have a call. Can you send me a link to your calendar?", "https://cal.example/ann"),
    ],
)
def test_a_clear_question_is_answered_at_once(conversation, playbook, text, words):
    made = write(conversation, text)
    message = made.sent_message
    assert made.state == "used" and words in message.body
    assert message.approval_rule == f"playbook {playbook}" and message.approved_hash and message.author is None
    assert message.is_waiting and message.subject == "Re: Hello" and message.is_stopped_by_reply
    conversation.refresh_from_db()
    assert conversation.waiting_since is None


def test_what_left_keeps_playbook_trace_and_what_it_cites(conversation, playbook):
    made = write(conversation, "How much is the Team plan?")
    assert made.playbook_version == playbook and made.interaction.trace.name == "answer-reply"
    assert made.cites == [{"kind": "price", "text": "Team plan: €400 a month"}]


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Unsubscribe", None),
        ("Please stop writing to me", None),
        ("How much is the Team plan? And then stop bothering me", None),
        ("How much is the Team plan? Our lawyer will ask you where you got my data.", None),
        ("How much is the Team plan? Our legal team will read the contract.", "legal"),
        ("I complain about your spam. How much is the Team plan?", None),
        ("You are an idiot", None),
        ("Fuck off", None),
        ("Hmm", "unsure"),
        ("Are you ISO certified?", "unanswered"),
        ("What does the Enterprise plan cost, with SSO? Do you support Kerberos?", "unanswered"),
        ("Contact my colleague Jo, jo@acme.de", "unsure"),
    ],
)
def test_opt_out_legal_complaint_abuse_and_unsure_are_never_answered_by_themselves(conversation, text, doubt):
    made = write(conversation, text)
    assert not Message.objects.outgoing().exclude(sent_at__isnull=False).exists()
    assert made is None or (made.is_proposed and made.doubts)
    if doubt:
        assert made is not None and doubt in made.doubts


def test_a_mail_that_may_not_be_from_them_is_never_answered_by_itself(conversation):
    made = write(conversation, "How much is the Team plan?", attributes={"is_sender_doubted": True})
    assert made.is_proposed and made.doubts == ["sender"]


def test_an_unsure_reading_is_left_to_a_person_until_one_has_decided(conversation):
    made = write(conversation, "Hmm")
    assert made.is_proposed
    replies.correct(
        message=replies.last_inbound(conversation),
        intent="positive",
        user=User.objects.create_user("ann", role="reviewer"),
    )
    conversation.suggestions.all().delete()
    conversation.refresh_from_db()
    assert suggesting.suggest(conversation).state == "used"


def test_of_two_messages_the_worse_one_decides(conversation):
    make_reply(conversation, body="My lawyer will write to you.")
    made = write(conversation, "How much is the Team plan?")
    assert made.is_proposed and made.doubts


def test_a_held_conversation_is_not_answered(conversation):
    write(conversation, "Not again, leave it")
    Hold.objects.get_or_create(message=replies.last_inbound(conversation), conversation=conversation, question="stop")
    Conversation.objects.filter(pk=conversation.pk).update(handler="ai")
    made = write(conversation, "How much is the Team plan?")
    assert made is None or "opt_out" in made.doubts


def test_a_person_who_took_over_is_not_interrupted(conversation):
    Conversation.objects.filter(pk=conversation.pk).update(handler="person")
    reply = make_reply(conversation, body="How much is the Team plan?")
    replies.receive(reply, conversation)
    conversation.refresh_from_db()
    assert suggesting.suggest(conversation) is None


def test_what_is_asked_for_by_hand_never_leaves_by_itself(conversation):
    write(conversation, "Hmm")
    make_reply(conversation, body="How much is the Team plan?")
    made = suggesting.regenerate(conversation=conversation, user=User.objects.create_user("ann", role="reviewer"))
    assert made.is_proposed


def test_two_machines_do_not_talk_all_night(conversation):
    made = [write(conversation, "How much is the Team plan?") for _ in range(6)]
    assert [one.state for one in made] == ["used"] * 4 + ["proposed"] * 2
    assert made[-1].doubts == ["too_many"]


def test_who_cannot_be_written_to_waits_for_a_person_with_the_reason(conversation):
    reply = make_reply(conversation, body="How much is the Team plan?")
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=clock.now(), state="engaged", handler="ai")
    conversation.refresh_from_db()
    replies.receive(reply, conversation)
    suppress(Target(lead=conversation.lead), reason=Suppression.Reason.MANUAL, actor=Actor.system("tests"))
    conversation.refresh_from_db()
    made = suggesting.suggest(conversation)
    assert made.is_proposed and "suppressed" in made.refused


def test_in_review_mode_everything_waits_for_a_person(conversation):
    shipped = playbooks.save_playbook(name="Review", definition=parse({"words": WORDS}), created_by=None).playbook
    playbooks.make_default(playbook=shipped, user=None)
    made = write(conversation, "How much is the Team plan?")
    assert made.is_proposed and made.doubts == [] and "€400" in made.body
