"""A day of ticks with many live campaigns reads big tables by index only."""

from datetime import timedelta

import pytest
from django.db import connection, connections

from campaigns.audience import live, shortlist
from campaigns.audience.models import LiveFeed, LiveMatch, LiveSet
from campaigns.models import Campaign, Candidate
from conversations.outbox.models import Stream
from leads import changes
from leads.models import Company, Identity, Lead
from leads.segments.models import Segment, SegmentVersion
from outreach.core import clock
from tests.campaigns.factories import make_campaign

BIG = (
    "leads_lead",
    "leads_company",
    "leads_identity",
    "campaigns_candidate",
    "audience_livematch",
    "conversations_message",
)
CAMPAIGNS = 1_000
LEADS = 3_000


def scans():
    """Sequential scans of the big tables so far, as all sessions reported them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    connections.close_all()
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY(%s)", [list(BIG)])
        return dict(cursor.fetchall())


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_day_of_ticks_adds_no_sequential_scan_over_big_tables(time_machine, monkeypatch):
    monkeypatch.setattr(live, "WALK_FROM", 0)
    now = clock.now()
    companies = Company.objects.bulk_create(
        Company(name=f"Firm {n}", country="US", industry="retail") for n in range(LEADS)
    )
    titles = ["CTO", "Clerk", "Head of IT", "Director"]
    leads = Lead.objects.bulk_create(
        Lead(
            full_name=f"P{n}", title=titles[n % 4], title_key=titles[n % 4].lower(), company=companies[n], country="US",
            activity_at=now - timedelta(hours=n % 900), last_contacted_at=now - timedelta(hours=n),
        )
        for n in range(LEADS)
    )  # fmt: skip
    Identity.objects.bulk_create(
        Identity(lead=lead, channel="email", address=f"p{lead.pk}@x.example") for lead in leads
    )
    changes.record(lead.pk for lead in leads)
    template = make_campaign(mode="daily")
    past = make_campaign(mode="once", state="completed")
    Candidate.objects.bulk_create(Candidate(campaign=past, lead=lead, stage="contacted") for lead in leads)
    step = template.steps.get()
    segment = Segment.objects.create(name="Many")
    for number in range(CAMPAIGNS):
        written = {
            "all": [
                {"field": "lead.title", "operator": "any_of", "value": [titles[number % 4]]},
                {"field": "lead.last_contacted_at", "operator": "not_within_days", "value": 30 + number % 60},
                {"field": "company.industry", "operator": "equals", "value": ["retail", "media"][number % 2]},
            ]
        }
        version = SegmentVersion.objects.create(segment=segment, number=number + 1, criteria=written, criteria_hash="x")
        campaign = Campaign.objects.create(
            name=f"C{number}", mode="daily", state="ready", segment_version=version, stream=Stream.objects.create(name=f"S{number}")
        )  # fmt: skip
        step.pk, step.campaign = None, campaign
        step.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    live.tick()
    assert LiveSet.objects.count() == CAMPAIGNS
    assert LiveMatch.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    before = scans()
    some = Campaign.objects.filter(live_set__size__gt=50).first()
    for hour in range(24):
        time_machine.move_to(now + timedelta(hours=hour + 1))
        pk = leads[hour * 7].pk
        Lead.objects.filter(pk=pk).update(title_key="cto", title="CTO")
        changes.record([pk])
        if hour == 12:  # somebody asks for the set of a campaign that is new
            Campaign.objects.filter(pk=some.pk).update(segment_version=version)
            live.ensure(campaign=some)
        live.tick()
        shortlist.top(campaign=some, limit=3)
    assert LiveFeed.objects.get().swept_at >= now + timedelta(hours=24)
    after = scans()
    assert {name: after[name] - before[name] for name in BIG if after[name] != before[name]} == {}
