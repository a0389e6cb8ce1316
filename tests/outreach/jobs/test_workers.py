"""The workers of a lane claim for themselves: one that is killed, or whose database goes away, holds up no other."""

import os
import signal
import time
from contextlib import contextmanager, suppress

import psutil
import pytest
from django.db import DatabaseError, connection, connections

from outreach.core import clock
from outreach.jobs import cluster, heartbeats, queue
from outreach.jobs.models import Heartbeat, QueueItem
from outreach.jobs.policy import WORKERS
from outreach.jobs.services import enqueue
from tests.outreach.jobs.tasks import statements_asleep

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
        assert time.monotonic() < deadline, (what, list(QueueItem.objects.values()))
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


def is_running(number):
    return QueueItem.objects.filter(started_at__isnull=False).count() == number


def test_a_free_lane_is_its_guard_and_one_worker_which_beats_for_it():
    with running_lane() as lane:
        until(lambda: Heartbeat.objects.filter(name=f"lane:{LANE}", pid=lane.pid).exists(), "the lane beats")
        assert len(workers(lane)) == 1, "nothing but its worker is below it"


def test_a_lane_that_stops_takes_its_beat_along():
    heartbeats.beat(f"lane:{LANE}")
    cluster.Lane(LANE).stop()
    assert not Heartbeat.objects.filter(name=f"lane:{LANE}").exists()


def test_a_lane_that_stops_opens_a_lost_connection_again():
    heartbeats.beat(f"lane:{LANE}")
    with connection.cursor() as cursor, suppress(DatabaseError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    cluster.Lane(LANE).stop()
    assert not Heartbeat.objects.filter(name=f"lane:{LANE}").exists()


def test_a_busy_worker_gets_company_which_goes_when_it_has_nothing_to_do(monkeypatch):
    monkeypatch.setattr("outreach.jobs.cluster.SPARE_SECONDS", 0.2)
    with running_lane() as lane:
        until(backends, "it waits")
        first = workers(lane)
        for _ in range(WORKERS + 1):
            enqueue(PAUSE, 2, lane=LANE)
        until(lambda: is_running(WORKERS), "so many run at once")
        assert len(workers(lane)) == WORKERS, "and no more"
        until(is_done, "the last one, too")
        until(lambda: workers(lane) == first, "the one that was there first stays")


def test_a_killed_worker_is_replaced_and_another_goes_on():
    with running_lane() as lane:
        until(backends, "it waits")
        (killed,) = workers(lane)
        os.kill(killed, signal.SIGKILL)
        enqueue(PAUSE, 3, lane=LANE)
        until(lambda: is_running(1), "another took its place")
        (busy,) = workers(lane) - {killed}
        until(lambda: len(workers(lane)) == WORKERS, "one more, as that one is busy")
        os.kill(*(workers(lane) - {busy}), signal.SIGKILL)
        enqueue(PAUSE, 0, lane=LANE)
        until(is_done, "all is done")


def test_what_a_killed_worker_held_does_not_wait_for_its_lease():
    with running_lane() as lane:
        until(backends, "it waits")
        enqueue(PAUSE, 3600, lane=LANE)
        until(lambda: is_running(1) and statements_asleep(), "it works")
        os.kill(*(pid for pid in workers(lane) if QueueItem.objects.get().holder.endswith(f":{pid}:")), signal.SIGKILL)
        until(lambda: QueueItem.objects.filter(locked_until=None, attempts=1).exists(), "it is free again")
        QueueItem.objects.all().delete()
        until(lambda: not statements_asleep(), "the server gives up what a dead worker asked for")


def test_what_the_dead_held_is_freed_once_the_database_answers():
    enqueue(PAUSE, 0, lane=LANE)
    queue.claim(LANE)
    QueueItem.objects.update(holder=queue.holder(os.getpid(), 7), started_at=clock.now())
    lane = cluster.Lane(LANE)
    lane._dead.add(7)
    with connection.cursor() as cursor, suppress(DatabaseError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    lane._give_up()
    assert is_running(1), "the connection was lost"
    lane._give_up()
    assert QueueItem.objects.filter(locked_until=None, started_at=None).exists()


def test_workers_outlive_the_loss_of_their_connections():
    with running_lane() as lane:
        until(backends, "it waits")
        before = workers(lane)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [list(backends())])
        enqueue(PAUSE, 0, lane=LANE)
        until(is_done, "it connects again")
        assert before <= workers(lane)


def test_a_free_worker_is_woken_rather_than_left_to_look(monkeypatch):
    monkeypatch.setattr("outreach.jobs.broker.IDLE_WAIT_SECONDS", 3600)
    monkeypatch.setattr("outreach.jobs.cluster.GRACE_SECONDS", 0.1)  # they wait too long to see that they should end
    with running_lane():
        for _ in range(3):
            until(backends, "it waits, again after it worked")
            enqueue(PAUSE, 0, lane=LANE)
            until(is_done, "it was notified")
