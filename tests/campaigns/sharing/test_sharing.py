"""Saved reports: links that show numbers and nobody, and reports that come by themselves."""

import io
import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as outbox
from django.urls import reverse
from openpyxl import load_workbook

from campaigns.sharing import services
from campaigns.sharing.models import ReportLink, ReportSchedule
from campaigns.sharing.services import Plan
from conversations.senders.models import Sender
from outreach.core import clock
from outreach.core.errors import Invalid, Refused, Retryable
from outreach.core.models import AuditEntry
from outreach.web.fetching import Fetcher, Page
from tests.campaigns.answered import World
from tests.campaigns.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user("operator", email="ann@northwind.example")


@pytest.fixture
def report(user):
    return services.save(user=user, name="Weekly", query="by=sender&last=7&number=x")


def test_a_report_is_saved_from_its_page_and_stands_there(client, user):
    client.force_login(user)
    answer = client.post(reverse("sharing:save"), {"name": "By country", "query": "by=country&last=30&evil=1"})
    assert answer["Location"].endswith("/reports/?by=country&last=30")
    shown = client.get(answer["Location"])
    assert "By country" in shown.content.decode() and shown.context["by"] == "country"
    again = client.post(reverse("sharing:save"), {"name": "By country", "query": ""}, follow=True)
    assert "already have a saved report" in again.content.decode()


def test_the_last_seven_days_are_those_of_the_day_on_which_it_is_read(report):
    World()
    assert services.read(report).total.sent == 9
    with time_machine.travel(clock.now() + timedelta(days=10), tick=False):
        assert services.read(report).total.sent == 0


def test_a_link_shows_the_numbers_to_anyone_and_names_nobody(client, report, user):
    world = World()
    _link, address = services.share(report=report, days=7, user=user)
    shown = client.get(re.sub(r"^https?://[^/]+", "", address))
    text = shown.content.decode()
    assert shown.status_code == 200 and "noindex" in shown["X-Robots-Tag"] and shown["Referrer-Policy"] == "no-referrer"
    assert shown.context["total"].sent == 9 and "Sender 1" in text
    assert Sender.objects.first().name not in text and "Joe Poe" not in text and world.campaign.name not in text
    assert "/reports/people/" not in text and "no-store" in shown["Cache-Control"]
    assert ReportLink.objects.get().opened_count == 1
    assert AuditEntry.objects.filter(action="report.shared").exists()


def test_a_link_ends_when_it_expires_or_is_revoked(client, report, user):
    link, address = services.share(report=report, days=7, user=user)
    path = re.sub(r"^https?://[^/]+", "", address)
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        assert client.get(path).status_code == 404
    assert client.get(path).status_code == 200
    services.revoke(link=link, user=user)
    assert client.get(path).status_code == 404
    assert AuditEntry.objects.filter(action="report.link_revoked").count() == 1
    assert client.get(reverse("shared_report", args=["guess"])).status_code == 404


def test_only_its_digest_is_kept(report, user):
    link, address = services.share(report=report, days=7, user=user)
    assert address.rstrip("/").rsplit("/", 1)[-1] not in str(vars(link))
    with pytest.raises(Invalid):
        services.share(report=report, days=9_999, user=user)


def test_nobody_shares_the_report_of_another(client, report):
    client.force_login(make_user("operator"))
    assert client.get(reverse("sharing:detail", args=[report.pk])).status_code == 404
    assert client.post(reverse("sharing:remove", args=[report.pk])).status_code == 404


def test_a_scheduled_report_comes_once_for_its_time(report, user, settings):
    settings.CAN_MAIL_USERS = True
    World()
    row = services.schedule(report=report, plan=Plan("daily", 8, ["boss@northwind.example"]), user=user)
    assert services.send_due() == 0
    with time_machine.travel(row.next_at + timedelta(minutes=1), tick=False):
        assert (services.send_due(), services.send_due()) == (1, 0)
    sent = outbox.outbox[-1]
    assert sent.to == ["boss@northwind.example"] and "9 contacted, 4 replied" in sent.body and "by=sender" in sent.body


def test_what_would_reach_nobody_is_refused(report, user, settings):
    with pytest.raises(Invalid):
        services.schedule(report=report, plan=Plan("daily", 8), user=user)
    with pytest.raises(Invalid):
        services.schedule(report=report, plan=Plan("daily", 8, slack_url="https://evil.example/x"), user=user)
    settings.CAN_MAIL_USERS = False
    with pytest.raises(Refused):
        services.schedule(report=report, plan=Plan("daily", 8, ["a@x.example"]), user=user)


@pytest.fixture
def slack(monkeypatch):
    """Slack as `Fetcher` sees it: what was posted, and what it answers."""
    posted = []

    def send(self, method, url, *, content=b"", headers=None, bounds=None):
        posted.append((method, url, json.loads(content)["text"]))
        return Page(url, posted_status[0], {}, b"no_service")

    posted_status = [200]
    monkeypatch.setattr(Fetcher, "send", send)
    return posted, posted_status


def test_a_report_goes_to_a_slack_channel(report, user, slack):
    posted, status = slack
    url = "https://hooks.slack.com/services/T0/B0/x"
    row = services.schedule(report=report, plan=Plan("weekly", 8, slack_url=url), user=user)
    assert url not in str(vars(row))
    services.deliver(row)
    assert posted[0][:2] == ("POST", url) and "*Weekly*" in posted[0][2]
    for code, error in ((404, Refused), (503, Retryable)):
        status[0] = code
        with pytest.raises(error):
            services.deliver(row)


def test_a_report_that_could_not_be_sent_says_so_and_is_tried_again(report, user, slack):
    _posted, status = slack
    status[0] = 503
    row = services.schedule(
        report=report, plan=Plan("monthly", 8, slack_url="https://hooks.slack.com/services/x"), user=user
    )
    with time_machine.travel(row.next_at, tick=False):
        assert services.send_due() == 0
        row = ReportSchedule.objects.get()
        assert "503" in row.error and row.next_at <= clock.now() + services.RETRY


def test_the_page_makes_links_and_schedules(client, report, user):
    client.force_login(user)
    page = reverse("sharing:detail", args=[report.pk])
    assert "/shared/" in client.post(page, {"what": "link", "days": 30}).content.decode()
    hook = "https://hooks.slack.com/services/T0/B0/x"
    given = {"what": "schedule", "frequency": "weekly", "hour": 8, "recipients": "", "slack_url": hook}
    assert client.post(page, given).status_code == 302
    assert client.post(page, given | {"slack_url": "http://localhost/"}).status_code == 422
    assert "Every Monday" in client.get(reverse("sharing:list")).content.decode()
    link, row = ReportLink.objects.get(), ReportSchedule.objects.get()
    client.post(reverse("sharing:revoke", args=[report.pk, link.pk]))
    client.post(reverse("sharing:unschedule", args=[report.pk, row.pk]))
    assert not ReportSchedule.objects.exists() and not ReportLink.objects.open(clock.now()).exists()


def test_excel_gets_numbers_as_numbers_and_no_formula(client, user):
    world = World()
    type(world.campaign).objects.update(name="=1+1")
    client.force_login(user)
    book = load_workbook(io.BytesIO(client.get(reverse("reports:workbook")).content))
    head, first, *_rest = book.active.iter_rows(values_only=True)
    line = dict(zip(head, first, strict=True))
    assert line["replied"] == 4 and line["name"] == "=1+1"
    assert book.active["B2"].data_type == "s"
