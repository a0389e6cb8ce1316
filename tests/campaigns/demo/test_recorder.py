"""The sandbox with its database: what simulated recipients do is planned once and comes in through the common doors."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from campaigns.demo.sandbox import recorder
from campaigns.demo.sandbox.adapter import ADAPTER
from campaigns.demo.sandbox.models import SandboxEvent
from conversations.channels.base import Account
from conversations.dispatch.outgoing import outgoing
from conversations.inbound.models import InboundEvent
from conversations.models import Message
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead, make_message, make_sender

pytestmark = pytest.mark.django_db


def sandbox_message(address, *, channel="email", **fields):
    ours = "me@sandbox.example" if channel == "email" else "+12025550100"
    sender = make_sender(channel=channel, adapter="sandbox", address=ours, settings={})
    addresses = {"email": address} if channel == "email" else {"phone": address}
    message = make_message(conversation=make_conversation(make_lead(**addresses)), sender=sender, **fields)
    row = Message.objects.filter(pk=message.pk)
    row.update(state="claimed", claim_token=uuid.uuid4())
    row.update(state="sending", sending_at=message.created_at)
    message.refresh_from_db()
    return message


def send(message):
    sender = message.sender
    account = Account(sender.pk, sender.channel, sender.address, "", sender.settings, {})
    accepted = ADAPTER.send(account, outgoing(message))
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=clock.now(), provider_id=accepted.provider_id)
    return account


def later():
    return time_machine.travel(clock.now() + timedelta(hours=1), tick=False)


def test_somebody_who_asks_opens_and_replies_within_minutes():
    message = sandbox_message("anna+asks@firm.example")
    send(message)
    planned = SandboxEvent.objects.filter(message=message)
    kinds = [event.kind for event in planned.order_by("due_at")]
    assert kinds[0] == "delivered"
    assert set(kinds) <= {"delivered", "opened", "clicked", "reply"}
    assert max(event.due_at for event in planned) < clock.now() + timedelta(minutes=6)


def test_nothing_happens_before_it_is_due():
    send(sandbox_message("anna+books@firm.example"))
    with time_machine.travel(clock.now() - timedelta(minutes=1), tick=False):
        assert recorder.play_due() == 0


def test_what_is_due_happens_once():
    message = sandbox_message("anna+clicks@firm.example")
    send(message)
    with later():
        assert recorder.play_due() == 3
        assert recorder.play_due() == 0
    message.refresh_from_db()
    assert message.state == "clicked"
    assert message.events.filter(kind__in=["delivered", "opened", "clicked"]).count() == 3


def test_a_bounce_comes_in_as_raw_mail():
    message = sandbox_message("anna+bounces@firm.example")
    send(message)
    with later():
        recorder.play_due()
    event = InboundEvent.objects.get()
    assert (event.source, event.sender) == ("imap.sandbox", message.sender)
    assert b"message/delivery-status" in bytes(event.body)
    assert message.rfc_message_id.encode() in bytes(event.body)


def test_a_text_comes_in_with_the_fields_of_twilio():
    message = sandbox_message("+12025550196", channel="sms", is_stopped_by_reply=True)
    send(message)
    with later():
        recorder.play_due()
    for event in SandboxEvent.objects.filter(message=message):
        assert event.error == ""
    texts = InboundEvent.objects.filter(source="twilio.message.sandbox")
    for event in texts:
        assert (event.fields["From"], event.fields["To"]) == ("+12025550196", "+12025550100")
        assert event.fields["Body"]


def test_sending_the_same_message_again_plans_nothing_twice():
    message = sandbox_message("anna+books@firm.example")
    account = send(message)
    before = SandboxEvent.objects.count()
    ADAPTER.send(account, replace(outgoing(message)))
    assert SandboxEvent.objects.count() == before
