"""Periodic work runs once for its planned moment, on any number of machines."""

from datetime import UTC, datetime, timedelta

import pytest

from outreach.jobs import periodic
from outreach.jobs.draining import drain
from outreach.jobs.models import PeriodicRun, SchedulePause
from outreach.jobs.schedules import Schedule
from tests.outreach.jobs import tasks

NOON = datetime(2026, 3, 2, 12, 0, 1, tzinfo=UTC)


@pytest.fixture
def schedule(monkeypatch):
    row = Schedule("test.note", "tests.outreach.jobs.tasks.note", 60)
    monkeypatch.setattr(periodic, "schedules", lambda: {row.name: row})
    tasks.ran.clear()
    return row


@pytest.mark.django_db
def test_two_clocks_plan_one_moment_once(schedule):
    assert periodic.plan_due(NOON) == 1
    assert periodic.plan_due(NOON + timedelta(seconds=20)) == 0
    drain()
    assert len(tasks.ran) == 1
    assert PeriodicRun.objects.get().finished_at is not None


@pytest.mark.django_db
def test_moments_missed_while_down_are_not_made_up_for(schedule):
    periodic.plan_due(NOON)
    assert periodic.plan_due(NOON + timedelta(hours=5)) == 1


@pytest.mark.django_db
def test_a_paused_schedule_plans_nothing(schedule):
    SchedulePause.objects.create(name=schedule.name)
    assert periodic.plan_due(NOON) == 0


@pytest.mark.django_db
def test_a_failing_schedule_keeps_its_error(schedule, monkeypatch):
    row = Schedule("test.note", "tests.outreach.jobs.tasks.explode", 60)
    monkeypatch.setattr(periodic, "schedules", lambda: {row.name: row})
    periodic.plan_due(NOON)
    drain()
    assert "boom" in PeriodicRun.objects.get().error


@pytest.mark.django_db
def test_every_schedule_names_a_task_that_exists():
    from outreach.jobs.running import resolve

    for row in periodic.schedules.__wrapped__().values():
        assert callable(resolve(row.task)), row.name
