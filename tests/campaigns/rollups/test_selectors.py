"""Lists and pages read a campaign's numbers from the rollups: the same as from the raw rows, whatever has just happened."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import counts
from campaigns.models import Campaign, Candidate
from campaigns.reports.kept import Kept
from campaigns.reports.lines import Asked
from campaigns.reports.selectors import source_of
from campaigns.rollups import selectors, services
from campaigns.rollups.models import Change, PeopleCount
from outreach.core import clock
from tests.campaigns.answered import World
from tests.campaigns.factories import make_campaign, make_candidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def read():
    ids = list(Campaign.objects.values_list("pk", flat=True))
    found = selectors.by_campaign(ids)
    return {pk: (one.as_dict(), dict(one.stages)) for pk, one in found.items()}


def raw():
    found = counts.by_campaign(Campaign.objects.values_list("pk", flat=True))
    return {pk: (one.as_dict(), dict(one.stages)) for pk, one in found.items()}


def test_what_has_just_changed_is_counted_first(world):
    make_campaign()
    assert read() == raw()
    Candidate.objects.filter(pk=world.people["no"].pk).update(stage="won")
    make_candidate(world.campaign, stage="drafted")
    assert read() == raw()
    assert not Change.objects.exists()


def test_after_many_changes_at_once_the_rows_of_the_changed_campaigns_are_counted(world, monkeypatch):
    other = make_candidate(make_campaign(), stage="drafted").campaign
    read()
    PeopleCount.objects.filter(campaign=other.pk).update(people=7)
    monkeypatch.setattr(services, "BATCH", 1)
    for _one in range(3):
        make_candidate(world.campaign, stage="drafted")
    found = selectors.by_campaign([world.campaign.pk, other.pk])
    assert Change.objects.exists()
    assert found[world.campaign.pk] == counts.by_campaign([world.campaign.pk])[world.campaign.pk]
    assert found[other.pk].audience == 7, "nothing changed there, so what is kept is read"


def test_while_changes_keep_coming_in_the_kept_numbers_are_shown(world, monkeypatch):
    read()
    weeks = selectors.weekly(8, now=clock.now())
    make_candidate(world.campaign, stage="drafted")
    expected, count_again = raw(), services._count_again

    def and_another_one_comes(ids):
        found = count_again(ids)
        make_candidate(world.campaign, stage="drafted")
        return found

    monkeypatch.setattr(services, "_count_again", and_another_one_comes)
    monkeypatch.setattr(counts, "numbers", None)  # raw rows would be counted for minutes where there are many
    assert read() == expected
    assert Change.objects.exists()
    assert selectors.weekly(8, now=clock.now()) == weeks
    report = source_of(Asked(zone=ZoneInfo("UTC")))
    assert isinstance(report, Kept) and not report.is_behind


def test_no_campaigns_have_no_numbers():
    assert selectors.by_campaign([]) == {}


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
def test_the_weeks_are_those_of_the_raw_rows(world, zone):
    now = clock.now().astimezone(ZoneInfo(zone)) + timedelta(days=3)
    weeks = counts.weekly(8, now=now)
    assert sum(week.sent for week in weeks) and sum(week.replied for week in weeks)
    assert selectors.weekly(8, now=now) == weeks == selectors.weekly(8, now=now)


def test_a_quiet_list_reads_its_numbers_by_one_query(world, django_assert_num_queries):
    read()
    with django_assert_num_queries(2):
        read()
