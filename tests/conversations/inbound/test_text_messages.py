"""What follows from a text message that came in."""

from __future__ import annotations

import pytest

from conversations.consent.services import is_suppressed
from conversations.dispatch.gate import examine
from conversations.inbound import handling, services
from conversations.models import Conversation, Message
from conversations.replies.models import Reading
from outreach.core import clock
from tests.conversations.factories import make_lead, make_message, make_sender

pytestmark = pytest.mark.django_db


def text(to: Message, body: str, **fields: str) -> dict[str, str]:
    return {"From": to.address, "To": to.sender.address, "Body": body, "MessageSid": "SM1", **fields}


def test_a_text_message_is_matched_to_its_sender_and_answered(sent):
    lead = make_lead(phone="+4915112345000")
    message = make_message(conversation=Conversation.objects.create(lead=lead), sender=make_sender(channel="sms"))
    Message.objects.filter(pk=message.pk).update(state="sent")
    event = services.store(
        source="twilio.message", external_id="SM1", sender=message.sender, fields=text(message, "How much is it?")
    )
    handling.handle(event)
    assert event.message.conversation == message.conversation
    assert event.message.provider_id == "SM1"
    assert Reading.objects.get().intent == "question"


@pytest.fixture
def texted():
    """Somebody got a text message."""
    lead = make_lead(phone="+4915112345000")
    message = make_message(conversation=Conversation.objects.create(lead=lead), sender=make_sender(channel="sms"))
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=clock.now())
    message.refresh_from_db()
    return message


def confirmations_after(texted: Message, body: str, **fields: str):
    event = services.store(
        source="twilio.message", external_id="SM1", sender=texted.sender, fields=text(texted, body, **fields)
    )
    handling.handle(event)
    assert event.state == "handled", event.error
    return Message.objects.filter(approval_rule="opt-out-confirmation")


def test_an_opt_out_in_words_by_text_message_is_confirmed_once(texted):
    message = confirmations_after(texted, "Please stop texting me").get()
    assert message.state == "scheduled" and examine(message).passed["not_suppressed"]
    again = services.store(
        source="twilio.message",
        external_id="SM2",
        sender=texted.sender,
        fields=text(texted, "stop texting me", MessageSid="SM2"),
    )
    handling.handle(again)
    assert [
        examine(row).passed["not_suppressed"]
        for row in Message.objects.filter(approval_rule="opt-out-confirmation", state="scheduled")
    ].count(True) <= 1


def test_the_exemption_carries_nothing_but_the_fixed_words(texted):
    message = confirmations_after(texted, "Please stop texting me").get()
    Message.objects.filter(pk=message.pk).update(body="And one more offer")
    message.refresh_from_db()
    assert not examine(message).passed["not_suppressed"]


@pytest.mark.parametrize(("body", "fields"), [("STOP", {}), ("Arrêt", {"OptOutType": "STOP"})])
def test_what_the_carrier_confirms_is_not_confirmed_twice(texted, body, fields):
    assert not confirmations_after(texted, body, **fields).exists()
    assert is_suppressed(channel="sms", address=texted.address)


def test_the_russian_keyword_is_confirmed_by_us(texted):
    assert confirmations_after(texted, "СТОП").get().body.startswith("Вы отписаны")
