"""Twilio's webhooks: only what is signed is believed, each event once, answered at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog
from twilio.request_validator import RequestValidator

from conversations.channels.sms import callbacks
from conversations.inbound import services, webhooks
from conversations.inbound.models import InboundEvent
from outreach.jobs.models import QueueItem
from tests.conversations.factories import make_sender

TOKEN = "fake-twilio-auth-token"
FORM = {
    "MessageSid": "SM1",
    "From": "+12025550101",
    "To": "+12025550100",
    "Body": "Yes, tell me more",
    "AccountSid": "AC1",
}


def twilio_sender(**fields):
    sender = make_sender(channel="sms", **fields)
    sender.set_credentials({"auth_token": TOKEN})
    sender.save()
    return sender


def post(client, url, form, *, token=TOKEN, signature=None):
    signature = RequestValidator(token).compute_signature(url, form) if signature is None else signature
    path = "/" + url.split("://", 1)[1].split("/", 1)[1]
    return client.post(path, form, headers={"X-Twilio-Signature": signature})


@pytest.mark.django_db
class TestSignatures:
    @pytest.fixture
    def sender(self):
        return twilio_sender()

    def test_a_signed_text_is_stored_and_answered_with_empty_twiml(self, client, sender):
        response = post(client, callbacks.inbound_url(sender.pk), FORM)
        assert (response.status_code, response["Content-Type"]) == (200, "text/xml")
        assert response.content.decode() == webhooks.EMPTY_TWIML
        event = InboundEvent.objects.get()
        assert (event.source, event.external_id, event.sender) == ("twilio.message", "SM1", sender)
        assert event.fields["Body"] == "Yes, tell me more"
        assert QueueItem.objects.filter(task="conversations.inbound.tasks.handle", arguments=[event.pk]).count() == 1

    @pytest.mark.parametrize("signature", ["", "forged", "0RYyHxLDJ4dGQ8RcXvSqYBbLJmE="])
    def test_a_forged_one_is_refused_and_logged(self, client, sender, signature, monkeypatch):
        logged = structlog.testing.CapturingLogger()
        monkeypatch.setattr(webhooks, "logger", logged)
        response = post(client, callbacks.inbound_url(sender.pk), FORM, signature=signature)
        assert response.status_code == 403
        assert InboundEvent.objects.count() == 0
        assert [(call.method_name, call.args) for call in logged.calls] == [("warning", ("webhook.forged",))]

    def test_a_changed_field_breaks_the_signature(self, client, sender):
        url = callbacks.inbound_url(sender.pk)
        signature = RequestValidator(TOKEN).compute_signature(url, FORM)
        assert post(client, url, {**FORM, "Body": "STOP"}, signature=signature).status_code == 403

    def test_a_signature_for_another_sender_does_not_fit(self, client, sender):
        other = twilio_sender()
        signature = RequestValidator(TOKEN).compute_signature(callbacks.inbound_url(other.pk), FORM)
        assert post(client, callbacks.inbound_url(sender.pk), FORM, signature=signature).status_code == 403

    def test_an_unknown_sender_looks_like_a_forgery(self, client, sender):
        assert post(client, callbacks.inbound_url(sender.pk + 1), FORM).status_code == 403

    def test_a_sender_without_a_token_believes_nobody(self, client):
        sender = make_sender(channel="sms")
        assert post(client, callbacks.inbound_url(sender.pk), FORM, token="").status_code == 403

    def test_behind_a_proxy_the_public_address_counts(self, client, sender, settings):
        settings.PUBLIC_BASE_URL = "https://outreach.firm.de"
        url = callbacks.status_url(sender.pk, 12)
        assert url == f"https://outreach.firm.de/webhooks/twilio/{sender.pk}/status?message=12"
        form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
        assert post(client, url, form).status_code == 200
        event = InboundEvent.objects.get()
        assert (event.source, event.external_id) == ("twilio.status", "SM1:delivered")
        assert event.fields["message_id"] == "12"


@pytest.mark.django_db
class TestBounds:
    @pytest.fixture
    def sender(self):
        return twilio_sender()

    def test_a_body_beyond_all_texts_is_refused(self, client, sender):
        form = {**FORM, "Body": "x" * webhooks.MAXIMUM_BODY_BYTES}
        assert post(client, callbacks.inbound_url(sender.pk), form).status_code == 413

    def test_only_post_is_taken(self, client, sender):
        assert client.get(f"/webhooks/twilio/{sender.pk}/message").status_code == 405

    def test_a_text_without_an_id_is_refused(self, client, sender):
        form = {key: value for key, value in FORM.items() if key != "MessageSid"}
        assert post(client, callbacks.inbound_url(sender.pk), form).status_code == 400

    def test_nul_characters_are_stripped(self, client, sender):
        assert post(client, callbacks.inbound_url(sender.pk), {**FORM, "Body": "a\0b"}).status_code == 200
        assert InboundEvent.objects.get().fields["Body"] == "ab"


@pytest.mark.django_db
class TestStore:
    def test_the_same_event_is_stored_once(self):
        first = services.store(source="imap", external_id="1", body=b"a")
        assert first is not None
        assert first.received_at is not None
        assert services.store(source="imap", external_id="1", body=b"another") is None
        assert services.store(source="network", external_id="1") is not None
        assert QueueItem.objects.filter(task="conversations.inbound.tasks.handle").count() == 2

    def test_what_postgres_cannot_hold_is_cleaned(self):
        event = services.store(source="x", external_id="1\0", fields={"a\0": ["b\0", {"c": "\ud800"}], "n": 1})
        event.refresh_from_db()
        assert event.fields == {"a": ["b", {"c": "?"}], "n": 1}
        assert event.external_id == "1"

    def test_raw_bytes_are_kept_as_they_came(self):
        raw = bytes(range(256))
        services.store(source="x", external_id="1", body=raw)
        assert bytes(InboundEvent.objects.get().body) == raw


@pytest.mark.django_db(transaction=True)
def test_one_webhook_delivered_eight_times_at_once_is_one_event(live_server, settings, fake_twilio):
    settings.PUBLIC_BASE_URL = live_server.url
    sender = twilio_sender()
    fake_twilio.options.auth_token = TOKEN

    def deliver(_number):
        return fake_twilio.inbound(
            callbacks.inbound_url(sender.pk), sender="+12025550101", to="+12025550100", body="Yes", sid="SM8"
        )

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(deliver, range(8))) == [[200]] * 8
    assert InboundEvent.objects.count() == 1
    assert QueueItem.objects.filter(task="conversations.inbound.tasks.handle").count() == 1
