"""From the outbox to the inbox without any account: the sandbox sends, its people answer, the answer is understood."""

from datetime import timedelta

import pytest
import time_machine

from campaigns.demo.sandbox import recorder
from conversations.consent.models import Suppression
from conversations.dispatch.sending import send_due
from conversations.inbound.models import InboundEvent
from conversations.models import Message
from outreach.core import clock
from outreach.jobs.draining import drain
from tests.conversations.factories import make_conversation, make_lead, make_message, make_sender

pytestmark = pytest.mark.django_db


def life_of(address, *, channel="email"):
    """The message to `address` an hour after it was sent."""
    ours = "me@sandbox.example" if channel == "email" else "+12025550100"
    sender = make_sender(channel=channel, adapter="sandbox", address=ours, settings={})
    addresses = {"email": address} if channel == "email" else {"phone": address}
    lead = make_lead(country="US", time_zone="America/New_York", **addresses)
    message = make_message(conversation=make_conversation(lead), sender=sender)
    assert send_due(channels=(channel,)) == 1
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        recorder.play_due()
        drain()
    message.refresh_from_db()
    return message


def unpatient(character):
    """An address of that character whose owner does not wait for the reminder."""
    from campaigns.demo.sandbox import persona

    for number in range(100):
        address = f"person{number}+{character}@firm.example"
        planned = persona.reactions(address, seed="outreach", channel="email", language="en")
        if any(reaction.kind == "reply" for reaction in planned):
            return address
    raise AssertionError(character)


def test_an_interested_person_is_read_as_such():
    message = life_of(unpatient("books"))
    assert message.state == "replied"
    reply = Message.objects.get(direction="in", conversation=message.conversation)
    assert reply.readings.first().intent in {"positive", "booking"}
    assert ">" not in reply.body


def test_an_opt_out_is_honoured():
    message = life_of(unpatient("opts_out"))
    assert Suppression.objects.filter(lead=message.lead, reason="opt_out").exists()


def test_a_bounce_is_a_bounce_and_the_address_is_given_up():
    message = life_of("anna+bounces@firm.example")
    assert message.state == "bounced"
    assert Suppression.objects.filter(address=message.address, reason="bounce").exists()


def test_an_absence_is_no_reply():
    message = life_of("anna+away@firm.example")
    assert message.state == "delivered"
    assert InboundEvent.objects.get().kind == "out_of_office"
