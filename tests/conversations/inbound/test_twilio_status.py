"""Status callbacks: no order, repeated, before the answer of the API; a message only ever moves upwards."""

import itertools
import uuid

import pytest

from conversations.consent.models import Suppression
from conversations.inbound import services, twilio_status
from conversations.models import Message
from leads.models import Identity
from outreach.limits.models import Allowance
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


class TestTableOfFailures:
    """What each code of the table does, and how often the same text may be tried again."""

    def test_a_phone_that_is_off_is_tried_once_more(self, message):
        report(message, "undelivered", code="30003")
        assert message.state == "scheduled"
        assert message.provider_id == ""
        handed_over(message)
        report(message, "undelivered", code="30003", sid="SM2")
        assert message.state == "failed"

    def test_a_late_report_on_the_first_attempt_changes_the_second_only_by_proof(self, message):
        report(message, "undelivered", code="30003")
        report(message, "sent")
        assert (message.state, message.provider_id) == ("scheduled", "")
        report(message, "delivered")
        assert (message.state, message.provider_id) == ("delivered", "SM1")

    def test_a_filtered_text_is_never_sent_again_to_anybody(self, message):
        other = make_message(
            conversation=make_conversation(make_lead(phone="+4915112345680")), sender=message.sender, body=message.body
        )
        Message.objects.filter(pk=other.pk).update(body=message.body)
        report(message, "undelivered", code="30007")
        other.refresh_from_db()
        assert message.state == "failed"
        assert (other.state, other.refused_by) == ("skipped", "filtered_text")

    def test_a_blocked_number_gets_no_more_texts_and_somebody_looks(self, message):
        report(message, "undelivered", code="30004")
        assert Suppression.objects.get(address=PHONE).reason == Suppression.Reason.PROVIDER
        message.conversation.refresh_from_db()
        assert message.conversation.waiting_since

    @pytest.mark.parametrize("code", ["30001", "30022"])
    def test_too_fast_lowers_the_bucket_and_tries_again(self, message, code):
        report(message, "undelivered", code=code)
        assert message.state == "scheduled"
        assert Allowance.objects.get(key=f"segments:{message.sender_id}").usage["slowed"]["factor"] == 0.5

    def test_the_days_cap_holds_the_sender_until_tomorrow(self, message):
        report(message, "undelivered", code="30023")
        assert Allowance.objects.get(key=f"sender:{message.sender_id}").next_at.hour == 0

    @pytest.mark.parametrize("code", ["30032", "30034"])
    def test_a_number_that_is_not_registered_stops_its_sender(self, message, code):
        report(message, "failed", code=code)
        message.sender.refresh_from_db()
        assert message.sender.state == "paused"
