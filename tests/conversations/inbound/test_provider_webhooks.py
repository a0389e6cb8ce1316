"""Five providers' webhooks: believed only when signed, kept once, understood in any order."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest
from django.urls import reverse

from conversations.channels.providers.ses import webhook as ses_webhook
from conversations.consent.models import Suppression
from conversations.inbound import handling
from conversations.inbound.models import InboundEvent
from conversations.models import Message, MessageEvent
from leads.models import Identity
from outreach.core import clock
from tests.conversations.factories import make_lead, make_message, make_sender
from tests.conversations.inbound import exchanges
from tests.conversations.inbound.exchanges import About

pytestmark = pytest.mark.django_db
PROVIDERS = ["sendgrid", "resend", "mailgun", "postmark", "ses"]


class Line:
    """A sender at one provider, a message that left from it, and the provider's side of the wire."""

    def __init__(self, client, esp, provider):
        self.client, self.esp, self.provider = client, esp, provider
        ses_webhook._public_key.cache_clear()
        settings = {"base_url": esp.url(provider)}
        credentials = {"api_key": "k"}
        if provider == "ses":
            settings |= {"region": "eu-central-1", "access_key_id": "A", "topic_arn": exchanges.TOPIC}
            esp.files["/cert.pem"] = exchanges.sns_certificate()
        else:
            credentials["webhook_key"] = exchanges.KEYS[provider]()
        self.sender = make_sender(adapter=provider, settings=settings)
        self.sender.set_credentials(credentials)
        self.sender.save()
        self.lead = make_lead(email="sam@acme.de")
        self.message = self.make("P-1")
        self.url = reverse("inbound:provider", args=[provider, self.sender.pk])

    def make(self, provider_id, lead=None):
        from conversations.services import conversation_for

        message = make_message(conversation=conversation_for(lead=lead or self.lead), sender=self.sender)
        if self.provider == "mailgun":  # it calls a message by our Message-ID
            provider_id = message.rfc_message_id
        hour_ago = clock.now() - timedelta(hours=1)
        Message.objects.filter(pk=message.pk).update(
            state="sent", sent_at=hour_ago, sending_at=hour_ago, provider_id=provider_id
        )
        message.refresh_from_db()
        return message

    def about(self, **changes):
        message = self.message
        return About(message.pk, message.provider_id, message.address, message.rfc_message_id, **changes)

    def body(self, kind, about=None):
        payload = exchanges.EVENTS[self.provider](kind, about or self.about())
        if self.provider == "ses":
            payload = exchanges.signed_by(payload, f"{self.esp.root}/cert.pem")
        return json.dumps(payload).encode()

    def post(self, body, headers=None):
        headers = exchanges.sign(self.provider, body) if headers is None else headers
        return self.client.post(self.url, body, content_type="application/json", headers=headers)

    def tell(self, kind, about=None):
        assert self.post(self.body(kind, about)).status_code == 200
        for event in InboundEvent.objects.filter(state="stored"):
            handling.handle(event)
        self.message.refresh_from_db()
        return self.message

    def kinds(self):
        return list(self.message.events.exclude(kind="scheduled").order_by("id").values_list("kind", flat=True))


@pytest.fixture(params=PROVIDERS)
def line(request, client, fake_esp):
    return Line(client, fake_esp, request.param)


def test_a_delivery_moves_the_message_up(line):
    assert line.tell("delivered").state == "delivered"
    assert line.message.delivered_at is not None


def test_every_event_in_every_order_ends_alike(line):
    for order in itertools.permutations(["delivered", "opened", "clicked"]):
        line.message = line.make(f"P-{'-'.join(order)}")
        for kind in order:
            line.tell(kind)
        assert line.message.state == "clicked"
        assert all((line.message.delivered_at, line.message.opened_at, line.message.clicked_at))


def test_a_repeated_event_is_one_event(line):
    body = line.body("delivered", line.about(event_id="same"))
    headers = exchanges.sign(line.provider, body, event_id="same")
    for _ in range(3):
        assert line.post(body, headers).status_code == 200
    line.tell("delivered", line.about(event_id="another"))
    line.tell("delivered")
    assert line.kinds() == ["delivered"]


