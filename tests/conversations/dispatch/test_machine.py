"""The message machine against a reference: whatever happens in whatever order, a message leaves at most once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from conversations.channels.base import Evidence, Fault, Finding, NotSent, OutcomeUnknown
from conversations.consent.services import Target, suppress
from conversations.dispatch import claiming, gate, reconciling, sending
from conversations.models import MESSAGE, RANK, Message
from conversations.outbox import services as outbox
from conversations.outbox import streams
from conversations.outbox.events import record_event
from outreach.core import clock
from outreach.core.errors import Refused
from tests.conversations.factories import ACTOR, make_message, make_reply, make_sender, make_stream
from tests.conversations.stub import StubAdapter

pytestmark = pytest.mark.django_db


class Outbox(RuleBasedStateMachine):
    """The reference is what the carrier truly took; the row must never say otherwise, nor hand over twice."""

    def __init__(self) -> None:
        super().__init__()
        # a step replayed on a busy machine must meet the same pauses and budgets
        self.still_time = time_machine.travel(datetime(2026, 11, 11, 9, tzinfo=UTC), tick=False)
        self.still_time.start()
        self.world = transaction.atomic()
        self.world._from_testcase = True  # as Django marks the transactions of its own test cases
        self.world.__enter__()
        self.stub = StubAdapter()
        self.taken = 0
        """How often the carrier took the message, answered or not."""
        self.events: list[str] = []
        self.is_stopped = False
        self.message = make_message(sender=make_sender(), stream=make_stream())

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)
        self.still_time.stop()

    def row(self) -> Message:
        self.message = Message.objects.select_related("stream", "sender", "conversation").get(pk=self.message.pk)
        return self.message

    @rule(answer=st.sampled_from(["ok", "passing", "message", "lost_taken", "lost_not_taken"]))
    def tick(self, answer: str) -> None:
        errors = {
            "passing": NotSent(Fault.PASSING, "451", "Later."),
            "message": NotSent(Fault.MESSAGE, "21617", "Too long."),
            "lost_taken": OutcomeUnknown("lost", "No answer."),
            "lost_not_taken": OutcomeUnknown("lost", "No answer."),
        }
        self.stub.answers = {"*": errors[answer]} if answer in errors else {}
        self.row().scheduled_at = clock.now() - timedelta(seconds=1)
        Message.objects.filter(pk=self.message.pk, state="deferred").update(scheduled_at=self.message.scheduled_at)
        reached: list[int] = []
        self.stub.before_answer = lambda _outgoing: reached.append(1)
        sending.send_due(adapter_for=lambda _name: self.stub)
        assert len(reached) <= 1
        if reached and answer in ("ok", "lost_taken"):
            assert not self.is_stopped
            self.taken += 1

    @rule(outcome=st.booleans())
    def evidence(self, outcome: bool) -> None:
        finding = Finding.FOUND if self.taken else (Finding.NOT_FOUND if outcome else Finding.CANNOT_TELL)
        self.stub.evidence = Evidence(finding, "Looked.")
        if self.row().state == "unknown":
            from conversations.dispatch.reconciling import look

            look(self.message, adapter_for=lambda _name: self.stub)

    @rule()
    def settle(self) -> None:
        outcome = "sent" if self.taken else "not_sent"
        if self.row().state == "unknown":
            outbox.settle(message=self.message, outcome=outcome, actor=ACTOR, reason="Seen.")
        else:
            with pytest.raises(Refused):
                outbox.settle(message=self.message, outcome=outcome, actor=ACTOR, reason="Seen.")

    @rule()
    def retry(self) -> None:
        if self.row().state in MESSAGE.retryable:
            outbox.retry(message=self.message, actor=ACTOR)
        else:
            with pytest.raises(Refused):
                outbox.retry(message=self.message, actor=ACTOR)

    @rule()
    def cancel(self) -> None:
        if self.row().state in MESSAGE.sources("cancelled"):
            outbox.cancel(message=self.message, actor=ACTOR)
            self.is_stopped = True

    @rule()
    def pause_or_go_on(self) -> None:
        stream = self.row().stream
        act = streams.pause_stream if stream.state == "active" else streams.activate_stream
        act(stream=stream, actor=ACTOR)

    @rule()
    def reply(self) -> None:
        make_reply(self.row().conversation)
        if not self.taken:
            self.is_stopped = True

    @rule()
    def opt_out(self) -> None:
        suppress(Target(lead=self.row().lead), reason="opt_out", actor=ACTOR)
        if not self.taken:
            self.is_stopped = True

    @rule(is_taken=st.booleans(), dies_at=st.sampled_from(["claim", "gate"]))
    def a_worker_dies(self, is_taken: bool, dies_at: str) -> None:
        """After the claim, or after the gate with or without the carrier having it; the clock moves past the lease."""
        self.stub.evidence = Evidence(Finding.CANNOT_TELL, "Nobody can tell.")
        claimed = claiming.claim(self.row().sender, 1)
        if not claimed:
            return
        if dies_at == "gate" and gate.pass_gate(claimed[0]):
            assert not self.is_stopped
            self.taken += is_taken
        with time_machine.travel(clock.now() + timedelta(minutes=10)):
            reconciling.reconcile(adapter_for=lambda _name: self.stub)

    @precondition(lambda self: self.taken)
    @rule()
    def a_person_errs_and_late_proof_comes(self) -> None:
        """Somebody says “not sent” of what left; the carrier's report comes before the next tick."""
        if self.row().state != "unknown":
            return
        outbox.settle(message=self.message, outcome="not_sent", actor=ACTOR, reason="Not seen.")
        assert self.row().state == "scheduled"
        record_event(message=self.message, kind="delivered", occurred_at=clock.now())
        assert self.row().state == "delivered"

    @precondition(lambda self: self.taken)
    @rule(
        kind=st.sampled_from(["sent", "delivered", "opened", "clicked", "bounced", "failed"]), repeats=st.integers(1, 2)
    )
    def callback(self, kind: str, repeats: int) -> None:
        before = self.row().state
        for number in range(repeats):
            is_new = record_event(message=self.message, kind=kind, occurred_at=clock.now(), external_id=f"x-{kind}")
            assert is_new == (f"x-{kind}" not in self.events and number == 0)
        self.events.append(f"x-{kind}")
        after = self.row().state
        if before != after == "failed":
            self.taken = 0  # the carrier itself says that it did not arrive, so that a person may send it again
        if before in RANK and after in RANK:
            assert RANK[after] >= RANK[before]

    @invariant()
    def it_left_at_most_once(self) -> None:
        assert self.taken <= 1

    @invariant()
    def the_row_tells_the_truth(self) -> None:
        row = self.row()
        if row.state in MESSAGE.left:
            assert self.taken == 1
            assert row.sent_at
        if row.state in ("scheduled", "deferred", "claimed", "skipped", "cancelled"):
            assert self.taken == 0
        if row.state == "unknown":
            assert row.error
        assert row.state not in ("claimed", "sending")


class TestOutbox(TestCase):
    def test_the_machine_agrees_with_the_reference(self):
        run_state_machine_as_test(
            Outbox,
            settings=settings(
                max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )


@pytest.mark.parametrize("state", MESSAGE.states)
def test_every_state_offers_only_what_its_table_allows(state):
    message = make_message()
    Message.objects.filter(pk=message.pk).exclude(state=state).update(state=state) if state != "sending" else None
    message.state = state
    reached = {"retry": "scheduled", "settle_sent": "sent", "settle_not_sent": "scheduled", "cancel": "cancelled"}
    for action, _label in outbox.actions(message, "administrator"):
        if action == "look":  # asks the carrier; whatever it says is evidence, which is recorded as events are
            assert state == "unknown"
            continue
        assert MESSAGE.allows(state, reached[action])
    assert outbox.actions(message, "viewer") == []
