"""After any edits of leads, criteria and clock the live set is what the stored SQL predicate finds, lead for lead."""

import random
from datetime import timedelta

import pytest
import time_machine as machine
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.audience import live, live_index
from campaigns.audience.eligibility import is_eligible
from campaigns.audience.models import LiveMatch, LiveSet
from campaigns.models import Campaign, Candidate
from conversations.consent.models import Suppression
from leads import changes
from leads.models import Company, Identity, Lead, LeadChange
from leads.segments import compiler, schema
from leads.segments.models import Segment, SegmentVersion
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from tests.campaigns.factories import make_campaign, make_lead
from tests.leads.segments.test_compiler_meaning import NOW, criteria

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")

EDITS = ("title", "city", "company", "contact", "erase", "suppress", "lift", "address", "delete", "tags", "attributes")
edits = st.lists(
    st.tuples(
        st.sampled_from([*EDITS, "clock", "criteria", "tick", "drain", "take", "begin"]),
        st.integers(0, 10**6),
    ),
    min_size=3,
    max_size=14,
)  # fmt: skip


def checked(written):
    try:
        return schema.dump(schema.parse(written))
    except Invalid:
        return None


def version_of(written, number):
    segment, _new = Segment.objects.get_or_create(name=f"Property {number}")
    newest = segment.current
    predicate = compiler.compile_criteria(written)
    return SegmentVersion.objects.create(
        segment=segment, number=(newest.number if newest else 0) + 1, criteria=written, criteria_hash=str(number),
        predicate=predicate.sql, parameters=predicate.parameters,
    )  # fmt: skip


def by_predicate(row):
    """What the set must be, by the SQL of its criteria alone."""
    predicate = compiler.compile_criteria(row.segment_version.criteria, now=clock.now())
    eligible = is_eligible("'email'")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id FROM leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id"
            f" WHERE l.erased_at IS NULL AND ({predicate.sql}) AND {eligible}",
            predicate.parameters,
        )
        found = {pk for (pk,) in cursor.fetchall()}
    taken = (
        Candidate.objects.filter(campaign=row.campaign_id).exclude(stage="evicted").values_list("lead_id", flat=True)
    )
    return found - set(taken)


