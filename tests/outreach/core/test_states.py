"""State tables: what may follow what, who was first, what is written down."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError

from outreach.core.audit import trail
from outreach.core.errors import Refused
from outreach.core.models import Actor, AuditEntry
from outreach.core.states import State, StateMachine, machine_of
from outreach.jobs.models import JOB, Job

SYSTEM = Actor.system("tests")


def machines():
    found = []
    for model in apps.get_models():
        try:
            found.append((model, machine_of(model)))
        except LookupError:
            continue
    return found


def test_a_table_with_an_unknown_state_is_a_mistake_at_import():
    with pytest.raises(ValueError, match="machine x"):
        StateMachine(name="x", initial="a", states={"a": State("A", to=("b",))})
    with pytest.raises(ValueError, match="machine x"):
        StateMachine(name="x", initial="b", states={"a": State("A")})


def test_every_model_with_a_state_is_found_with_its_machine():
    names = {machine.name for _model, machine in machines()}
    assert {"draft", "campaign", "candidate", "message", "conversation", "sender", "stream", "job", "import"} <= names


@pytest.mark.parametrize(("model", "machine"), machines(), ids=lambda value: getattr(value, "name", ""))
def test_every_state_can_be_reached_and_has_a_colour_of_the_design(model, machine):
    reachable, frontier = {machine.initial}, [machine.initial]
    while frontier:
        for state in machine.states[frontier.pop()].to:
            if state not in reachable:
                reachable.add(state)
                frontier.append(state)
    entered_otherwise = {"received"}  # inbound messages begin there
    assert set(machine.states) - reachable <= entered_otherwise
    assert {state.colour for state in machine.states.values()} <= {"grey", "blue", "green", "amber", "red"}


def test_buttons_follow_from_the_role():
    assert [name for name, _state in JOB.next_by_hand("running", "operator")] == ["cancelled"]
    assert JOB.next_by_hand("running", "viewer") == []


@pytest.mark.django_db
class TestMove:
    def test_it_changes_the_row_and_writes_the_audit_row(self):
        job = Job.objects.create(kind="x", task="x")
        JOB.move(job, "running", actor=SYSTEM, reason="why not", changes={"attempts": 1})
        job.refresh_from_db()
        entry = trail(job).get()
        assert (job.state, job.attempts) == ("running", 1)
        assert (entry.action, entry.reason, entry.data) == (
            "job.running",
            "why not",
            {"from": "queued", "to": "running"},
        )

    def test_what_the_table_forbids_is_refused_and_changes_nothing(self):
        job = Job.objects.create(kind="x", task="x")
        with pytest.raises(Refused) as caught:
            JOB.move(job, "done", actor=SYSTEM)
        assert caught.value.code == "transition_not_allowed"
        job.refresh_from_db()
        assert job.state == "queued"
        assert not AuditEntry.objects.exists()

    def test_whoever_comes_second_is_told_so(self):
        job = Job.objects.create(kind="x", task="x")
        stale = Job.objects.get(pk=job.pk)
        JOB.move(job, "running", actor=SYSTEM)
        with pytest.raises(Refused) as caught:
            JOB.move(stale, "cancelled", actor=SYSTEM)
        assert caught.value.code == "changed_meanwhile"
        job.refresh_from_db()
        assert job.state == "running"

    def test_a_narrower_source_can_be_demanded(self):
        job = Job.objects.create(kind="x", task="x", state="running")
        with pytest.raises(Refused):
            JOB.move(job, "cancelled", actor=SYSTEM, sources=["queued"])


@pytest.mark.django_db
class TestMoveWhere:
    def test_it_moves_those_whose_state_allows_it_and_writes_an_audit_row_each(self):
        queued, running = (Job.objects.create(kind="x", task="x", state=state) for state in ("queued", "running"))
        done = Job.objects.create(kind="x", task="x", state="done")
        moved = JOB.move_where(Job.objects.all(), "cancelled", actor=SYSTEM, reason="enough", changes={"outcome": "-"})
        assert moved == [queued.pk, running.pk]
        assert set(Job.objects.values_list("state", "outcome")) == {("cancelled", "-"), ("done", "")}
        assert [(entry.action, entry.reason) for entry in trail(running)] == [("job.cancelled", "enough")]
        assert not trail(done).exists()

    def test_it_keeps_to_the_rows_that_are_asked_for_and_to_narrower_sources(self):
        first, second = (Job.objects.create(kind="x", task="x", state="running") for _ in range(2))
        assert JOB.move_where(Job.objects.filter(pk=first.pk), "cancelled", actor=SYSTEM, sources=["queued"]) == []
        assert JOB.move_where(Job.objects.filter(pk=first.pk), "cancelled", actor=SYSTEM) == [first.pk]
        second.refresh_from_db()
        assert second.state == "running"

    def test_rows_with_a_trail_of_their_own_need_no_audit_row(self):
        Job.objects.create(kind="x", task="x")
        assert len(JOB.move_where(Job.objects.all(), "running", actor=None)) == 1
        assert not AuditEntry.objects.exists()


def test_a_state_is_an_attribute_in_capitals():
    assert JOB.RUNNING == "running"
    with pytest.raises(AttributeError):
        _ = JOB.ASLEEP
    with pytest.raises(AttributeError):
        _ = JOB.running


def test_a_predicate_of_the_model_asks_for_the_states_it_names():
    assert [Job(state=state).is_over for state in JOB.states] == [state in JOB.over for state in JOB.states]
    assert Job(state=JOB.RUNNING).is_running
    assert not Job(state=JOB.QUEUED).is_running
    with pytest.raises(ValueError, match="machine job"):
        JOB.predicate("asleep")


def test_a_named_set_is_an_attribute_and_an_unknown_name_is_a_mistake():
    machine = StateMachine(
        name="x", initial="a", states={"a": State("A", to=("b",)), "b": State("B")}, sets={"open": ("a",)}
    )
    assert machine.open == ("a",)
    with pytest.raises(AttributeError):
        _ = machine.closed
    with pytest.raises(ValueError, match="machine x"):
        StateMachine(name="x", initial="a", states={"a": State("A")}, sets={"open": ("c",)})


@pytest.mark.django_db
def test_the_database_refuses_a_state_that_is_not_in_the_table():
    job = Job.objects.create(kind="x", task="x")
    with pytest.raises(IntegrityError, match="jobs_job_state_known"):
        Job.objects.filter(pk=job.pk).update(state="sleeping")
