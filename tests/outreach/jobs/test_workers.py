"""The workers of a lane claim for themselves: one that is killed, or whose database goes away, holds up no other."""

import os
import signal
import time
from contextlib import contextmanager, suppress

import psutil
import pytest
from django.db import connection, connections

from outreach.jobs import cluster
from outreach.jobs.models import Heartbeat, QueueItem
from outreach.jobs.policy import WORKERS
from outreach.jobs.services import enqueue

pytestmark = pytest.mark.django_db(transaction=True)

PAUSE = "tests.outreach.jobs.tasks.sleep_in_the_database"
LANE = "sms"


@contextmanager
def running_lane():
    connections.close_all()
    pid = os.fork()
    if not pid:
        cluster.serve(LANE)
        os._exit(0)
    try:
        yield psutil.Process(pid)
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def until(condition, what):
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def workers(lane):
    with suppress(psutil.NoSuchProcess):
        return {process.pid for process in lane.children() if process.status() != psutil.STATUS_ZOMBIE}
    return set()


def backends():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE query LIKE '%WITH picked AS%' AND state = 'idle' AND datname = current_database()"
        )
        return {pid for (pid,) in cursor.fetchall()}


def is_done():
    return not QueueItem.objects.exists()


def test_a_lane_is_its_guard_and_its_workers_and_they_beat_for_it():
    with running_lane() as lane:
        until(lambda: Heartbeat.objects.filter(name=f"lane:{LANE}", pid=lane.pid).exists(), "the lane beats")
        until(lambda: len(workers(lane)) == WORKERS, "nothing but its workers is below it")
    assert not Heartbeat.objects.exists(), "it ended as it should"


def test_a_killed_idle_worker_is_replaced_and_the_other_goes_on():
    with running_lane() as lane:
        until(lambda: len(backends()) == WORKERS, "both wait")
        killed = min(workers(lane))
        os.kill(killed, signal.SIGKILL)
        enqueue(PAUSE, 0, lane=LANE)
        until(is_done, "the other worker runs it")
        until(lambda: len(workers(lane) - {killed}) == WORKERS, "another takes its place")


def test_workers_outlive_the_loss_of_their_connections():
    with running_lane() as lane:
        until(lambda: len(backends()) == WORKERS, "both wait")
        before = workers(lane)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [list(backends())])
        enqueue(PAUSE, 0, lane=LANE)
        until(is_done, "a worker connects again")
        assert workers(lane) == before


def test_a_free_worker_is_woken_rather_than_left_to_look(monkeypatch):
    monkeypatch.setattr("outreach.jobs.broker.IDLE_WAIT_SECONDS", 3600)
    monkeypatch.setattr("outreach.jobs.cluster.GRACE_SECONDS", 0.1)  # they wait too long to see that they should end
    with running_lane():
        for _ in range(3):
            until(lambda: len(backends()) == WORKERS, "both wait, again after they worked")
            for _ in range(WORKERS):
                enqueue(PAUSE, 0, lane=LANE)
            until(is_done, "they were notified")