def edit(kind, seed, campaigns, asked, traveller):  # noqa: C901 - one case an edit
    dice = random.Random(seed)
    leads = list(Lead.objects.filter(erased_at=None).order_by("pk"))
    lead = dice.choice(leads) if leads else make_lead()
    match kind:
        case "title":
            title = dice.choice(["CTO", "Head of IT", "Director", "Финансовый директор", "c++", ""])
            Lead.objects.filter(pk=lead.pk).update(title=title, title_key=title.lower())
        case "city":
            Lead.objects.filter(pk=lead.pk).update(
                city=dice.choice(["fintech", "ИТ", "RU"]), country=dice.choice(["RU", "DE"])
            )
        case "company":
            company = dice.choice([None, *Company.objects.all()])
            Lead.objects.filter(pk=lead.pk).update(company=company)
            Company.objects.filter(pk=company.pk if company else 0).update(
                industry=dice.choice(["fintech", "audit"]), is_sme=dice.choice([True, False, None])
            )
        case "contact":
            ago = dice.choice([1, 29, 59, 61, 399])
            Lead.objects.filter(pk=lead.pk).update(
                last_contacted_at=clock.now() - timedelta(days=ago, hours=dice.randint(0, 47))
            )
        case "erase":
            Lead.objects.filter(pk=lead.pk).update(erased_at=clock.now(), title="", title_key="")
        case "suppress":
            Suppression.objects.create(
                lead=lead, reason="opt_out", actor="t", channel=dice.choice(["", "email", "sms"])
            )
        case "lift":
            for row in Suppression.objects.filter(lifted_at=None)[:1]:
                row.lifted_at = clock.now()
                row.save()
        case "address":
            Identity.objects.filter(lead=lead, channel="email").update(status=dice.choice(["invalid", "valid"]))
        case "delete":
            if not lead.candidacies.exists():
                Suppression.objects.filter(lead=lead).delete()
                lead.delete()
        case "tags":
            Lead.objects.filter(pk=lead.pk).update(tags=dice.sample(["vip", "VIP", "a,b"], dice.randint(0, 3)))
        case "attributes":
            Lead.objects.filter(pk=lead.pk).update(attributes={"plan": dice.choice([5, "5.0", "CTO", True, None])})
        case "clock":
            traveller.shift(timedelta(days=dice.randint(0, 70), minutes=dice.randint(1, 999)))
        case "criteria":
            campaign = dice.choice(campaigns)
            live.tick()
            version = version_of(dice.choice(asked), campaign.pk)
            live.change_criteria(
                campaign=campaign, segment_version=version, scope=dice.choice(live.SCOPES), actor=ACTOR
            )
        case "tick":
            live.tick()
        case "drain":
            live.drain()
        case "begin":
            live.reconcile()
            live.begin(campaign_id=dice.choice(campaigns).pk)
        case "take":
            from campaigns.audience import shortlist

            shortlist.top(campaign=dice.choice(campaigns), limit=1)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    asked=st.lists(criteria, min_size=2, max_size=5), steps=edits, cap=st.sampled_from([2, 3, 20_000]),
    first=st.sampled_from([1, 2, 1_000]), is_whole=st.booleans(),
)  # fmt: skip
@pytest.mark.long
def test_the_set_is_what_the_predicate_finds(asked, steps, cap, first, is_whole, db, monkeypatch):
    asked = [dumped for written in asked if (dumped := checked(written)) is not None]
    if not asked:
        return
    for model in (LiveMatch, LiveSet, Candidate, Suppression, LeadChange):
        model.objects.all().delete()
    Campaign.objects.all().update(state="archived")
    Lead.objects.all().delete()
    live_index.forget()
    monkeypatch.setattr(live, "CAP", cap)
    monkeypatch.setattr(live, "SLACK", 1)
    monkeypatch.setattr(live, "LOW", 1)
    monkeypatch.setattr(live, "WALK_FROM", 0)
    monkeypatch.setattr(live, "WALK", first)
    monkeypatch.setattr(live, "BATCH", first + 1)
    with machine.travel(NOW + timedelta(minutes=1), tick=False) as traveller:
        for _n in range(6):
            make_lead(activity_at=clock.now() - timedelta(days=random.Random(_n).randint(0, 100)))
        campaigns = [
            make_campaign(segment_version=version_of(written, f"{n}"), mode="daily", state="ready")
            for n, written in enumerate(asked)
        ]
        for kind, seed in steps:
            before = set(Lead.objects.values_list("pk", flat=True))
            edit(kind, seed, campaigns, asked, traveller)
            if kind in EDITS:
                changes.record(before | set(Lead.objects.values_list("pk", flat=True)))
        if is_whole:
            live.tick()
        else:  # sets that hold their first leads only are exact down to their floor
            for campaign in campaigns:
                live.ensure(campaign=campaign)
            live.sweep()
            live.drain()
        for row in LiveSet.objects.select_related("segment_version"):
            stored = dict(LiveMatch.objects.filter(campaign_id=row.campaign_id).values_list("lead_id", "rank_key"))
            wanted = by_predicate(row)
            assert set(stored) <= wanted, (row.segment_version.criteria, steps)
            if row.floor_rank is None:
                assert set(stored) == wanted, (row.segment_version.criteria, steps)
            else:
                floor = (row.floor_rank, row.floor_lead)
                assert {pk for pk in wanted if (rank_of(pk), pk) >= floor} == set(stored), (row.floor_rank, steps)
            assert row.size == len(stored)
            assert all(rank_of(pk) == rank for pk, rank in stored.items())


def rank_of(pk):
    from leads.segments.ranking import RANK

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {RANK} FROM leads_lead l WHERE l.id = %s", [pk])
        return cursor.fetchone()[0]
