"""Smartlead's webhooks: believed only when signed, in any order; replies become messages like any other."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest
from django.urls import reverse

from conversations.consent.models import Suppression
from conversations.inbound import handling
from conversations.inbound.models import InboundEvent
from conversations.models import Message
from conversations.services import conversation_for
from outreach.core import clock
from tests.conversations.factories import make_lead, make_message, make_sender
from tests.servers.fake_smartlead import CAMPAIGN, SECRET, event, sign

pytestmark = pytest.mark.django_db
SAM = "sam@acme.de"


@pytest.fixture
def sender():
    sender = make_sender(adapter="smartlead", settings={"campaign_id": str(CAMPAIGN)})
    sender.set_credentials({"api_key": "k", "webhook_key": SECRET})
    sender.save()
    return sender


@pytest.fixture
def message(sender):
    lead = make_lead(email=SAM)
    message = make_message(conversation=conversation_for(lead=lead), sender=sender)
    hour_ago = clock.now() - timedelta(hours=1)
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=hour_ago, sending_at=hour_ago)
    message.refresh_from_db()
    return message


@pytest.fixture
def post(client, sender):
    def deliver(payload, headers=None):
        body = json.dumps(payload).encode()
        url = reverse("inbound:provider", args=["smartlead", sender.pk])
        given = sign(body) if headers is None else headers
        return client.post(url, body, content_type="application/json", headers=given)

    return deliver


@pytest.fixture
def tell(post):
    def deliver(kind, address=SAM, **further):
        assert post(event(kind, address, **further)).status_code == 200
        for row in InboundEvent.objects.filter(state="stored"):
            handling.handle(row)

    return deliver


def again(message):
    message.refresh_from_db()
    return message


STEPS = {"EMAIL_SENT": "delivered", "EMAIL_OPEN": "opened", "EMAIL_LINK_CLICK": "clicked"}


@pytest.mark.parametrize("order", list(itertools.permutations(STEPS)))
def test_every_order_ends_alike(message, tell, order):
    for kind in order:
        tell(kind, message_id="<abc@smartlead.example>")
    assert again(message).state == "clicked"
    assert message.provider_id == "abc@smartlead.example"
    assert sorted(message.events.exclude(kind="scheduled").values_list("kind", flat=True)) == sorted(STEPS.values())


def test_a_repeated_event_is_one_event(message, post):
    payload = event("EMAIL_SENT", SAM, message_id="<abc@smartlead.example>")
    for _ in range(3):
        assert post(payload).status_code == 200
    assert InboundEvent.objects.count() == 1


def test_the_nested_shape_is_read_too(message, post):
    payload = {
        "event": "EMAIL_OPENED", "timestamp": clock.now().isoformat(), "campaign_id": CAMPAIGN, "lead_id": 7,
        "lead": {"email": SAM}, "email": {"subject": "Hi", "message_id": "abc@smartlead.example"},
    }  # fmt: skip
    assert post(payload).status_code == 200
    handling.handle(InboundEvent.objects.get())
    assert again(message).state == "opened"


def test_a_reply_becomes_a_message_and_stops_what_was_planned(message, sender, tell):
    follow_up = make_message(conversation=message.conversation, sender=sender, follows=message)
    reply = {"message_id": "<r1@acme.de>", "text": "Sounds good, call me.\n\n> Hello", "time": clock.now().isoformat()}
    tell("EMAIL_REPLY", subject="Re: Hello", reply_message=reply)
    received = Message.objects.get(direction="in")
    assert (received.conversation, received.body) == (message.conversation, "Sounds good, call me.")
    assert (received.follows, received.rfc_message_id) == (message, "r1@acme.de")
    assert again(message).state == "replied"
    assert again(follow_up).state == "cancelled"
    tell("EMAIL_REPLY", subject="Re: Hello", reply_message={**reply, "html": "<p>Sounds good, call me.</p>"})
    assert Message.objects.filter(direction="in").count() == 1


def test_a_colleague_who_answers_is_heard_in_the_same_conversation(message, tell):
    people = {"targetLeadEmail": SAM, "replyReceivedFrom": "kim@acme.de"}
    tell(
        "EMAIL_REPLY",
        leadCorrespondence=people,
        reply_message={"message_id": "<r2@acme.de>", "html": "<p>I am in charge.</p>"},
    )
    received = Message.objects.get(direction="in")
    assert (received.address, received.conversation, received.body) == (
        "kim@acme.de", message.conversation, "I am in charge.",
    )  # fmt: skip


def test_a_hard_bounce_suppresses_and_a_soft_one_does_not(message, tell):
    tell("EMAIL_BOUNCE", bounce_message="452 4.2.2 Mailbox full")
    assert (again(message).state, Suppression.objects.exists()) == ("bounced", False)


def test_who_does_not_exist_is_not_written_to_again(message, tell):
    tell("EMAIL_BOUNCE", bounce_message="550 5.1.1 User unknown")
    assert again(message).state == "bounced"
    assert Suppression.objects.get().reason == "bounce"


def test_who_unsubscribed_there_is_opted_out_here(message, tell):
    tell("LEAD_UNSUBSCRIBED")
    row = Suppression.objects.get()
    assert (row.reason, row.lead) == ("opt_out", message.lead)


def test_an_event_about_somebody_else_is_kept_and_ignored(message, tell):
    tell("EMAIL_OPEN", "stranger@acme.de")
    assert InboundEvent.objects.get().state == "ignored"
    assert again(message).state == "sent"


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Smartlead-Signature": "sha256=" + "0" * 64}, sign(b"another body"), {"X-Smartlead-Signature": ""}],
)
def test_a_forged_request_is_refused(message, post, headers):
    assert post(event("EMAIL_REPLY", SAM), headers).status_code == 403
    assert not InboundEvent.objects.exists()


def test_the_secret_in_the_body_counts_where_there_is_no_signature_and_is_not_kept(message, post):
    assert post({**event("EMAIL_OPEN", SAM), "secret_key": "wrong"}, {}).status_code == 403
    assert post({**event("EMAIL_OPEN", SAM), "secret_key": SECRET}, {}).status_code == 200
    assert SECRET not in json.dumps(InboundEvent.objects.get().fields)
    assert (
        post({**event("EMAIL_OPEN", SAM), "secret_key": SECRET}, {"X-Smartlead-Signature": "sha256=x"}).status_code
        == 403
    )


def test_without_a_secret_nobody_is_believed(message, sender, post):
    sender.set_credentials({"api_key": "k"})
    sender.save()
    body = json.dumps(event("EMAIL_OPEN", SAM)).encode()
    assert post(event("EMAIL_OPEN", SAM), sign(body, "")).status_code == 403


@pytest.mark.parametrize("payload", [[], "text", 7, None])
def test_what_is_no_event_is_answered_so(message, post, payload):
    assert post(payload).status_code == 400


def test_events_that_say_nothing_of_a_message_are_not_kept(message, post):
    assert post(event("CAMPAIGN_STATUS_CHANGED", "")).status_code == 200
    assert not InboundEvent.objects.exists()
