"""The operations page, the deep health check, metrics and alerts: what is wrong is said once, and until it is over."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.db.models.functions import Now
from django.urls import reverse

from outreach.access.models import User
from outreach.access.roles import Role
from outreach.backups.models import Restore
from outreach.core import clock
from outreach.jobs import heartbeats
from outreach.jobs.models import Heartbeat, QueueItem
from outreach.jobs.policy import LANES
from outreach.ops import alerts
from outreach.ops.alerts import Rule
from outreach.ops.models import Alert

pytestmark = pytest.mark.django_db
DASHBOARD = Path(__file__).resolve().parents[3] / "deploy" / "grafana" / "outreach.json"


@pytest.fixture
def operator(client):
    user = User.objects.create_user("olga", password="a long enough one", role=Role.OPERATOR)
    client.force_login(user)
    return user


@pytest.fixture
def dead_machine():
    return Heartbeat.objects.create(name="lane:email", host="worker-2", pid=7, beat_at=Now() - timedelta(hours=1))


def test_the_page_shows_machines_messages_and_backups(client, operator, dead_machine):
    heartbeats.beat("lane:email")
    page = client.get(reverse("operations")).content.decode()
    for words in ("worker-2", "Messages due", "Disk", "Backups are off", "Everything that is watched works."):
        assert words in page


def test_a_viewer_does_not_see_it(client):
    client.force_login(User.objects.create_user("vera", password="a long enough one", role=Role.VIEWER))
    assert client.get(reverse("operations")).status_code == 403


def test_a_machine_that_is_gone_can_be_forgotten_and_one_that_lives_cannot(client, operator, dead_machine):
    heartbeats.beat("clock")
    alive = Heartbeat.objects.get(name="clock")
    client.post(reverse("operations-removal", args=[dead_machine.pk]))
    assert client.post(reverse("operations-removal", args=[alive.pk])).status_code == 409
    assert list(Heartbeat.objects.all()) == [alive]


def test_deep_health_is_503_while_anything_watched_fails(client, operator):
    for lane in LANES:
        heartbeats.beat(f"lane:{lane}", 1)
    assert client.get("/health/deep").json()["status"] == "well"
    QueueItem.objects.create(lane="email", task="x", run_at=clock.now(), is_dead=True)
    answer = client.get("/health/deep")
    assert answer.status_code == 503
    assert [row["name"] for row in answer.json()["checks"] if not row["is_well"]] == ["queue"]


def test_the_dashboard_asks_only_for_metrics_that_exist(client, operator):
    text = client.get("/metrics").content.decode()
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    assert {
        "outreach_messages_due",
        "outreach_gate_refusals",
        "outreach_llm_calls",
        "outreach_disk_free_bytes",
    } <= names
    asked = [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]
    assert asked
    for expression in asked:
        assert any(name in expression for name in names), expression


@pytest.fixture
def rule(settings, monkeypatch):
    """One rule whose sentence the test sets; mail goes to an operator."""
    settings.OUTREACH = settings.OUTREACH.model_copy(deep=True)
    settings.OUTREACH.alerts.mail_to = ("ops@example.com",)
    settings.CAN_MAIL_USERS = True
    said = {"now": ""}
    monkeypatch.setattr(alerts.RULES.__class__, "entries", lambda _point: [Rule("test", lambda: said["now"])])
    return said


def test_an_alert_is_told_once_when_it_lasts_and_once_when_it_is_over(rule):
    start = clock.now()
    rule["now"] = "The disk is full."
    for minutes in (0, 1, 3, 4, 60):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            alerts.watch()
    assert [message.subject for message in mail.outbox] == ["[Outreach] The disk is full."]
    rule["now"] = ""
    alerts.watch()
    alerts.watch()
    assert mail.outbox[1].subject == "[Outreach] Solved: The disk is full."
    assert (len(mail.outbox), Alert.objects.count()) == (2, 0)


def test_a_short_trouble_is_not_told(rule):
    rule["now"] = "A restart."
    alerts.watch()
    rule["now"] = ""
    alerts.watch()
    assert mail.outbox == []


def test_a_trouble_that_stays_is_repeated_once_a_day(rule):
    start = clock.now()
    rule["now"] = "No backup."
    for hours in (0, 1, 2, 12, 26, 27):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            alerts.watch()
    assert len(mail.outbox) == 2


def test_the_floor_watches_lanes_and_restores(dead_machine):
    assert "email" in alerts.lanes_served()
    assert "worker-2" in alerts.machines_alive()
    assert alerts.restore_confirmed() == ""
    Restore.objects.create(backup="x", taken_at=clock.now())
    assert alerts.restore_confirmed()
