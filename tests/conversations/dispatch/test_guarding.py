"""Consent before texts, three messages a day, first texts, follow-ups of what never left, and evidence."""

from datetime import timedelta

import pytest
import time_machine

from conversations.channels.base import Evidence, Fault, Finding, NotSent, OutcomeUnknown
from conversations.consent.services import record_consent
from conversations.dispatch import claiming, sending
from conversations.dispatch.explain import explain
from conversations.models import Message
from conversations.outbox import services as outbox
from conversations.outbox.events import record_event
from conversations.senders.services import account
from outreach.core import clock
from outreach.core.errors import Invalid
from tests.conversations.factories import (
    ACTOR,
    make_conversation,
    make_lead,
    make_message,
    make_reply,
    make_sender,
    make_stream,
)

pytestmark = pytest.mark.django_db


def state(message: Message) -> str:
    message.refresh_from_db()
    return message.state


def text(*, lead=None, **fields) -> Message:
    lead = lead or make_lead(phone=f"+4915112{Message.objects.count():06}")
    return make_message(conversation=make_conversation(lead), sender=make_sender(channel="sms"), **fields)


def agree(message: Message, **fields) -> None:
    given = {"basis": "express", "source": "form", **fields}
    record_consent(lead=message.lead, channel="sms", actor=ACTOR, **given)


class TestConsent:
    def test_no_text_leaves_without_a_line_of_the_ledger(self, tick, carrier):
        message = text()
        tick()
        assert (state(message), message.refused_by) == ("skipped", "consented")
        assert carrier.sent == []
        agree(message)
        outbox.retry(message=message, actor=ACTOR)
        tick()
        assert state(message) == "sent"

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [({"basis": "withdrawn"}, "withdrawn"), ({"basis": "legitimate_interest"}, "not sufficient")],
    )
    def test_the_newest_line_counts(self, fields, sentence, tick, settings):
        settings.OUTREACH.delivery.sms_consent_bases = ("express",)
        message = text()
        agree(message)
        agree(message, **fields)
        tick()
        assert state(message) == "skipped"
        assert sentence in message.error

    def test_implied_consent_in_canada_ends(self, tick):
        lead = make_lead(phone="+14165871234", country="CA")
        record_consent(lead=lead, channel="sms", basis="implied", source="inquiry", actor=ACTOR)
        with time_machine.travel(clock.now() + timedelta(days=184)):
            message = text(lead=lead)
            tick()
            assert state(message) == "skipped"
            assert "expired on" in next(c.sentence for c in explain(message).checks if c.name == "consented")

    def test_who_wrote_by_text_may_be_answered(self, tick):
        lead = make_lead(phone="+4915112345601")
        make_reply(make_conversation(lead), channel="sms")
        message = text(lead=lead, is_stopped_by_reply=False, attributes={"answers": 1})
        tick()
        assert state(message) == "sent"

    def test_e_mail_needs_no_line(self, tick):
        message = make_message()
        tick()
        assert state(message) == "sent"


def test_a_person_gets_at_most_three_in_24_hours_and_the_fourth_waits_its_turn(tick):
    lead, sender = make_lead(), make_sender()
    start = clock.now()
    rows = [make_message(conversation=make_conversation(lead), sender=sender) for _ in range(4)]
    tick()
    assert sorted(state(row) for row in rows) == ["deferred", "sent", "sent", "sent"]
    late = next(row for row in rows if row.state == "deferred")
    assert late.refused_by == "lead_daily"
    assert "3 messages went" in late.error
    assert timedelta(hours=23) < late.scheduled_at - start < timedelta(hours=25)
    make_reply(make_conversation(lead))
    answer = make_message(
        conversation=make_conversation(lead), sender=sender, is_stopped_by_reply=False, attributes={"answers": 1}
    )
    tick()
    assert state(answer) == "sent"


class TestFirstText:
    def test_what_lacks_our_name_or_the_opt_out_words_gets_them(self):
        assert "Reply STOP to opt out" in text(body="Hello there").body
        sender = make_sender(channel="sms", display_name="Northwind")
        lead = make_lead(phone="+4915112345602")
        row = make_message(
            conversation=make_conversation(lead), sender=sender, body="Northwind: a call? Reply STOP to end"
        )
        assert row.body == "Northwind: a call? Reply STOP to end"

    def test_or_is_refused_with_a_sentence(self, settings):
        settings.OUTREACH.delivery.first_sms = "refuse"
        with pytest.raises(Invalid, match="say how to opt out"):
            text(body="Hello there")

    def test_the_second_one_need_not_carry_them(self, tick):
        first = text()
        agree(first)
        tick()
        again = make_message(conversation=first.conversation, sender=first.sender, body="Still interested?")
        assert again.body == "Still interested?"


