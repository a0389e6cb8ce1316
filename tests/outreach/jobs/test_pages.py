"""The jobs page and its fragment."""

import pytest
from django.urls import reverse

from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.jobs import services
from outreach.jobs.draining import drain
from outreach.jobs.models import Job


@pytest.fixture
def operator(client, db):
    user = User.objects.create_user("olga", password="a long enough one", role=Role.OPERATOR)
    client.force_login(user)
    return user


def test_the_page_shows_lanes_jobs_and_schedules(client, operator):
    services.start_job(kind="counting", task="tests.outreach.jobs.tasks.count_to_three", started_by=operator)
    drain()
    page = client.get(reverse("jobs:list")).content.decode()
    assert "counted to three" in page
    assert "events.deliver" in page
    assert "Not responding" in page


def test_a_running_job_asks_for_itself_again_and_an_ended_one_does_not(client, operator):
    job = services.start_job(kind="counting", task="tests.outreach.jobs.tasks.count_to_three")
    address = reverse("jobs:job", args=[job.pk])
    assert "hx-trigger" in client.get(address).content.decode()
    drain()
    assert "hx-trigger" not in client.get(address).content.decode()


def test_an_operator_runs_a_cancelled_job_again(client, operator):
    job = services.start_job(kind="counting", task="tests.outreach.jobs.tasks.count_to_three")
    services.cancel(job=job, actor=Actor.system("test"))
    client.post(reverse("jobs:runs", args=[job.pk]))
    drain()
    assert Job.objects.get(pk=job.pk).state == "done"


def test_only_an_administrator_pauses_a_schedule(client, operator):
    assert client.post(reverse("jobs:schedule-pause", args=["events.deliver"])).status_code == 403
    operator.role = Role.ADMINISTRATOR
    operator.save()
    assert client.post(reverse("jobs:schedule-pause", args=["events.deliver"])).status_code == 302
