"""Status callbacks: no order, repeated, before the answer of the API; a message only ever moves upwards."""

import itertools
import uuid

import pytest

from conversations.consent.models import Suppression
from conversations.inbound import services, twilio_status
from conversations.models import Message
from leads.models import Identity
from tests.conversations.factories import make_conversation, make_lead, make_message, make_sender

pytestmark = pytest.mark.django_db
PHONE = "+4915112345679"


@pytest.fixture
def message():
    sender = make_sender(channel="sms")
    message = make_message(conversation=make_conversation(make_lead(phone=PHONE)), sender=sender)
    return handed_over(message)


def handed_over(message):
    """As it stands while the carrier has not answered."""
    row = Message.objects.filter(pk=message.pk)
    row.update(state="claimed", claim_token=uuid.uuid4())
    row.update(state="sending", sending_at=message.created_at)
    message.refresh_from_db()
    return message


def report(message, status, *, code="", sid="SM1", by_id=True):
    fields = {"MessageSid": sid, "MessageStatus": status, "ErrorCode": code}
    event = services.store(
        source="twilio.status",
        external_id=f"{sid}:{status}",
        sender=message.sender,
        fields={**fields, "message_id": str(message.pk) if by_id else ""},
    )
    if event is not None:
        found = twilio_status.handle(event)
        message.refresh_from_db()
        return found
    return None


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "delivered", "read"])))
def test_any_order_ends_in_the_same_place(message, order):
    for status in order:
        report(message, status)
        report(message, status)
    assert message.state == "opened"
    assert message.provider_id == "SM1"
    assert message.delivered_at is not None


def test_a_late_sent_does_not_overwrite_delivered(message):
    report(message, "delivered")
    report(message, "sent")
    assert message.state == "delivered"


def test_a_callback_that_overtakes_the_answer_finds_its_message(message):
    assert report(message, "sent") == message
    assert (message.state, message.provider_id) == ("sent", "SM1")


def test_queued_settles_a_message_whose_answer_never_came(message):
    Message.objects.filter(pk=message.pk).update(state="unknown")
    report(message, "queued")
    assert (message.state, message.provider_id) == ("sent", "SM1")


def test_without_our_id_twilios_own_finds_it(message):
    Message.objects.filter(pk=message.pk).update(provider_id="SM1", state="sent")
    assert report(message, "delivered", by_id=False) == message


def test_another_message_of_the_same_account_is_not_ours(message):
    Message.objects.filter(pk=message.pk).update(provider_id="SM1", state="sent")
    assert report(message, "delivered", sid="SM2") is None
    assert report(message, "delivered", sid="SM3", by_id=False) is None


def test_a_failure_keeps_its_reason_in_words(message):
    report(message, "sent")
    report(message, "undelivered", code="30007")
    assert (message.state, message.error_code) == ("failed", "30007")
    assert "filtered" in message.error
    assert not Suppression.objects.exists()


def test_a_landline_is_given_up_at_once(message):
    report(message, "sent")
    report(message, "undelivered", code="30006")
    assert Suppression.objects.get().reason == Suppression.Reason.BOUNCE
    assert Identity.objects.get(address=PHONE).status == Identity.Status.INVALID


def test_an_unknown_handset_has_two_chances(message):
    report(message, "sent")
    report(message, "undelivered", code="30005")
    assert not Suppression.objects.exists()
    again = make_message(conversation=message.conversation, sender=message.sender)
    handed_over(again)
    report(again, "sent", sid="SM2")
    report(again, "undelivered", code="30005", sid="SM2")
    assert Suppression.objects.get().address == PHONE


def test_an_opt_out_at_twilio_is_an_opt_out_here(message):
    report(message, "failed", code="21610")
    assert Suppression.objects.filter(reason=Suppression.Reason.OPT_OUT, lead=message.lead).exists()


def test_a_number_that_is_not_registered_pauses_its_sender(message):
    report(message, "sent")
    report(message, "undelivered", code="30034")
    message.sender.refresh_from_db()
    assert message.sender.state == "paused"
    assert "10DLC" in message.sender.state_reason
