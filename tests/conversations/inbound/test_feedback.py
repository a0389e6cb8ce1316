"""The sweep: what callbacks missed is asked for, in turns, and is the same event when the callback comes after all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversations.channels.base import Fault, NotSent, Report
from conversations.inbound import feedback, handling, services
from conversations.inbound.models import FeedbackCursor, InboundEvent
from conversations.models import Message
from outreach.core import clock
from tests.conversations.factories import make_message, make_sender
from tests.servers import fake_esp as server
from tests.servers import fake_twilio as twilio_server

pytestmark = pytest.mark.django_db
NAMES = ["sendgrid", "resend", "mailgun", "postmark"]


def sent(sender, *, hours=1.0, **changes):
    message = make_message(sender=sender)
    at = clock.now() - timedelta(hours=hours)
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=at, sending_at=at, **changes)
    message.refresh_from_db()
    return message


def handle_all():
    for event in InboundEvent.objects.filter(state="stored"):
        handling.handle(event)


class TestProviders:
    @pytest.fixture(params=NAMES)
    def name(self, request):
        return request.param

    @pytest.fixture
    def sender(self, fake_esp, name):
        sender = make_sender(adapter=name, address="me@firm.example", settings={"base_url": fake_esp.url(name)})
        sender.set_credentials({"api_key": server.KEY})
        sender.save()
        return sender

    def deliver(self, esp, name, message):
        """The provider has the message and knows that it was delivered."""
        identifier = message.rfc_message_id if name == "mailgun" else "P-1"
        Message.objects.filter(pk=message.pk).update(provider_id=identifier)
        taken = server.Taken(
            name, identifier, message.address, message.subject, metadata={server.METADATA: str(message.pk)}
        )
        taken.status, taken.raw = "delivered", {"from": {"email": "me@firm.example"} if name == "sendgrid" else "me"}
        esp.take(taken)
        at = clock.now()
        esp.events[identifier] = {
            "mailgun": [
                {"id": "e1", "event": "delivered", "timestamp": at.timestamp(), "recipient": message.address,
                 "message": {"headers": {"message-id": identifier}}, "user-variables": taken.metadata}
            ],
            "postmark": [{"Recipient": message.address, "Type": "Delivered", "ReceivedAt": at.isoformat(), "Details": {}}],
        }.get(name, [])  # fmt: skip

    def test_a_missed_delivery_is_found_once(self, fake_esp, name, sender):
        message = sent(sender)
        self.deliver(fake_esp, name, message)
        assert feedback.sweep(now=clock.now()) == 1
        assert feedback.sweep(now=clock.now()) == 0
        handle_all()
        message.refresh_from_db()
        assert message.state == "delivered"
        assert feedback.sweep(now=clock.now()) == 0

    def test_what_was_sent_just_now_or_long_ago_is_not_asked_for(self, fake_esp, name, sender):
        for hours in (0.1, 100):
            self.deliver(fake_esp, name, sent(sender, hours=hours))
            Message.objects.update(provider_id="")
        assert feedback.sweep(now=clock.now()) == 0

    def test_a_key_that_is_refused_is_written_down(self, fake_esp, name, sender):
        sender.set_credentials({"api_key": "wrong"})
        sender.save()
        sent(sender, provider_id="P-1")
        assert feedback.sweep(now=clock.now()) == 0
        assert FeedbackCursor.objects.get().error


class Asked:
    """An adapter that remembers whom it was asked for."""

    name = "resend"

    def __init__(self, error=None):
        self.numbers, self.error = [], error

    def reports(self, account, outgoing, provider_id):
        if self.error:
            raise self.error
        self.numbers.append(outgoing.id)
        return [Report("provider.resend", f"status:{outgoing.id}", {"event": {"type": "email.sent"}, "id": ""})]


def test_a_run_is_bounded_and_the_next_one_goes_on(monkeypatch):
    monkeypatch.setattr(feedback, "MESSAGES_A_SENDER", 2)
    sender = make_sender(adapter="resend", settings={})
    numbers = [sent(sender, hours=10 - n).pk for n in range(5)]
    asked = Asked()
    runs = []
    for _ in range(4):
        asked.numbers = []
        feedback.sweep(now=clock.now(), adapter_for=lambda _name: asked)
        runs.append(asked.numbers)
    assert runs == [numbers[:2], numbers[2:4], numbers[4:], numbers[:2]]


def test_a_carrier_that_cannot_be_asked_loses_no_place():
    sender = make_sender(adapter="resend", settings={})
    sent(sender)
    broken = Asked(NotSent(Fault.PASSING, "no_connection", "cannot be reached"))
    feedback.sweep(now=clock.now(), adapter_for=lambda _name: broken)
    cursor = FeedbackCursor.objects.get()
    assert (cursor.after_sent_at, cursor.error) == (None, "cannot be reached")


def test_twilios_status_is_asked_for_and_a_late_callback_is_the_same_event(fake_twilio):
    settings = {"account_sid": twilio_server.ACCOUNT_SID, "base_url": fake_twilio.url}
    sender = make_sender(channel="sms", address="+12025550100", settings=settings)
    sender.set_credentials({"auth_token": twilio_server.AUTH_TOKEN})
    sender.save()
    from conversations.channels.base import Outgoing
    from conversations.channels.registry import adapter
    from conversations.senders.services import account
    from tests.conversations.factories import make_conversation, make_lead

    lead = make_lead(phone="+4915112345670")
    message = make_message(conversation=make_conversation(lead), sender=sender, subject="")
    fake_twilio.options.sends_callbacks = False
    taken = adapter("twilio").send(account(sender), Outgoing(message.pk, "sms", "+4915112345670", "", "Hello"))
    hour_ago = clock.now() - timedelta(hours=1)
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=hour_ago, provider_id=taken.provider_id)
    fake_twilio.messages[taken.provider_id]["status"] = "delivered"
    assert feedback.sweep(now=clock.now()) == 1
    handle_all()
    message.refresh_from_db()
    assert message.state == "delivered"
    late = services.store(source="twilio.status", external_id=f"{taken.provider_id}:delivered", sender=sender)
    assert late is None