class TestFollowUps:
    @pytest.mark.parametrize("ending", ["cancelled", "bounced"])
    def test_of_what_will_never_arrive_they_are_cancelled(self, ending, tick, carrier):
        first = make_message(scheduled_at=clock.now() + timedelta(days=1) if ending == "cancelled" else None)
        follow_up = make_message(conversation=first.conversation, follows=first, is_stopped_by_reply=False)
        if ending == "cancelled":
            outbox.cancel(message=first, actor=ACTOR)
        else:
            Message.objects.filter(pk=first.pk).update(state="bounced")
        tick()
        assert (state(follow_up), follow_up.refused_by) == ("cancelled", "predecessor_alive")
        assert "will never arrive" in follow_up.error

    def test_of_what_failed_they_are_held_and_go_on_when_it_is_retried(self, tick, carrier):
        first = make_message()
        carrier.answers["*"] = NotSent(Fault.MESSAGE, "554", "Refused.")
        tick()
        follow_up = make_message(conversation=first.conversation, follows=first)
        tick()
        assert (state(follow_up), follow_up.refused_by) == ("skipped", "predecessor_not_failed")
        carrier.answers.clear()
        outbox.retry(message=first, actor=ACTOR)
        tick()
        with time_machine.travel(clock.now() + timedelta(hours=1)):
            tick()
        assert (state(first), state(follow_up)) == ("sent", "sent")


class TestEvidence:
    @pytest.fixture
    def doubtful(self, tick, carrier):
        message = make_message()
        carrier.answers["*"] = OutcomeUnknown("timeout", "No answer.")
        tick()
        carrier.answers.clear()
        assert state(message) == "unknown"
        return message

    @pytest.mark.parametrize(
        ("kind", "data", "ends", "sentence"),
        [
            ("bounced", {"code": "5.1.1", "reason": "No such user"}, "bounced", "A bounce refers to it: No such user"),
            ("replied", {}, "replied", "The person replied to it."),
            (
                "delivered",
                {"source": "twilio", "status": "delivered"},
                "delivered",
                "Twilio reported it as “delivered”.",
            ),
        ],
    )
    def test_what_happens_later_settles_a_doubt_and_shows(self, doubtful, kind, data, ends, sentence):
        record_event(message=doubtful, kind=kind, occurred_at=clock.now(), data=data)
        assert state(doubtful) == ends
        assert doubtful.sent_at
        assert [proof.sentence for proof in explain(doubtful).evidence] == [sentence]

    @pytest.mark.parametrize(("finding", "ends"), [(Finding.FOUND, "sent"), (Finding.NOT_FOUND, "scheduled")])
    def test_what_the_carrier_lists_settles_it(self, doubtful, finding, ends, carrier, heal):
        carrier.evidence = Evidence(finding, "In the folder “Sent”.")
        with time_machine.travel(clock.now() + timedelta(minutes=15)):
            heal()
        assert state(doubtful) == ends
        assert "In the folder “Sent”." in explain(doubtful).evidence[0].sentence

    def test_a_persons_word_is_kept(self, doubtful):
        outbox.settle(message=doubtful, outcome="not_sent", actor=ACTOR, reason="Not in the Sent folder.")
        assert [proof.sentence for proof in explain(doubtful).evidence] == ["tests says: Not in the Sent folder."]

    def test_late_proof_ends_the_waiting_for_another_attempt(self, doubtful, tick, carrier):
        outbox.settle(message=doubtful, outcome="not_sent", actor=ACTOR, reason="Not in the Sent folder.")
        record_event(message=doubtful, kind="delivered", occurred_at=clock.now())
        assert state(doubtful) == "delivered"
        tick()
        assert carrier.sent == []

    def test_what_never_tried_to_leave_is_moved_by_nobodys_report(self):
        message = make_message()
        record_event(message=message, kind="delivered", occurred_at=clock.now())
        assert state(message) == "scheduled"


class TestBetweenClaimAndSend:
    def claimed(self, **fields):
        message = make_message(**fields)
        [row] = claiming.claim(message.sender, 1)
        return row

    def send(self, row, carrier):
        sending.deliver(row, carrier, account(row.sender))
        assert carrier.sent == []
        return state(row)

    def test_a_lead_erased_while_claimed_gets_nothing(self, carrier):
        row = self.claimed()
        row.lead.erased_at = clock.now()
        row.lead.save()
        assert self.send(row, carrier) == "cancelled"

    def test_an_address_with_a_line_break_never_leaves(self, carrier):
        row = self.claimed()
        Message.objects.filter(pk=row.pk).update(address="a@firm.de\r\nBcc: all@firm.de")
        assert self.send(row, carrier) == "skipped"

    @pytest.mark.parametrize("address", ["a@firm.de\r\nBcc: b@firm.de", "a\n@firm.de"])
    def test_nor_is_it_planned(self, address):
        with pytest.raises(Invalid):
            make_message(address=address)

    def test_a_sender_that_is_stopped_or_gone_sends_nothing(self, carrier):
        row = self.claimed()
        with pytest.raises(Exception, match="protected"):
            row.sender.delete()
        type(row.sender).objects.filter(pk=row.sender_id).update(state="stopped")
        assert self.send(row, carrier) == "scheduled"


def test_cancelling_many_takes_a_fixed_number_of_statements(django_assert_max_num_queries):
    sender, stream = make_sender(), make_stream()
    for _ in range(40):
        make_message(sender=sender, stream=stream)
    with django_assert_max_num_queries(14):
        assert outbox.cancel_planned(stream=stream, actor=ACTOR, reason="No more.") == 40
    assert Message.objects.filter(state="cancelled", events__kind="cancelled").count() == 40
