"""Copies: what opting out forbids holds for whoever gets one, when it is planned and when it leaves."""

from __future__ import annotations

import pytest

from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress
from conversations.models import Message
from conversations.outbox.copies import Copies, decode, split
from conversations.planning.replying import Answer, forward, reply_now
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return User.objects.create_user("ann", password="x", role="reviewer")


@pytest.fixture
def conversation():
    row = make_conversation(make_lead(email="sam@acme.de"))
    sent = make_message(conversation=row, sender=make_sender())
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now())
    make_reply(row, body="Tell me more", subject="Re: Hello", sender=sent.sender, follows=sent)
    return row


def opt_out(address: str = "", **target) -> None:
    suppress(Target(address=address, **target), reason=Suppression.Reason.OPT_OUT, actor=Actor.system("test"))


def answer(conversation, ann, **copies) -> Message:
    return reply_now(conversation=conversation, author=ann, answer=Answer("Gladly.", copies=Copies(**copies)))


def test_whoever_is_in_copy_gets_it(conversation, ann, tick, carrier):
    message = answer(conversation, ann, cc=("Boss@Acme.de", "boss@acme.de"), bcc=("crm@firm.de", "sam@acme.de"))
    assert decode(message.copies) == Copies(("boss@acme.de",), ("crm@firm.de",)), "each once, and never the recipient"
    tick()
    assert carrier.sent[-1].copies == Copies(("boss@acme.de",), ("crm@firm.de",))


def test_someone_who_opted_out_cannot_get_a_copy(conversation, ann):
    opt_out("boss@acme.de")
    with pytest.raises(Refused, match=r"boss@acme\.de"):
        answer(conversation, ann, cc=("boss@acme.de",))


@pytest.mark.parametrize("way", ["address", "domain", "lead"])
def test_an_opt_out_after_planning_holds_the_message_at_the_gate(conversation, ann, tick, carrier, way):
    lead = make_lead(email="boss@other.de")
    message = answer(conversation, ann, bcc=("boss@other.de",))
    if way == "domain":
        suppress(Target(domain="other.de"), reason=Suppression.Reason.OPT_OUT, actor=Actor.system("test"))
    else:
        opt_out("" if way == "lead" else "boss@other.de", **({"lead": lead} if way == "lead" else {}))
    tick()
    message.refresh_from_db()
    assert (message.state, message.refused_by) == ("skipped", "copies_allowed")
    assert not carrier.sent


@pytest.mark.parametrize(
    ("cc", "error"),
    [
        (("no address",), Invalid),
        (("boss@acme.de\nBcc: all@x.de",), Invalid),
        (("someone@example.com",), Refused),
        (tuple(f"p{n}@acme.de" for n in range(21)), Invalid),
    ],
    ids=["nonsense", "header", "reserved address", "too many"],
)
def test_what_may_not_be_in_copy_is_said(conversation, ann, cc, error):
    with pytest.raises(error):
        answer(conversation, ann, cc=cc)


def test_a_text_message_has_no_copies(conversation, ann):
    make_sender(channel="sms", address="+4915112345670", adapter="twilio")
    conversation.lead.identities.create(channel="sms", address="+4915112345678")
    with pytest.raises(Invalid):
        reply_now(
            conversation=conversation, author=ann, answer=Answer("Hi", channel="sms", copies=Copies(cc=("a@acme.de",)))
        )


def test_a_forward_goes_to_somebody_else_and_later_answers_still_to_the_person(conversation, ann, tick, carrier):
    theirs = conversation.messages.received().get()
    made = forward(message=theirs, author=ann, to="boss@firm.de", text="Please look.", send_at=clock.now())
    tick()
    sent = carrier.sent[-1]
    assert (sent.address, sent.subject.startswith("Fwd: ")) == ("boss@firm.de", True)
    assert sent.body.startswith("Please look.\n\n---------- Forwarded message") and "Tell me more" in sent.body
    assert made.conversation_id == conversation.pk
    assert answer(conversation, ann).address == "sam@acme.de"


def test_nothing_is_forwarded_to_someone_who_opted_out(conversation, ann):
    opt_out("boss@firm.de")
    with pytest.raises(Refused):
        forward(
            message=conversation.messages.received().get(), author=ann, to="boss@firm.de", text="", send_at=clock.now()
        )


def test_typed_addresses_are_split_at_whatever_stands_between():
    assert split("a@x.de, <b@x.de>; c@x.de a@x.de") == ("a@x.de", "b@x.de", "c@x.de")
