"""What happens after a carrier answered with a fault, or did not answer at all."""

from datetime import timedelta

import pytest
import time_machine

from conversations.channels.base import Evidence, Fault, Finding, NotSent, OutcomeUnknown
from conversations.consent.models import Suppression
from conversations.consent.services import is_suppressed
from conversations.dispatch import gate
from conversations.models import Message
from conversations.outbox import lanes
from conversations.outbox import services as outbox
from leads.models import Identity
from outreach.core import clock
from outreach.events.models import Event
from outreach.limits.models import Allowance
from tests.conversations.factories import ACTOR, make_message, make_sender

pytestmark = pytest.mark.django_db


def state(message: Message) -> str:
    message.refresh_from_db()
    return message.state


def test_a_passing_fault_is_tried_again_later_and_not_for_ever(tick, carrier, settings):
    message = make_message()
    carrier.answers["*"] = NotSent(Fault.PASSING, "451", "Try later.")
    start = clock.now()
    for hours in range(settings.OUTREACH.delivery.max_attempts):
        with time_machine.travel(start + timedelta(hours=10 * hours)):
            lanes.wake("email")
            if hours:
                Message.objects.filter(pk=message.pk).update(scheduled_at=clock.now())
            tick()
    assert state(message) == "failed"
    assert "Tried 5 times" in message.error
    assert Allowance.objects.get(key=f"sender:{message.sender_id}").usage["hours"] == {}
    carrier.answers.clear()
    with time_machine.travel(start + timedelta(hours=60)):
        outbox.retry(message=message, actor=ACTOR)
        tick()
    assert state(message) == "sent"


def test_a_refusal_about_the_pace_slows_the_sender_and_not_the_lead(tick, carrier):
    sender = make_sender()
    first, _second = make_message(sender=sender), make_message(sender=sender)
    carrier.answers[first.address] = NotSent(Fault.PASSING, "421", "Too many connections.")
    Message.objects.filter(pk=first.pk).update(priority=1)
    tick()
    assert state(first) == "deferred"
    assert first.attempts == 0
    third = make_message(sender=sender)
    assert tick() == 0
    assert state(third) == "scheduled"


def test_a_dead_address_bounces_and_is_suppressed(tick, carrier):
    message = make_message()
    carrier.answers["*"] = NotSent(Fault.ADDRESS, "550", "No such user.")
    tick()
    assert state(message) == "bounced"
    row = is_suppressed(channel="email", address=message.address)
    assert row and row.reason == Suppression.Reason.BOUNCE
    assert Identity.objects.get(address=message.address).status == Identity.Status.INVALID


def test_a_carrier_that_says_opted_out_opts_out_everywhere(tick, carrier):
    message = make_message()
    planned = make_message(conversation=message.conversation, scheduled_at=clock.now() + timedelta(days=3))
    carrier.answers["*"] = NotSent(Fault.OPTED_OUT, "21610", "The recipient replied STOP.")
    tick()
    assert state(message) == "failed"
    assert state(planned) == "cancelled"
    assert Suppression.objects.filter(lead=message.lead, reason="opt_out").exists()


def test_a_sender_at_fault_is_paused_with_the_reason_and_loses_nothing(tick, carrier):
    sender = make_sender()
    messages = [make_message(sender=sender) for _ in range(3)]
    carrier.answers["*"] = NotSent(Fault.SENDER, "535", "Wrong password.")
    tick()
    sender.refresh_from_db()
    assert sender.state == "paused"
    assert "Wrong password" in sender.state_reason
    assert {state(message) for message in messages} == {"scheduled"}
    assert Allowance.objects.get(key=f"sender:{sender.pk}").usage["hours"] == {}


def test_a_text_that_will_never_work_fails_with_the_reason(tick, carrier):
    message = make_message()
    carrier.answers["*"] = NotSent(Fault.MESSAGE, "30007", "Filtered by the carrier.")
    tick()
    assert state(message) == "failed"
    assert "Filtered" in message.error


@pytest.mark.parametrize("error", [OutcomeUnknown("timeout", "No answer."), ValueError("broken adapter")])
def test_an_answer_that_never_came_is_unknown_and_is_never_sent_again_by_itself(error, tick, carrier, heal):
    message = make_message()
    carrier.answers["*"] = error
    tick()
    assert state(message) == "unknown"
    carrier.answers.clear()
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        heal()
        tick()
    assert state(message) == "unknown"
    assert carrier.sent == []


def test_a_person_settles_what_is_unknown(tick, carrier):
    sent, not_sent = make_message(), make_message()
    carrier.answers["*"] = OutcomeUnknown("timeout", "No answer.")
    tick()
    carrier.answers.clear()
    outbox.settle(message=sent, outcome="sent", actor=ACTOR, reason="Seen in the Sent folder.")
    outbox.settle(message=not_sent, outcome="not_sent", actor=ACTOR, reason="Not in the Sent folder.")
    assert state(sent) == "sent"
    assert sent.sent_at
    tick()
    assert state(not_sent) == "sent"
    assert carrier.addresses == [not_sent.address]
    assert Event.objects.filter(kind="message.sent").count() == 2


def test_what_a_dead_worker_claimed_goes_back_and_what_it_was_sending_is_looked_for(tick, carrier, heal):
    from conversations.dispatch import claiming

    sender = make_sender()
    claimed, sending, found = (make_message(sender=sender) for _ in range(3))
    rows = {row.pk: row for row in claiming.claim(sender, 10)}
    assert gate.pass_gate(rows[sending.pk])
    assert gate.pass_gate(rows[found.pk])
    assert heal() == 0
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        carrier.evidence = Evidence(Finding.CANNOT_TELL, "SMTP keeps no list.")
        heal()
        assert state(claimed) == "scheduled"
        assert state(sending) == "unknown"
        assert "worker died" in sending.error
    with time_machine.travel(clock.now() + timedelta(minutes=30)):
        carrier.evidence = Evidence(Finding.FOUND, "Listed by the provider.", "SM1")
        heal()
        assert sorted([state(found), state(sending)]) == ["sent", "unknown"]
        assert Message.objects.filter(provider_id="SM1").count() == 1
    assert carrier.sent == []


def test_what_the_carrier_certainly_does_not_have_is_sent_again(tick, carrier, heal):
    message = make_message()
    carrier.answers["*"] = OutcomeUnknown("timeout", "No answer.")
    tick()
    carrier.answers.clear()
    carrier.evidence = Evidence(Finding.NOT_FOUND, "Not in the provider's list.")
    with time_machine.travel(clock.now() + timedelta(minutes=15)):
        heal()
        tick()
    assert state(message) == "sent"
    assert carrier.addresses == [message.address]