def test_a_late_delivery_does_not_undo_an_opening(line):
    line.tell("opened")
    assert line.tell("delivered").state == "opened"


def test_a_hard_bounce_suppresses_the_address_and_marks_it(line):
    assert line.tell("bounced").state == "bounced"
    assert Suppression.objects.get().reason == "bounce"
    assert Identity.objects.get(lead=line.lead).status == Identity.Status.INVALID


def test_a_block_is_about_us_and_not_about_the_address(line):
    if line.provider == "resend":
        pytest.skip("Resend tells bounces of one kind only")
    assert line.tell("blocked").state in {"bounced", "failed"}
    assert not Suppression.objects.exists()


def test_soft_bounces_in_a_row_suppress_the_address(client, fake_esp):
    line = Line(client, fake_esp, "sendgrid")
    for message in [line.message, line.make("P-2"), line.make("P-3")]:
        assert not Suppression.objects.exists()
        line.message = message
        line.tell("full")
    assert Suppression.objects.get().reason == "bounce"


def test_a_deferral_changes_nothing(line):
    assert line.tell("deferred").state == "sent"
    assert line.kinds() == ["delayed"]
    assert line.tell("delivered").state == "delivered"


def test_a_complaint_suppresses_the_person_on_every_channel(line):
    line.tell("complained")
    row = Suppression.objects.get(lead=line.lead, address_digest__gt="")
    assert (row.reason, row.channel) == ("complaint", "")
    assert "complained" in line.kinds()


def test_an_unsubscription_suppresses_the_person_and_cancels_what_is_planned(line):
    if line.provider == "resend":
        pytest.skip("Resend tells of no unsubscription")
    planned = make_message(
        conversation=line.message.conversation, sender=line.sender, scheduled_at=clock.now() + timedelta(days=2)
    )
    line.tell("unsubscribed")
    planned.refresh_from_db()
    assert planned.state == "cancelled"
    assert Suppression.objects.filter(reason="opt_out", lead=line.lead).exists()


def test_it_settles_an_unknown_message(line):
    Message.objects.filter(pk=line.message.pk).update(state="unknown", sent_at=None, provider_id="")
    about = line.about()
    about.provider_id = "" if line.provider != "resend" else "P-9"
    assert line.tell("delivered", about).state == "delivered"


def test_a_forged_request_is_refused_and_nothing_is_kept(line):
    body = line.body("complained")
    forged = json.loads(body)
    if line.provider == "mailgun":
        forged["signature"]["signature"] = "0" * 64
    elif line.provider == "ses":
        forged["Message"] = forged["Message"].replace("abuse", "fraud")
    for headers in ({}, {"X-Twilio-Email-Event-Webhook-Signature": "!", "Svix-Id": "a", "Svix-Signature": "v1,x"}):
        wrong = json.dumps(forged).encode() if line.provider in {"mailgun", "ses"} else body
        assert line.post(wrong, headers).status_code == 403
    assert not InboundEvent.objects.exists()


def test_a_changed_body_breaks_the_signature(line):
    if line.provider in {"mailgun", "postmark"}:
        pytest.skip("its proof does not cover the body")
    body = line.body("delivered")
    headers = exchanges.sign(line.provider, body)
    assert line.post(body.replace(b"sam@acme.de", b"eve@acme.de"), headers).status_code == 403


def test_a_sender_without_a_key_believes_nobody(line):
    line.sender.set_credentials({"api_key": "k"})
    line.sender.settings.pop("topic_arn", None)
    line.sender.save()
    assert line.post(line.body("delivered")).status_code == 403


def test_another_senders_message_is_none_of_its_business(line):
    other = make_message(sender=make_sender(adapter=line.provider))
    Message.objects.filter(pk=other.pk).update(state="sent", sent_at=clock.now())
    line.tell("bounced", About(other.pk, "P-7", other.address))
    other.refresh_from_db()
    assert other.state == "sent"
    assert not Suppression.objects.exists()


def test_what_is_no_event_is_answered_400(line):
    for body in (b"{}", b"[1]", b"not json"):
        status = line.post(body).status_code
        assert status in {400, 403}
    assert not InboundEvent.objects.exists()


