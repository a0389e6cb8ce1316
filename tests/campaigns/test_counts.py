"""One definition of every number: what happened to people reads the same on every page, in the CSV and over the API."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from campaigns import counts
from campaigns.audience.selectors import filtered
from campaigns.drafts.models import Draft
from campaigns.models import Candidate
from campaigns.reports.dimensions import DIMENSIONS
from tests.campaigns.answered import ANSWERS, World
from tests.campaigns.factories import make_user

pytestmark = pytest.mark.django_db

EXPECTED = {"contacted": 9, "replied": 4, "bounced": 1, "opted_out": 2, "positive": 1, "won": 1, "audience": 11}


@pytest.fixture
def world():
    return World()


@pytest.fixture
def page(client):
    client.force_login(make_user("operator"))
    return lambda name, *arguments, **query: client.get(reverse(name, args=arguments), query)


def test_the_definitions(world):
    found = counts.by_campaign([world.campaign.pk])[world.campaign.pk].as_dict()
    assert {name: found[name] for name in EXPECTED} == EXPECTED
    assert counts.total().as_dict() == found


def test_people_answered_when_they_wrote_themselves_also_a_no_or_an_opt_out(world):
    answered = Candidate.objects.filter(counts.came_as_far_as("replied"))
    assert {name for name, one in world.people.items() if answered.filter(pk=one.pk).exists()} == set(ANSWERS)


def test_the_variants_of_a_message_are_one_decision(world):
    assert Draft.objects.to_review().count() == 2
    assert sum(counts.to_review_by_campaign(Draft.objects.all()).values()) == 1


@pytest.mark.parametrize("name", ["qualified", "drafted", "approved", "contacted", "replied", "won"])
def test_the_list_behind_a_number_has_as_many_people(world, name):
    found = counts.by_campaign([world.campaign.pk])[world.campaign.pk].as_dict()
    assert filtered(world.campaign, reached=name).count() == found[name]


def test_somebody_taken_out_after_contact_still_counts(world):
    Candidate.objects.filter(pk=world.people["is silent"].pk).update(stage="excluded")
    found = counts.by_campaign([world.campaign.pk])[world.campaign.pk]
    assert (found.contacted, found.audience) == (EXPECTED["contacted"], EXPECTED["audience"])


def test_every_place_says_the_same(world, page, capsys):
    pk, name = world.campaign.pk, world.campaign.name
    report = page("reports:index")
    said = {
        "home": number_of(page("home"), "replied"),
        "list": number_of(page("campaigns:list"), "replied"),
        "campaign": number_of(page("campaigns:detail", pk), "replied"),
        "report": shown(report.context["total"])["Replied"],
        "report's row": shown(report.context["rows"][0][1])["Replied"],
        "csv": int(next(row for row in lines(page("reports:export")) if row["name"] == name)["replied"]),
        "api": page("campaign-detail", pk).json()["numbers"]["replied"],
        "api of reports": page("api-funnel").json()["total"]["replied"],
    }
    call_command("campaign", "list", "--json")
    for by in DIMENSIONS:
        said[f"csv by {by}"] = sum(int(row["replied"]) for row in lines(page("reports:export", by=by))[:-1])
    said["command"] = json.loads(capsys.readouterr().out.splitlines()[-1])["replied"]
    assert set(said.values()) == {EXPECTED["replied"]}, said


def test_every_place_counts_the_same_people_as_contacted(world, page):
    pk = world.campaign.pk
    said = {
        "home": number_of(page("home"), "contacted"),
        "list": number_of(page("campaigns:list"), "contacted"),
        "campaign": number_of(page("campaigns:detail", pk), "contacted"),
        "report": shown(page("reports:index").context["total"])["Contacted"],
        "csv": int(lines(page("reports:export"))[-1]["sent"]),
        "this month": shown(page("reports:index", since="2020-01-01").context["total"])["Contacted"],
        "api": page("campaign-detail", pk).json()["numbers"]["contacted"],
    }
    assert set(said.values()) == {EXPECTED["contacted"]}, said


COLUMNS = {"Messages": "messages", "Contacted": "sent", "Delivered": "delivered", "Bounced": "bounced",
           "Replied": "replied", "Won": "won", "Positive": "positive", "Booked": "booked", "Opted out": "opted_out"}  # fmt: skip
"""Heading on the page → name in the CSV and over the API."""


@pytest.mark.parametrize("period", [{}, {"since": "2020-01-01"}], ids=["everything", "a period"])
def test_by_every_breakdown_page_csv_api_and_the_people_behind_say_the_same(world, page, client, period):
    for by in DIMENSIONS:
        report = page("reports:index", by=by, **period)
        on_page = [
            {"name": name} | {column: shown(cells)[heading] for heading, column in COLUMNS.items()}
            for name, cells in report.context["rows"]
        ]
        table = lines(page("reports:export", by=by, **period))[:-1]
        answer = page("api-funnel", by=by, **period).json()["rows"]
        names = ["name", *COLUMNS.values()]
        assert on_page == [{name: one[name] for name in names} for one in answer], by
        assert [[str(one[name]) for name in names] for one in on_page] == [[one[n] for n in names] for one in table], by
        for _name, cells in report.context["rows"][:1]:
            for cell in cells:
                if cell.href and cell.heading in ("Contacted", "Replied", "Opted out"):
                    behind = client.get(cell.href).context
                    assert behind["count"] == cell.count == len(behind["people"]), (by, cell.heading)


def test_what_waits_for_review_is_one_number(world, page):
    shown = page("home")
    assert re.search(r"\b1\b", shown.content.decode().split("to review")[0].rsplit("<a", 1)[-1])
    navigation = {link.label: link.count for link in shown.context["navigation"].doors}
    assert navigation["Campaigns"] == 1


def shown(cells) -> dict[str, object]:
    """The numbers of a line of the report, by their headings."""
    return {str(cell.heading): cell.count for cell in cells}


def number_of(response, name: str) -> int:
    """The number that a page marks with its name."""
    found = re.findall(rf'data-number="{name}"[^>]*>\s*(\d+)', response.content.decode())
    assert len(found) == 1, (name, found)
    return int(found[0])


def lines(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
