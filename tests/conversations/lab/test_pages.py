from __future__ import annotations

import pytest

from conversations.lab import services, tasks
from conversations.lab.models import Run
from conversations.playbooks import services as playbooks
from conversations.playbooks.definition import parse
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


def test_a_text_is_tried_on_the_page_of_a_playbook(page):
    content = {"words": {"en": {"prices": [{"what": "Team plan", "price": "€400 a month"}]}}}
    playbook = playbooks.save_playbook(name="Ours", definition=parse(content), created_by=None).playbook
    assert f'action="/lab/try/{playbook.pk}/"' in page.get(f"/playbooks/{playbook.pk}/").content.decode()
    text = page.post(
        f"/lab/try/{playbook.pk}/", {"text": "How much is the Team plan?"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "Asks a question" in text and "“Team plan: €400 a month”" in text and "a person decides" in text
    whole = page.post(f"/lab/try/{playbook.pk}/", {"text": "Is there an app?", "channel": "sms"}).content.decode()
    assert "They ask something that the playbook doesn&#x27;t answer." in whole and "Try it" in whole