def test_an_unknown_sender_or_provider_looks_like_a_forgery(line):
    body = line.body("delivered")
    headers = exchanges.sign(line.provider, body)
    for url in (
        reverse("inbound:provider", args=[line.provider, line.sender.pk + 99]),
        reverse("inbound:provider", args=["smtp", line.sender.pk]),
        reverse("inbound:provider", args=["carrier-pigeon", line.sender.pk]),
    ):
        assert line.client.post(url, body, content_type="application/json", headers=headers).status_code == 403


class TestSendGrid:
    @pytest.fixture
    def line(self, client, fake_esp):
        return Line(client, fake_esp, "sendgrid")

    def test_a_batch_is_kept_event_by_event(self, line):
        batch = json.dumps(
            [*exchanges.sendgrid("delivered", line.about()), *exchanges.sendgrid("opened", line.about())]
        )
        assert line.post(batch.encode()).status_code == 200
        assert InboundEvent.objects.count() == 2

    def test_what_it_takes_for_a_machine_is_no_opening(self, line):
        assert line.tell("machine_opened").state == "sent"
        assert line.kinds() == ["machine_opened"]

    def test_what_it_dropped_was_not_sent(self, line):
        assert line.tell("dropped").state == "failed"
        assert Suppression.objects.get().reason == "bounce"

    def test_what_it_dropped_for_an_opt_out_is_one(self, line):
        line.tell("dropped_opt_out")
        assert Suppression.objects.filter(reason="opt_out", lead=line.lead).exists()


class TestSes:
    @pytest.fixture
    def line(self, client, fake_esp):
        return Line(client, fake_esp, "ses")

    def notice(self, line, **changes):
        url = f"{line.esp.root}/confirm?Token=t"
        notice = exchanges.sns(
            "SubscriptionConfirmation", Message="You have chosen", MessageId="m1", Token="t", SubscribeURL=url
        )
        return json.dumps(exchanges.signed_by(notice | changes, f"{line.esp.root}/cert.pem")).encode()

    def test_the_subscription_of_our_own_topic_is_confirmed(self, line):
        line.esp.files["/confirm"] = b"<ConfirmSubscriptionResponse/>"
        assert line.post(self.notice(line)).status_code == 200
        handling.handle(InboundEvent.objects.get())
        assert ("GET", "/confirm") in [(verb, path) for verb, path, _headers in line.esp.requests]
        assert InboundEvent.objects.get().kind == "confirmation"

    def test_a_topic_of_somebody_else_is_refused_though_amazon_signs_for_it(self, line):
        strange = exchanges.TOPIC.replace("123456789012", "999999999999")
        assert line.post(self.notice(line, TopicArn=strange)).status_code == 403

    def test_a_certificate_from_elsewhere_is_not_even_asked_for(self, line):
        body = line.body("delivered").replace(line.esp.root.encode(), b"https://evil.example")
        before = len(line.esp.requests)
        assert line.post(body).status_code == 403
        assert len(line.esp.requests) == before


def test_the_events_of_all_kinds_are_on_the_message(client, fake_esp):
    line = Line(client, fake_esp, "mailgun")
    for kind in ("delivered", "machine_opened", "opened", "clicked", "unsubscribed", "complained"):
        line.tell(kind)
    assert line.kinds() == ["delivered", "machine_opened", "opened", "clicked", "unsubscribed", "complained"]
    assert MessageEvent.objects.get(kind="clicked").data["url"] == "https://firm.example/offer"


def test_a_signature_of_mailgun_counts_once(client, fake_esp):
    """It does not cover the event: who saw one genuine request must not be able to tell another story with it."""
    line = Line(client, fake_esp, "mailgun")
    genuine = json.loads(line.body("delivered"))
    made_up = {**json.loads(line.body("complained")), "signature": genuine["signature"]}
    for payload in (genuine, made_up, genuine):
        assert line.post(json.dumps(payload).encode()).status_code == 200
    assert InboundEvent.objects.count() == 1
    line.tell("opened")
    assert sorted(line.kinds()) == ["delivered", "opened"]
    assert not Suppression.objects.exists()
