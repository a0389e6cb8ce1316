from __future__ import annotations

import pytest

from conversations.lab import services, tasks
from conversations.lab.models import Run
from conversations.playbooks.services import default_playbook
from outreach.access.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    client.force_login(User.objects.create_user("olga", role="operator"))
    return client


def test_a_run_is_started_played_and_shown(page):
    form = {"playbook": default_playbook().pk, "other": default_playbook().pk, "rounds": 1, "seed": 7}
    answer = page.post("/lab/", form)
    run = Run.objects.get(against__isnull=False)
    assert answer.status_code == 302 and answer.url == f"/lab/{run.pk}/"
    assert "being held" in page.get(answer.url).content.decode()
    for each in Run.objects.all():
        tasks.hold(each.pk)
    text = page.get(answer.url).content.decode()
    assert "Injects instructions" in text and "bubble is-out" in text and "being held" not in text
    assert "None broken" in page.get("/lab/").content.decode()


def test_a_broken_rule_is_shown_first(page):
    run = services.create_run(playbook=default_playbook(), settings=services.Settings(rounds=1), created_by=None)
    services.hold(run)
    last = run.plays.last()
    last.breaks = [{"rule": "human", "detail": "it says so"}]
    last.save()
    first = page.get(f"/lab/{run.pk}/").context["transcripts"][0]
    assert str(first["persona"]) == "Answers by calendar" and str(first["plays"][0][1][0][0]) == "Claimed to be human"


def test_wrong_numbers_are_refused_and_viewers_start_nothing(page, client):
    assert page.post("/lab/", {"playbook": default_playbook().pk, "rounds": 99, "seed": 1}).status_code == 422
    client.force_login(User.objects.create_user("vera", role="viewer"))
    assert client.post("/lab/", {"playbook": default_playbook().pk, "rounds": 1, "seed": 1}).status_code == 403
    assert not Run.objects.exists()


def test_pages_take_few_queries_however_many_conversations(page, django_assert_max_num_queries):
    run = services.create_run(playbook=default_playbook(), settings=services.Settings(rounds=2), created_by=None)
    services.hold(run)
    with django_assert_max_num_queries(25):
        page.get(f"/lab/{run.pk}/")
