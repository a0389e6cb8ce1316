"""Each process of each machine has its own heartbeat, so that one that died is seen beside those that live."""

import os
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from outreach.access.models import User
from outreach.access.roles import Role
from outreach.jobs import heartbeats, queue, selectors
from outreach.jobs.broker import STOP, LaneBroker
from outreach.jobs.models import Heartbeat, QueueItem
from outreach.jobs.policy import BEAT_SECONDS
from outreach.jobs.services import enqueue
from outreach.ops import health

pytestmark = pytest.mark.django_db

NOTE = "tests.outreach.jobs.tasks.note"
LONG = timedelta(minutes=10)
GONE = 2**22 + 1
"""No process has this number."""


@pytest.fixture
def dead_machine():
    return Heartbeat.objects.create(name="lane:email", host="worker-2", pid=7, beat_at=Now() - LONG)


def email():
    return next(row for row in selectors.lane_rows() if row.name == "email")


def test_a_machine_that_died_is_seen_beside_one_that_lives(dead_machine):
    heartbeats.beat("lane:email")
    heartbeats.beat("lane:email")
    assert [(beat.host == "worker-2", beat.is_well) for beat in email().beats].count((True, False)) == 1
    assert len(email().beats) == 2
    assert email().is_well
    found = {row.name: row for row in health.findings()}
    assert found["lane:email"].is_well
    assert not found["lane:email@worker-2"].is_well
    assert health.is_ready(list(found.values()))


def test_home_and_jobs_tell_an_operator(client, dead_machine):
    client.force_login(User.objects.create_user("olga", password="a long enough one", role=Role.OPERATOR))
    assert "silent processes" in client.get(reverse("home")).content.decode()
    assert "worker-2" in client.get(reverse("jobs:list")).content.decode()


def test_a_process_that_ends_as_it_should_leaves_no_trace():
    heartbeats.beat("clock")
    heartbeats.forget("clock")
    assert heartbeats.beats() == []


def test_a_process_of_this_machine_that_was_replaced_is_forgotten(dead_machine):
    heartbeats.beat("web", GONE)
    heartbeats.beat("clock", os.getpid())
    Heartbeat.objects.update(beat_at=Now() - LONG)
    heartbeats.forget_ended()
    assert {(row.name, row.host) for row in Heartbeat.objects.all()} >= {("lane:email", "worker-2")}
    assert not Heartbeat.objects.filter(name="web").exists()
    assert Heartbeat.objects.filter(name="clock").exists()


def test_a_lane_stalls_when_its_beat_is_old_and_a_worker_is_free():
    heartbeats.beat("lane:email", GONE)
    assert heartbeats.stalled_lanes({"email": GONE}) == []
    Heartbeat.objects.update(beat_at=Now() - LONG)
    assert heartbeats.stalled_lanes({"email": GONE}) == ["email"]
    for _ in range(2):
        enqueue(NOTE, lane="email")
    for item in queue.claim("email", 2):
        queue.hold(item.id, item.attempt)
    assert heartbeats.stalled_lanes({"email": GONE}) == ["email"], "those run elsewhere"
    holder = QueueItem.objects.values_list("holder", flat=True)[0]
    QueueItem.objects.update(holder=holder.replace(f":{os.getppid()}:", f":{GONE}:"))
    assert heartbeats.stalled_lanes({"email": GONE}) == []


def test_a_free_worker_beats_for_its_cluster_first_and_then_every_ten_seconds(monkeypatch):
    monkeypatch.setattr("outreach.jobs.broker.close_old_connections", lambda: None)  # the test's transaction is in it
    broker = LaneBroker("email")
    for _ in range(3):
        enqueue(NOTE, lane="email")
    assert broker.get() != STOP
    assert [(beat.name, beat.pid) for beat in heartbeats.beats()] == [("lane:email", os.getppid())]
    Heartbeat.objects.all().delete()
    assert broker.get() != STOP
    assert heartbeats.beats() == []
    broker._beat_due -= BEAT_SECONDS
    assert broker.get() != STOP
    assert len(heartbeats.beats()) == 1
