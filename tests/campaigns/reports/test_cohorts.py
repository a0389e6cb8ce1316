"""People by their first message, and how many had answered n weeks later."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from campaigns import outcomes
from campaigns.journey.advancing import hand_over
from campaigns.reports.cohorts import WEEKS, cohorts
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.campaigns.texts import make_draft, mark_sent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)  # a Monday


def started():
    row = make_campaign(state="sending")
    row.stream.state = "active"
    row.stream.save()
    return row


@pytest.fixture
def campaign():
    return started()


def write(campaign, at, *, answered_after=None, kind="replied"):
    candidate = make_candidate(campaign, stage="approved")
    message = mark_sent(hand_over(make_draft(candidate)), at)
    if answered_after is not None:
        outcomes.record(candidate=candidate, kind=kind, occurred_at=at + answered_after, message=message)


def read(**options):
    return cohorts(**{"kind": "replied", "unit": "week", "now": NOW, "zone": UTC} | options)


def test_answers_add_up_over_the_weeks_after_the_first_message(campaign):
    monday = datetime(2026, 11, 2, 9, tzinfo=UTC)
    write(campaign, monday, answered_after=timedelta(days=2))
    write(campaign, monday + timedelta(days=1), answered_after=timedelta(days=10))
    write(campaign, monday + timedelta(days=6))
    (found,) = read()
    assert (found.begins, found.people) == (date(2026, 11, 2), 3)
    assert found.answered == (1, 2, 2, *[None] * (WEEKS - 3))


def test_a_week_that_is_not_over_for_everyone_says_nothing(campaign):
    write(campaign, NOW - timedelta(hours=2), answered_after=timedelta(hours=1))
    assert read()[-1].answered == (None,) * WEEKS


def test_months_and_one_campaign_and_another_answer(campaign):
    other = started()
    write(campaign, datetime(2026, 9, 30, 23, tzinfo=UTC), answered_after=timedelta(days=1), kind="booked")
    write(other, datetime(2026, 10, 5, 9, tzinfo=UTC))
    assert [row.begins for row in read(unit="month")] == [date(2026, 9, 1), date(2026, 10, 1)]
    (booked,) = read(unit="month", kind="booked", campaign_id=campaign.pk)
    assert booked.answered[0] == 1


def test_every_number_of_a_cohort_opens_its_people(client, campaign, time_machine):
    time_machine.move_to(NOW)
    client.force_login(make_user("operator", time_zone="UTC"))
    monday = datetime(2026, 11, 2, 9, tzinfo=UTC)
    for days in (2, 10, None):
        write(campaign, monday, answered_after=timedelta(days=days) if days else None)
    write(campaign, monday - timedelta(days=7))
    shown = client.get(reverse("reports:cohorts"))
    row = next(row for row, _weeks in shown.context["rows"] if row.begins == monday.date())
    base = f"since={row.begins}&until={row.ends}"
    assert f"number=first&amp;{base.replace('&', '&amp;')}" in shown.content.decode()

    def behind(query):
        return len(client.get(f"{reverse('reports:people')}?number=first&{query}&{base}").context["people"])

    assert behind("") == row.people == 3
    assert [behind(f"answer=replied&weeks={week}") for week in (1, 2, 3)] == list(row.answered[:3]) == [1, 2, 2]
    assert client.get(f"{reverse('reports:people')}?number=first&answer=lost&weeks=1").status_code == 400


def test_the_page_and_its_csv(client, campaign):
    client.force_login(make_user("operator"))
    page = reverse("reports:cohorts")
    assert "Cohorts appear as soon" in client.get(page).content.decode()
    write(campaign, datetime.now(UTC) - timedelta(days=20), answered_after=timedelta(days=1))
    shown = client.get(page, {"unit": "month", "kind": "replied"})
    assert [row.people for row, _weeks in shown.context["rows"]] == [1]
    assert client.get(page, {"format": "csv"}).content.decode("utf-8-sig").splitlines()[1].split(",")[1] == "1"
    assert client.get(page, {"unit": "year"}).status_code == 200
