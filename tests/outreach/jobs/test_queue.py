"""The queue: a wake-up is a row, runs at least once, and stops at its bound."""

import os
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from outreach.jobs import queue
from outreach.jobs.draining import drain
from outreach.jobs.models import QueueItem
from outreach.jobs.policy import MAX_ATTEMPTS
from outreach.jobs.running import run_item
from outreach.jobs.services import enqueue
from tests.outreach.jobs import tasks

NOTE = "tests.outreach.jobs.tasks.note"


@pytest.fixture(autouse=True)
def _empty_notes():
    tasks.ran.clear()


@pytest.mark.django_db
def test_a_task_runs_with_its_arguments_and_its_row_goes_away():
    enqueue(NOTE, 1, "two")
    assert drain() == 1
    assert tasks.ran == [(1, "two")]
    assert not QueueItem.objects.exists()


@pytest.mark.django_db
def test_a_rolled_back_transaction_wakes_nobody():
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue(NOTE, 1)
        raise RuntimeError
    assert drain() == 0


@pytest.mark.django_db
def test_higher_priority_goes_first_then_the_older_one():
    enqueue(NOTE, "old")
    enqueue(NOTE, "new")
    enqueue(NOTE, "urgent", priority=5)
    drain()
    assert tasks.ran == [("urgent",), ("old",), ("new",)]


@pytest.mark.django_db
def test_a_lane_runs_only_its_own_items():
    enqueue(NOTE, "mail", lane="email")
    assert drain("sms") == 0
    assert drain("email") == 1


@pytest.mark.django_db
def test_an_unknown_lane_is_refused_at_the_door():
    with pytest.raises(ValueError, match="unknown lane"):
        enqueue(NOTE, lane="carrier-pigeon")


@pytest.mark.django_db
def test_a_waiting_item_with_the_same_key_makes_another_unnecessary():
    enqueue(NOTE, key="once")
    enqueue(NOTE, key="once")
    assert QueueItem.objects.count() == 1


@pytest.mark.django_db
def test_a_running_item_does_not_swallow_a_new_one_with_its_key():
    enqueue(NOTE, key="once")
    queue.claim("default")
    enqueue(NOTE, key="once")
    assert QueueItem.objects.count() == 2


@pytest.mark.django_db
def test_a_failing_task_keeps_its_error_and_waits():
    enqueue("tests.outreach.jobs.tasks.explode")
    drain()
    item = QueueItem.objects.get()
    assert item.error == "RuntimeError: boom"
    assert not item.is_dead
    assert drain() == 0, "it waits for its next attempt"


@pytest.mark.django_db
def test_a_passing_fault_says_itself_when_to_come_back():
    enqueue("tests.outreach.jobs.tasks.come_back_later")
    drain()
    item = QueueItem.objects.get()
    assert (item.run_at - item.created_at).total_seconds() == pytest.approx(7200, abs=60)


@pytest.mark.django_db
def test_a_permanent_fault_is_put_aside_at_once_and_kept():
    enqueue("tests.outreach.jobs.tasks.give_up")
    drain()
    assert QueueItem.objects.get().is_dead


@pytest.mark.django_db
def test_a_task_that_kills_its_worker_every_time_stops_at_the_bound():
    enqueue(NOTE)
    for _ in range(MAX_ATTEMPTS):
        assert len(queue.claim("default")) == 1
        QueueItem.objects.update(locked_until=None)  # the worker died and its lease lapsed
    assert queue.claim("default") == []
    item = QueueItem.objects.get()
    assert item.is_dead
    assert "died" in item.error


@pytest.mark.django_db
def test_what_a_dead_worker_held_is_tried_again_after_a_pause_and_nothing_else_is_touched():
    for number in range(2):
        enqueue(NOTE, number)
    held, claimed = queue.claim("default", 2)
    guard, worker = os.getppid(), os.getpid()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        queue.hold(held.id, attempt)
        for other in ((guard, int(f"{worker}0")), (int(f"{guard}0"), worker), (int(f"{guard}0"), None)):
            assert queue.give_up(*other) == 0
        assert queue.give_up(guard, worker if attempt % 2 else None) == 1
        row = QueueItem.objects.get(pk=held.id)
        assert (row.attempts, row.started_at, row.locked_until) == (attempt, None, None)
        assert queue.claim("default") == [], "not at once: it may be what killed its worker"
        QueueItem.objects.filter(pk=held.id).update(run_at=Now() - timedelta(hours=1))
        queue.claim("default")
    assert row.is_dead and "died" in row.error
    assert QueueItem.objects.get(pk=claimed.id).locked_until


@pytest.mark.django_db
def test_only_functions_of_tasks_modules_are_run():
    enqueue("os.system", "true")
    drain()
    item = QueueItem.objects.get()
    assert item.is_dead
    assert "tasks" in item.error


@pytest.mark.django_db
def test_a_worker_that_comes_too_late_does_not_run_what_another_took_over():
    enqueue(NOTE)
    first = queue.claim("default")[0]
    QueueItem.objects.update(locked_until=None)
    second = queue.claim("default")[0]
    assert run_item(first.id, first.attempt) == "taken over"
    assert run_item(second.id, second.attempt) == "done"
    assert len(tasks.ran) == 1


@pytest.mark.django_db(transaction=True)
def test_claimers_in_parallel_never_share_an_item():
    for number in range(60):
        enqueue(NOTE, number)
    seen: list[int] = []
    lock = threading.Lock()

    def claim_all():
        while items := queue.claim("default", 3):
            with lock:
                seen.extend(item.id for item in items)
        connection.close()

    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen)) == 60


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_that_found_a_waiting_twin_is_not_lost_when_the_twin_is_claimed_meanwhile():
    enqueue(NOTE, key="twin")
    claimed: list = []

    def claim():
        claimed.extend(queue.claim("default"))
        connection.close()

    with transaction.atomic():
        enqueue(NOTE, key="twin")  # finds the waiting twin and relies on it
        thread = threading.Thread(target=claim)
        thread.start()
        thread.join()
        assert claimed == [], "the twin cannot be claimed before we commit"
    assert len(queue.claim("default")) == 1
