"""The dashboard's numbers, what is behind each, and that a page of them costs few queries."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import outcomes
from campaigns.dashboard import selectors
from campaigns.dashboard.behind import NUMBERS
from campaigns.dashboard.forms import DashboardForm
from campaigns.dashboard.product import MINUTELY
from campaigns.drafts.judging import Judgement
from campaigns.drafts.models import Draft
from campaigns.models import Campaign, Candidate, Outcome
from campaigns.review import services as review
from outreach.core import clock
from outreach.jobs.models import PeriodicRun
from outreach.llm.models import Interaction
from tests.campaigns.answered import World
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    client.force_login(make_user("operator"))
    return lambda name, *arguments, **query: client.get(reverse(f"dashboard:{name}", args=arguments), query)


def figures():
    return {figure.name: figure for part in selectors.sections(DashboardForm({}).period()) for figure in part.figures}


def test_a_new_workspace_is_told_what_is_missing_and_shows_no_made_up_number(page):
    shown = page("index").content.decode()
    for said in ("No leads were added", "No message was sent", "No one reviewed a draft", "No value yet"):
        assert said in shown
    assert {name for name, figure in figures().items() if figure.value} == set()


def test_the_numbers_agree_with_the_reports(page):
    World()
    found = figures()
    assert found["contacted"].value == 9
    assert found["replied"].value == pytest.approx(4 / 9)
    assert found["new_leads"].value == 12
    assert found["bounce_guard"].note == "1 of 9 · limit 5.0%"
    assert found["cost_per_reply"].note == "4 replied"


def test_every_number_opens_what_is_behind_it(page, client):
    World()
    for name, figure in figures().items():
        if figure.url:
            assert client.get(figure.url).status_code == 200, name
    for name in NUMBERS:
        assert page("behind", name).status_code == 200
    assert page("behind", "nothing").status_code == 404
    assert len(re.findall('<li class="row">', page("behind", "new_leads").content.decode())) == 12


def test_reviewers_are_measured_by_what_they_decided():
    campaign, user = make_campaign(), make_user()
    kept, changed, dropped = (make_draft(make_candidate(campaign), state="pending_review") for _ in range(3))
    Draft.objects.filter(pk=kept.pk).update(created_at=clock.now() - timedelta(hours=2))
    Draft.objects.filter(pk=changed.pk).update(edited_by=user)
    for draft in (kept, changed):
        review.approve(draft=draft, version=1, user=user)
    review.reject(draft=dropped, version=1, user=user, reason="no")
    found = figures()
    assert found["reviewed"].value == 3
    assert found["edit_rate"].value == pytest.approx(1 / 2)
    assert found["rejection_rate"].value == pytest.approx(1 / 3)
    assert found["time_to_review"].value == pytest.approx(0, abs=0.1)  # the median of two hours and twice nothing
    assert found["judge_agreement"].note in ("", "Not enough data")
    for draft in [make_draft(make_candidate(campaign), state="pending_review") for _ in range(7)]:
        review.approve(draft=draft, version=1, user=user)
    Draft.objects.update(judgement=Judgement(0.9, 0.1, (), "builtin").as_json())
    Draft.objects.filter(pk=dropped.pk).update(judgement=Judgement(0.9, 0.6, (), "builtin").as_json())
    assert figures()["judge_agreement"].note == "9 of 10"  # all but the one that was changed


def test_revenue_is_what_was_entered_and_goes_to_the_campaigns_that_wrote():
    world = World()
    user = make_user()
    for name, kind, value in (("interested", "booked", 700), ("interested", "won", 900), ("asks", "won", 100)):
        candidate = Candidate.objects.get(pk=world.people[name].pk)
        outcomes.record_by_hand(candidate=candidate, kind=kind, user=user, value=Decimal(value))
    part = next(p for p in selectors.sections(DashboardForm({}).period()) if p.name == "revenue")
    assert [figure.value for figure in part.figures] == [1000, 2]
    assert part.table is not None and part.table.rows[0][1] == ["1,000"] * 3


def test_the_cost_of_a_reply_is_that_of_all_calls_divided_by_those_who_replied():
    World()
    Interaction.objects.update(cost_usd=None)
    Interaction.objects.filter(pk=Interaction.objects.first().pk).update(cost_usd=Decimal(2))
    found = figures()
    assert (found["model_cost"].value, found["cost_per_reply"].value) == (2, 0.5)
    assert "calls have no price" in found["model_cost"].note


def test_uptime_is_the_share_of_minutes_in_which_work_ran():
    now = clock.now()
    for minute in range(0, 60, 2):
        PeriodicRun.objects.create(name=MINUTELY, planned_at=now - timedelta(minutes=60 - minute))
    assert figures()["uptime"].value == pytest.approx(0.5, abs=0.02)


def test_time_from_a_segment_to_a_campaign_is_the_median_of_those_that_were_queued(page):
    for minutes in (10, 20, 60):
        campaign = make_campaign()
        made = campaign.segment_version.created_at
        Campaign.objects.filter(pk=campaign.pk).update(audience_frozen_at=made + timedelta(minutes=minutes))
    make_campaign()
    found = figures()["segment_to_campaign"]
    assert found.value == pytest.approx(20 / 60)
    assert "after 1 h" in page("behind", "segment_to_campaign").content.decode()


def test_time_to_reply_is_the_median():
    world = World()
    replies = Outcome.objects.filter(kind="replied").select_related("message").order_by("pk")
    for hours, row in zip((1, 2, 4, 30), replies, strict=True):
        row.occurred_at = row.message.sent_at + timedelta(hours=hours)
        row.save(update_fields=["occurred_at"])
    assert world and figures()["time_to_reply"].value == pytest.approx(3)


def test_a_page_takes_at_most_twenty_queries_however_much_there_is(page):
    World()
    page("index")
    with CaptureQueriesContext(
        connection,
    ) as used:
        page("index")
    assert len(used) <= 20, "\n".join(query["sql"][:160] for query in used)


def test_csv_and_api_say_the_same(page, client):
    World()
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(page("export").content.decode("utf-8-sig")))}
    api = {f["name"]: f for part in client.get(reverse("api-dashboard")).json() for f in part["figures"]}
    assert rows.keys() == api.keys()
    assert float(rows["replied"]["value"]) == api["replied"]["value"] == pytest.approx(4 / 9)
    assert client.get(reverse("api-dashboard"), {"since": "2026-02-02", "until": "2026-01-01"}).status_code == 400
