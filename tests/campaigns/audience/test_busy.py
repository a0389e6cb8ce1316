"""Nobody hears from us twice by accident: people of another running campaign, and those contacted lately."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.audience import busy, live, shortlist
from campaigns.audience.services import freeze_audience, keep_busy
from campaigns.launch import checks
from campaigns.models import Campaign, Candidate
from conversations.consent.services import Target, suppress
from leads.models import Lead
from leads.segments.services import save_segment
from outreach.core import clock
from outreach.core.models import Actor
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_user
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
EVERYBODY = {"all": [{"field": "lead.country", "operator": "equals", "value": "US"}]}


@pytest.fixture
def version():
    return save_segment(name="Everybody", criteria=EVERYBODY, created_by=None)


@pytest.fixture
def people():
    """Ada is in a running campaign, Bo was written to last week, Cy is free, Di was written to long ago."""
    ada, bo, cy, di = (make_lead(full_name=name, first_name=name) for name in ("Ada", "Bo", "Cy", "Di"))
    make_candidate(make_campaign(state="sending"), lead=ada)
    now = clock.now()
    Lead.objects.filter(pk=bo.pk).update(last_contacted_at=now - timedelta(days=7))
    Lead.objects.filter(pk=di.pk).update(last_contacted_at=now - timedelta(days=31))
    return ada, bo, cy, di


def names(campaign: Campaign) -> set[str]:
    return set(campaign.candidates.values_list("lead__first_name", flat=True))


def test_they_are_left_out_and_counted(version, people):
    campaign = make_campaign(segment_version=version)
    found = freeze_audience(campaign=campaign, actor=ACTOR)
    assert (found.matching, found.added, found.elsewhere) == (4, 2, 2)
    assert names(campaign) == {"Cy", "Di"}
    assert campaign.audience_counts["elsewhere"] == 2


def test_a_person_can_keep_them(version, people):
    campaign = make_campaign(segment_version=version)
    freeze_audience(campaign=campaign, actor=ACTOR)
    keep_busy(campaign=campaign, actor=ACTOR)
    assert names(campaign) == {"Ada", "Bo", "Cy", "Di"}


def in_line(campaign: Campaign) -> list[str]:
    """The next people of a daily campaign, in order."""
    found = dict(Lead.objects.values_list("pk", "first_name"))
    return [found[lead] for lead, _score in shortlist.peek(campaign=campaign, limit=10)]


@pytest.fixture
def daily(version, people):
    campaign = make_campaign(segment_version=version, mode="daily", state="ready")
    live.tick()
    return campaign


def test_a_daily_campaign_passes_over_them_until_they_are_free(daily):
    assert set(in_line(daily)) == {"Cy", "Di"}
    assert {c.lead.first_name for c in shortlist.top(campaign=daily, limit=10)} == {"Cy", "Di"}
    Campaign.objects.filter(state="sending").update(state="completed")
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert {c.lead.first_name for c in shortlist.top(campaign=daily, limit=10)} == {"Ada", "Bo", "Cy", "Di"}


def test_weights_do_not_bring_them_back(daily):
    tried = shortlist.peek(campaign=daily, limit=10, days={"decision_maker": 30})
    assert set(Lead.objects.filter(pk__in=[lead for lead, _s in tried]).values_list("first_name", flat=True)) == {
        "Cy",
        "Di",
    }


def test_a_daily_campaign_can_take_them_all_the_same(daily, client):
    client.force_login(make_user("operator"))
    page = reverse("campaigns:live", args=[daily.pk])
    assert "2 of the next 1,000 people are left out for now" in client.get(page).content.decode()
    client.post(reverse("campaigns:keep-busy", args=[daily.pk]))
    daily.refresh_from_db()
    assert set(in_line(daily)) == {"Ada", "Bo", "Cy", "Di"}
    assert daily.audience_frozen_at is None
    assert "left out for now" not in client.get(page).content.decode()


def test_how_long_ago_is_a_setting(version, people, settings):
    settings.OUTREACH.preflight.recent_contact_days = 3
    campaign = make_campaign(segment_version=version)
    freeze_audience(campaign=campaign, actor=ACTOR)
    assert names(campaign) == {"Bo", "Cy", "Di"}


@pytest.mark.parametrize(
    ("state", "stage", "is_left_out"),
    [
        ("sending", "approved", True),
        ("paused", "contacted", True),
        ("drafting", "approved", False),
        ("completed", "contacted", False),
        ("sending", "disqualified", False),
        ("sending", "excluded", False),
    ],
)
def test_only_those_whom_a_running_campaign_writes_to_count(version, state, stage, is_left_out):
    make_candidate(make_campaign(state=state), stage=stage)
    campaign = make_campaign(segment_version=version)
    freeze_audience(campaign=campaign, actor=ACTOR)
    assert campaign.candidates.exists() != is_left_out


def test_matching_again_takes_nobody_out_whom_the_campaign_wrote_to_itself(version):
    campaign = make_campaign(segment_version=version)
    lead = make_lead()
    freeze_audience(campaign=campaign, actor=ACTOR)
    Candidate.objects.update(stage="contacted")
    Lead.objects.filter(pk=lead.pk).update(last_contacted_at=clock.now())
    freeze_audience(campaign=campaign, actor=ACTOR)
    assert campaign.candidates.get().stage == "contacted"


def test_they_are_told_by_name_before_a_campaign_is_made(people):
    found = busy.busy_among(EVERYBODY)
    assert (found.total, found.in_another, found.lately, found.names, found.others) == (2, 1, 1, ("Ada", "Bo"), 0)


def test_a_campaign_whose_people_are_all_in_another_one_does_not_start(version):
    lead = make_lead()
    campaign = make_campaign(segment_version=version, audience_frozen_at=clock.now())
    make_draft(make_candidate(campaign, stage="approved", lead=lead))
    assert not [p for p in checks.check(campaign) if p.place == "busy"]
    make_candidate(make_campaign(state="sending"), lead=lead)
    (problem,) = [p for p in checks.check(campaign) if p.place == "busy"]
    assert problem.is_blocking and "another running campaign" in problem.text
    campaign.keeps_busy = True
    (problem,) = [p for p in checks.check(campaign) if p.place == "busy"]
    assert not problem.is_blocking
    campaign.state = "sending"
    assert not [p for p in checks.check(campaign) if p.place == "busy"], "it may have contacted them itself by now"


def test_unread_and_risky_drafts_are_notes(version):
    campaign = make_campaign(segment_version=version, audience_frozen_at=clock.now())
    make_draft(make_candidate(campaign, stage="approved"))
    make_draft(make_candidate(campaign, stage="drafted"), state="pending_review", risk=0.5)
    notes = [p.text for p in checks.check(campaign) if p.place == "unread"]
    assert "1 person are not reviewed" in notes[0] and "1 draft has words" in notes[1]


def test_a_list_that_takes_weeks_is_a_note(version):
    campaign = make_campaign(segment_version=version, audience_frozen_at=clock.now())
    campaign.stream.daily_cap = 1
    for _number in range(6):
        make_candidate(campaign, stage="approved")
    assert any("about 6 sending days" in p.text for p in checks.check(campaign))


def test_who_cannot_be_written_to_at_all_is_told_before(people):
    ada, bo, *_others = people
    ada.identities.all().delete()
    suppress(Target(lead=bo), reason="manual", actor=ACTOR)
    assert busy.kept_out(EVERYBODY, channel="email") == busy.KeptOut(suppressed=1, unreachable=1)
