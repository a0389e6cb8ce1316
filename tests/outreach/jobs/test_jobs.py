"""Visible jobs: progress, outcome, failure, cancel and run again."""

import pytest

from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.jobs import services
from outreach.jobs.draining import drain
from outreach.jobs.models import Job, QueueItem

ACTOR = Actor.system("test")


def start(task: str) -> Job:
    return services.start_job(kind="test", task=f"tests.outreach.jobs.tasks.{task}")


@pytest.mark.django_db
def test_a_job_shows_its_progress_and_its_outcome():
    job = start("count_to_three")
    drain()
    job.refresh_from_db()
    assert (job.state, job.done_count, job.total_count, job.outcome) == ("done", 3, 3, "counted to three")


@pytest.mark.django_db
def test_a_failed_job_says_why_and_can_be_run_again():
    job = start("explode")
    drain()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "boom" in job.error
    assert not QueueItem.objects.exists()
    services.run_again(job=job, actor=ACTOR)
    assert job.state == "queued"
    assert QueueItem.objects.count() == 1


@pytest.mark.django_db
def test_a_job_that_is_done_is_not_run_again():
    job = start("count_to_three")
    drain()
    job.refresh_from_db()
    with pytest.raises(Refused):
        services.run_again(job=job, actor=ACTOR)


@pytest.mark.django_db
def test_a_cancelled_job_stops_at_its_next_sign_of_progress():
    job = start("cancel_half_way")
    drain()
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert job.outcome == ""


@pytest.mark.django_db
def test_a_job_whose_worker_died_starts_over():
    job = start("count_to_three")
    Job.objects.filter(pk=job.pk).update(state="running", done_count=1)
    drain()
    job.refresh_from_db()
    assert (job.state, job.done_count) == ("done", 3)


@pytest.mark.django_db
def test_a_job_that_nothing_will_wake_again_has_failed_and_says_why():
    dead, alive, waiting = (start("count_to_three") for _ in range(3))
    Job.objects.filter(pk__in=[dead.pk, alive.pk]).update(state="running")
    QueueItem.objects.filter(arguments=[dead.pk]).update(is_dead=True)
    assert services.close_abandoned() == 1
    assert services.close_abandoned() == 0
    for job, state in ((dead, "failed"), (alive, "running"), (waiting, "queued")):
        job.refresh_from_db()
        assert job.state == state
    assert "died" in str(dead.error)
    services.run_again(job=dead, actor=ACTOR)
    drain()
    dead.refresh_from_db()
    assert dead.state == "done"
