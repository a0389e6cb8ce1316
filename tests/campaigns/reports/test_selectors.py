"""Every number of every line opens exactly the people that it counts."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.journey.advancing import hand_over
from campaigns.models import Outcome
from campaigns.reports import selectors
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.selectors import Asked
from leads.models import Lead
from outreach.core import clock
from tests.campaigns.answered import World
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.campaigns.texts import make_draft, mark_sent

pytestmark = pytest.mark.django_db

NUMBERS = ("contacted", *selectors.RESULTS)


def periods():
    now = clock.now()
    return {
        "everything": Asked(),
        "this week": Asked(since=now - timedelta(days=7)),
        "before it": Asked(until=now - timedelta(days=7)),
    }


def test_people_behind_the_numbers_are_as_many_as_the_numbers_on_every_line():
    world = World()
    Outcome.objects.filter(kind="won").update(value=1200)
    for asked in (*periods().values(), Asked(campaign_id=world.campaign.pk)):
        total = selectors.total(asked)
        for number in NUMBERS if asked.has_period else (*selectors.PEOPLE, *NUMBERS):
            assert selectors.people_behind(selectors.Line(asked, number)).count() == total.number(number), number
    for asked in (Asked(), periods()["this week"]):
        total = selectors.total(asked)
        for by in DIMENSIONS:
            rows = selectors.rows(asked, by=by)
            for row in rows:
                for number in (one for one in NUMBERS if row.number(one)):
                    found = selectors.people_behind(selectors.Line(asked, number, by, row.key)).count()
                    assert found == row.number(number), (by, row.key, number)
            assert sum(row.messages for row in rows) == total.messages
            assert sum(row.value for row in rows) == total.value


def test_no_line_counts_what_another_period_sent():
    World()
    assert selectors.total(periods()["before it"]).sent == 0
    assert selectors.rows(periods()["before it"], by="weekday") == []


def sent(campaign, at):
    return mark_sent(hand_over(make_draft(make_candidate(campaign, stage="approved"))), at)


def test_the_period_before_is_as_long_and_touches_this_one():
    now = clock.now()
    asked = Asked(since=now - timedelta(days=7), until=now)
    before = asked.before(now)
    assert (before.since, before.until) == (now - timedelta(days=14), asked.since)
    assert Asked().before(now) is None


@pytest.mark.parametrize(
    ("days", "unit", "points"), [(10, "day", 11), (300, "week", range(43, 45)), (800, "month", range(26, 29))]
)
def test_the_axis_is_time_also_where_nothing_was_sent(days, unit, points):
    campaign = make_campaign(state="sending")
    campaign.stream.state = "active"
    campaign.stream.save()
    now = clock.now()
    sent(campaign, now - timedelta(days=days))
    sent(campaign, now)
    asked = Asked()
    assert selectors.unit_of(asked, now) == unit
    series = selectors.over_time(asked, unit)["sent"]
    assert len(series) in (points if isinstance(points, range) else [points])
    assert sum(count for _day, count in series) == 2


@pytest.fixture
def report(client):
    client.force_login(make_user("operator"))
    return lambda name, **query: client.get(reverse(f"reports:{name}"), query)


def test_a_number_leads_to_a_list_with_the_same_people(report):
    world = World()
    replied = report("people", number="replied", by="campaign", key=world.campaign.pk)
    assert "4 people" in replied.content.decode()
    everyone = report("people", number="contacted")
    assert "9 people" in everyone.content.decode()


def test_the_page_links_each_number_and_tells_the_change(report):
    World()
    shown = report("index", by="weekday", since=(clock.now() - timedelta(days=6)).date().isoformat()).content.decode()
    assert "number=replied" in shown and "Last 7 days" in shown
    assert "compare with the previous period of the same length" not in shown  # nothing was sent then


def test_the_change_is_told_where_the_period_before_had_something(report):
    world = World()
    now = clock.now()
    sent(world.campaign, now - timedelta(days=9))
    shown = report("index", since=(now - timedelta(days=6)).date().isoformat()).content.decode()
    assert "+800" in shown  # nine people after one
    assert "compare with the previous period of the same length" in shown


def test_a_page_holds_the_largest_lines_and_the_others_on_request(report, monkeypatch):
    campaign = make_campaign(state="sending")
    campaign.stream.state = "active"
    campaign.stream.save()
    for country in ("DE", "DE", "FR", ""):
        person = make_candidate(campaign, stage="approved")
        Lead.objects.filter(pk=person.lead_id).update(country=country)
        mark_sent(hand_over(make_draft(person)))
    monkeypatch.setattr(selectors, "SHOWN", 1)
    shown = report("index", by="country")
    assert [name for name, _cells in shown.context["rows"]] == ["Germany"]
    assert "2 more lines are in the exports" in shown.content.decode()
    everything = report("index", by="country", lines="all").context
    assert sorted(name for name, _cells in everything["rows"]) == ["France", "Germany", "—"]
    assert [cell.count for cell in everything["total"]] == [cell.count for cell in shown.context["total"]]
    assert report("export", by="country").content.count(b"\n") == 5  # heading, three lines and the total


def test_time_is_drawn_by_the_unit_that_was_chosen(report):
    World()
    month = report("index", by="weekday", unit="month")
    assert month.context["unit"] == "by month" and "unit=month" in month.context["query"]
    assert report("index", unit="hour").context["unit"] == "by day"


@pytest.mark.parametrize("query", [{"number": "nothing"}, {"number": "replied", "by": "step", "key": "x"}, {}])
def test_an_unknown_number_is_a_bad_request(report, query):
    assert report("people", **query).status_code == 400


def test_a_period_beyond_the_calendar_is_told_and_one_within_is_read(report, client):
    World()
    for query in ({"since": "0001-01-01"}, {"until": "9999-12-31"}):
        assert "Enter a year from 1970 to 2100." in report("index", **query).content.decode()
        assert report("export", **query).status_code == 200
        for name in ("api-funnel", "api-dashboard"):
            refused = client.get(reverse(name), query)
            assert (refused.status_code, "1970 to 2100" in refused.json()["detail"]) == (400, True)
    whole = {"since": "1970-01-01", "until": "2100-12-31"}
    assert report("index", **whole).context["total"][1].count == 9
    assert client.get(reverse("dashboard:index"), whole).status_code == 200


def test_intervals_are_shown_on_demand(report):
    World()
    assert "rate-interval" not in report("index").content.decode()
    assert "rate-interval" in report("index", intervals="1").content.decode()
