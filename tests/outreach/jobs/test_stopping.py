"""A lane that is told to stop ends within seconds: what runs is finished or interrupted, and all is given back."""

import os
import signal
import time

import pytest
from django.db import connections

from outreach.jobs import cluster, queue, stopping
from outreach.jobs.broker import STOP, LaneBroker
from outreach.jobs.draining import drain
from outreach.jobs.models import QueueItem
from outreach.jobs.running import run_item
from outreach.jobs.services import enqueue
from tests.outreach.jobs import tasks

SLEEP = "tests.outreach.jobs.tasks.sleep_in_the_database"
NOTE = "tests.outreach.jobs.tasks.note"


@pytest.fixture(autouse=True)
def _not_stopping():
    tasks.ran.clear()
    yield
    stopping._Request.is_made = False


@pytest.mark.django_db
def test_what_waits_in_a_worker_is_given_back_uncounted():
    enqueue(NOTE, 1)
    (item,) = queue.claim("default")
    stopping.request()
    assert run_item(item.id, item.attempt) == "given back"
    assert tasks.ran == []
    stopping._Request.is_made = False
    assert QueueItem.objects.get().attempts == 0
    assert drain() == 1


@pytest.mark.django_db
def test_a_worker_that_should_end_claims_nothing_more():
    enqueue(NOTE, 1)
    stopping.request()
    assert LaneBroker("default").get() == STOP
    assert QueueItem.objects.get().attempts == 0


@pytest.mark.django_db(transaction=True)
def test_a_lane_stops_in_the_middle_of_a_long_statement_and_gives_everything_back():
    for _ in range(4):
        enqueue(SLEEP, 600, lane="web")
    connections.close_all()
    pid = os.fork()
    if not pid:
        cluster.GRACE_SECONDS = 0.3
        cluster.serve("web")
        os._exit(0)
    try:
        deadline = time.monotonic() + 90
        while QueueItem.objects.filter(started_at__isnull=False).count() < 2:
            assert time.monotonic() < deadline, "two workers began"
            time.sleep(0.1)
    finally:
        os.kill(pid, signal.SIGTERM)
        _, status = os.waitpid(pid, 0)
    assert status == 0
    rows = QueueItem.objects.values_list("locked_until", "started_at", "attempts")
    assert list(rows) == [(None, None, 0)] * 4
    assert tasks.statements_asleep() == 0
