"""The timeline before launch and while a campaign runs, and the dry run of tomorrow."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.journey import forecast
from campaigns.journey.tomorrow import tomorrow
from campaigns.launch import services
from campaigns.reactions.subscribers import on_message_sent
from conversations.models import Message
from outreach.core import clock
from outreach.core.models import Actor
from outreach.events.models import Event
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.campaigns.texts import make_draft, mark_sent

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)
WINDOW = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def campaign():
    campaign = make_campaign(
        steps=("first-contact-email", "first-contact-email"), audience_frozen_at="2026-01-01T00:00Z"
    )
    campaign.stream.window = WINDOW
    campaign.stream.save()
    return campaign


def people(campaign, count, *, stage="approved", state="approved", **fields):
    found = []
    for _n in range(count):
        candidate = make_candidate(campaign, stage=stage, **{"time_zone": "Europe/Berlin", **fields})
        for step in (1, 2):
            make_draft(candidate, step=step, state=state)
        found.append(candidate)
    return found


def cap(campaign, **fields):
    for step in campaign.steps.all():
        type(step.sender).objects.filter(pk=step.sender_id).update(**fields)


def start(campaign):
    services.start(campaign=campaign, actor=ACTOR)
    drain("default")


class TestTimeline:
    def test_every_message_has_its_time_before_anything_is_sent(self, campaign):
        people(campaign, 1)
        first, second = forecast.timeline(campaign).entries
        assert first.local == datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/Berlin"))
        assert (first.state, first.zone, first.held) == ("forecast", "Europe/Berlin", "window")
        assert second.local.date() == datetime(2026, 3, 5, tzinfo=UTC).date()
        assert not Message.objects.exists()

    def test_each_recipient_in_their_own_time(self, campaign):
        people(campaign, 1)
        people(campaign, 1, time_zone="America/New_York")
        firsts = [entry for entry in forecast.timeline(campaign).entries if entry.step.number == 1]
        assert [entry.local.hour for entry in firsts] == [9, 9]
        assert firsts[1].at - firsts[0].at == timedelta(hours=6)

    def test_caps_spread_it_over_days_and_say_so(self, campaign):
        cap(campaign, daily_cap=2)
        people(campaign, 5)
        firsts = [entry for entry in forecast.timeline(campaign).entries if entry.step.number == 1]
        assert [entry.at.day for entry in firsts] == [2, 2, 3, 3, 4]
        assert firsts[-1].held in ("daily", "window")

    def test_texts_that_nobody_approved_are_marked(self, campaign):
        people(campaign, 1, stage="drafted", state="pending_review")
        assert {entry.state for entry in forecast.timeline(campaign).entries} == {"review"}

    def test_texts_and_senders_come_with_the_page(self, campaign):
        people(campaign, 1)
        first = forecast.with_texts(forecast.timeline(campaign).entries)[0]
        assert (first.subject, first.body) == ("A question", "Hello Joe, shall we talk?")
        assert first.sender == campaign.steps.get(number=1).sender.name

    def test_it_is_anchored_anew_to_what_really_happened(self, campaign, now):
        people(campaign, 1)
        before = forecast.timeline(campaign).entries[1].at
        start(campaign)
        now.move_to(MONDAY + timedelta(days=1, hours=4))  # Tuesday 11:00 in Berlin: a day late
        message = mark_sent(Message.objects.get())
        on_message_sent(Event(kind="message.sent", payload={"message_id": message.pk}, at=clock.now()))
        first, second = forecast.timeline(campaign).entries
        assert (first.state, first.at) == ("sent", clock.now())
        assert (second.state, second.at > before) == ("planned", True)
        assert second.local.day == 6

    def test_planned_messages_are_read_together(self, campaign):
        people(campaign, 3)
        start(campaign)
        with CaptureQueriesContext(connection) as one:
            forecast.timeline(campaign, people=1)
        with CaptureQueriesContext(connection) as all_of_them:
            entries = forecast.timeline(campaign).entries
        assert [entry.state for entry in entries].count("planned") == 3
        assert len(all_of_them) <= len(one)

    def test_conditions_and_tasks_are_told_apart(self, campaign):
        campaign.steps.filter(number=2).update(condition="not_opened")
        people(campaign, 1)
        assert [entry.state for entry in forecast.timeline(campaign).entries] == ["forecast", "unsure"]
        campaign.steps.filter(number=2).update(condition="always", action="task", instructions="Call them", sender=None)
        assert [entry.state for entry in forecast.timeline(campaign).entries] == ["forecast", "task"]

    def test_another_campaign_at_the_same_sender_takes_its_place(self, campaign):
        cap(campaign, daily_cap=1)
        other = make_campaign(audience_frozen_at="2026-01-01T00:00Z")
        other.steps.update(sender=campaign.steps.get(number=1).sender)
        make_draft(make_candidate(other, stage="approved"))
        start(other)
        people(campaign, 1)
        assert forecast.timeline(campaign).entries[0].at.day == 3

    def test_filters_and_paging(self, campaign):
        people(campaign, 3)
        entries = forecast.timeline(campaign).entries
        assert len(list(forecast.choose(entries, step=2))) == 3
        assert len(list(forecast.choose(entries, state="sent"))) == 0
        assert len(list(forecast.choose(entries, search="fabrikam"))) == 6
        assert list(forecast.choose(entries, after=entries[3].key)) == entries[4:]

    def test_what_it_says_is_what_then_happens(self, campaign):
        people(campaign, 3)
        cap(campaign, gap_seconds=0)
        said = [entry.at for entry in forecast.timeline(campaign).entries if entry.step.number == 1]
        start(campaign)
        planned = [entry.at for entry in forecast.timeline(campaign).entries if entry.step.number == 1]
        assert said == planned


class TestTomorrow:
    def test_what_leaves_by_sender_and_campaign_and_what_holds_the_rest(self, campaign):
        cap(campaign, daily_cap=2)
        people(campaign, 7)
        start(campaign)
        found = tomorrow(zone=ZoneInfo("Europe/Berlin"))
        (share,) = found.shares
        assert (share.campaign, share.count, found.held) == (campaign, 2, 3)
        assert list(share.held) in (["daily"], ["window"], ["daily", "window"])
        assert share.first_at.date() == datetime(2026, 3, 3, tzinfo=UTC).date()

    def test_a_paused_campaign_and_sender_hold_everything(self, campaign):
        people(campaign, 2)
        start(campaign)
        services.pause(campaign=campaign, actor=ACTOR)
        assert dict(tomorrow().shares[0].held) == {"campaign": 2}
        services.resume(campaign=campaign, actor=ACTOR)
        cap(campaign, state="paused")
        assert dict(tomorrow().shares[0].held) == {"sender": 2}

    def test_nothing_leaves_on_a_free_day(self, campaign, now):
        now.move_to(MONDAY + timedelta(days=5))  # Saturday
        people(campaign, 3)
        start(campaign)
        assert tomorrow().count == 0
        monday = tomorrow(day=(MONDAY + timedelta(days=7)).date(), zone=ZoneInfo("Europe/Berlin"))
        assert (monday.count, monday.shares[0].first_at.hour) == (3, 8)

    def test_it_changes_nothing(self, campaign):
        people(campaign, 2)
        start(campaign)
        before = list(Message.objects.order_by("pk").values())
        tomorrow()
        assert list(Message.objects.order_by("pk").values()) == before


class TestDoors:
    @pytest.fixture
    def operator(self, client):
        client.force_login(make_user("operator"))
        return client

    def test_pages(self, operator, campaign):
        people(campaign, 2)
        start(campaign)
        page = operator.get(f"/campaigns/{campaign.pk}/timeline/").content.decode()
        assert "Mon 2 Mar, 09:00" in page  # theirs, not the viewer's
        assert "Joe Poe" in page and "Europe/Berlin" in page and "Hello Joe, shall we talk?" in page
        assert campaign.name in operator.get("/campaigns/tomorrow/?day=2026-03-02").content.decode()
        assert "Nothing to do" in operator.get("/campaigns/tasks/").content.decode()

    def test_download_neutralises_formulas(self, operator, campaign):
        (candidate, *_rest) = people(campaign, 1)
        candidate.lead.full_name = "=cmd()"
        candidate.lead.save()
        text = b"".join(operator.get(f"/campaigns/{campaign.pk}/timeline.csv").streaming_content).decode()
        assert "'=cmd()" in text and len(text.strip().splitlines()) == 3

    def test_api(self, operator, campaign):
        people(campaign, 2)
        body = operator.get(f"/api/v1/campaigns/{campaign.pk}/timeline").json()
        assert (body["total"], body["people"], body["next"]) == (4, 2, "")
        assert body["results"][0]["text"] == "Hello Joe, shall we talk?"
        assert operator.get("/api/v1/campaigns/tomorrow?day=2026-03-03").json()["count"] == 0
        assert operator.get("/api/v1/campaigns/tomorrow?day=soon").status_code == 400
        assert operator.get("/api/v1/tasks").json()["results"] == []
