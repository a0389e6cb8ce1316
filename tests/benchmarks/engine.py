"""The campaign engine: an audience enrolled, campaigns planned with their timelines, each beside what bounds it.

`--scale 1000000` enrols a million people and plans 1,000 campaigns of 50 messages; smaller scales do a share of it.
"""

from __future__ import annotations

import resource
import time
from typing import Any

from django.db import connection

from tests.benchmarks import Row

PER_CAMPAIGN = 50
MOST_CAMPAIGNS = 1_000
SHARING = 20


def run(scale: int) -> list[Row]:
    """Enrolment of `scale` people; `scale / 1000` campaigns (at least 20) of 50 planned messages with timelines."""
    return [*_enrol(scale), *_plan(max(20, min(MOST_CAMPAIGNS, scale // 1_000)))]


def run_large(most: int) -> list[Row]:
    """The same at its full size."""
    return run(most)


def _enrol(count: int) -> list[Row]:
    from campaigns.audience.services import freeze_audience
    from campaigns.models import Campaign
    from outreach.core.models import Actor
    from tests.benchmarks._world import without_indexes

    campaign = _campaign("enrolment", {"all": [{"field": "lead.status", "operator": "in", "value": ["bench"]}]})
    with connection.cursor() as cursor:
        with without_indexes(cursor, "leads_lead", "leads_identity"):
            cursor.execute(_LEADS, {"count": count, "status": "bench"})
        cursor.execute("VACUUM ANALYZE leads_lead")
        cursor.execute("VACUUM ANALYZE leads_identity")
        began = time.perf_counter()
        cursor.execute(
            "CREATE TEMP TABLE bare AS SELECT l.id FROM leads_lead l WHERE l.status = 'bench' AND EXISTS"
            " (SELECT 1 FROM leads_identity i WHERE i.lead_id = l.id)"
        )
        bare = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    audience = freeze_audience(campaign=campaign, actor=Actor.system("bench"))
    seconds = time.perf_counter() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    assert audience.added == count, audience
    Campaign.objects.filter(pk=campaign.pk).update(state="archived")
    allowed = max(2.0, 60 * count / 1_000_000)
    return [
        Row(
            f"a campaign of {count:,} people enrolled (beside: the same rows into a bare table)", seconds, "s", bare,
            seconds / bare, f"≤ {allowed:g} s (1M in 60 s)", seconds <= allowed,
        ),
        Row("memory that enrolling took", grown, "MiB", 10.0, grown / 10, "≤ 10 MiB: flat", grown <= 10),
    ]  # fmt: skip


def _plan(campaigns: int) -> list[Row]:
    from campaigns.journey import bulk, forecast
    from campaigns.models import Campaign
    from conversations.models import Message

    made = [_campaign(f"plan {number}", {}, number) for number in range(campaigns)]
    _drafts([campaign.pk for campaign in made])
    Campaign.objects.filter(pk__in=[campaign.pk for campaign in made]).update(state="sending")
    began = time.perf_counter()
    for campaign in made:
        campaign.state = "sending"
        for _done, _count in bulk.hand_over_first(campaign):
            pass
    planned_in = time.perf_counter() - began
    began = time.perf_counter()
    entries = sum(len(forecast.timeline(campaign).entries) for campaign in made)
    drawn_in = time.perf_counter() - began
    planned = Message.objects.filter(stream__in=[campaign.stream_id for campaign in made]).count()
    assert (planned, entries) == (campaigns * PER_CAMPAIGN, campaigns * PER_CAMPAIGN)
    seconds = planned_in + drawn_in
    rival = _one_by_one(made[0])
    allowed = 60 * campaigns / MOST_CAMPAIGNS
    return [
        Row(
            f"{campaigns:,} campaigns × {PER_CAMPAIGN} messages planned with timelines", seconds, "s", allowed,
            seconds / allowed, f"≤ {allowed:g} s (1,000 in 60 s)", seconds <= allowed,
        ),
        Row(
            "planned messages (beside: one by one)", planned / planned_in, "rows/s", rival,
            planned / planned_in / rival, "≥ 3 × one by one", planned / planned_in >= 3 * rival,
        ),
        Row("timeline entries drawn", entries / drawn_in, "rows/s", 1_000, entries / drawn_in / 1_000, "", True),
    ]  # fmt: skip


def _one_by_one(campaign: Any) -> float:
    """How many a second the way for single messages plans, measured on one campaign's drafts taken back."""
    from campaigns.drafts.models import Draft
    from campaigns.journey.advancing import advance
    from conversations.models import Message, MessageEvent

    rows = Draft.objects.filter(candidate__campaign=campaign)
    ids = list(rows.values_list("candidate_id", flat=True))
    messages = Message.objects.filter(stream=campaign.stream_id)
    rows.update(state="approved", message=None)
    MessageEvent.objects.filter(message__in=messages).delete()
    messages.delete()
    began = time.perf_counter()
    for candidate_id in ids:
        assert advance(candidate_id) is not None
    return len(ids) / (time.perf_counter() - began)


def _campaign(name: str, criteria: dict[str, Any], number: int = 0) -> Any:
    """A campaign that sends. Twenty share a sender: what the others have planned there takes its place in a timeline."""
    from campaigns.models import Campaign
    from campaigns.steps.models import Step
    from conversations.outbox.models import Stream
    from conversations.senders.models import Sender
    from leads.segments.models import Segment, SegmentVersion
    from outreach.prompts.models import PackVersion

    sender, _made = Sender.objects.get_or_create(
        name=f"engine {number // SHARING}",
        defaults={
            "channel": "email",
            "adapter": "sandbox",
            "address": f"e{number // SHARING}@x.example",
            "state": "active",
        },
    )
    Sender.objects.filter(pk=sender.pk).update(hourly_cap=100_000, daily_cap=1_000_000, weekly_cap=1_000_000)
    version = SegmentVersion.objects.create(
        segment=Segment.objects.create(name=f"engine {name}"), number=1, criteria=criteria, criteria_hash=name
    )
    campaign = Campaign.objects.create(
        name=f"engine {name}",
        segment_version=version,
        stream=Stream.objects.create(
            name=name, window={"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}, state="active"
        ),
    )
    pack = PackVersion.objects.filter(channel="email").first() or PackVersion.objects.create(
        name="engine", channel="email", sha="engine", languages=["en"]
    )
    Step.objects.create(campaign=campaign, number=1, channel="email", sender=sender, pack_version=pack)
    return campaign


def _drafts(campaign_ids: list[int]) -> None:
    """Fifty people each with an approved text in every campaign; rows as the product writes them."""
    from campaigns.drafts.models import Draft
    from campaigns.models import Candidate
    from campaigns.steps.models import Step
    from conversations.outbox.content import content_hash
    from leads.models import Lead
    from outreach.llm.models import Interaction, Trace
    from tests.campaigns.factories import make_user

    user = make_user()
    trace = Trace.objects.create(name="bench")
    interaction = Interaction.objects.create(
        trace=trace, step="draft", route="draft", provider="builtin", model="", input_hash="h"
    )
    count = len(campaign_ids) * PER_CAMPAIGN
    with connection.cursor() as cursor:
        cursor.execute(_LEADS, {"count": count, "status": "planned"})
    leads = list(Lead.objects.filter(status="planned").order_by("pk").values_list("pk", "identities__address"))
    steps = dict(Step.objects.filter(campaign__in=campaign_ids).values_list("campaign_id", "pk"))
    senders = dict(Step.objects.filter(campaign__in=campaign_ids).values_list("campaign_id", "sender_id"))
    pairs = [(campaign_ids[n // PER_CAMPAIGN], *lead) for n, lead in enumerate(leads)]
    people = Candidate.objects.bulk_create(
        [Candidate(campaign_id=campaign, lead_id=lead, stage="approved") for campaign, lead, _address in pairs], 5_000
    )
    drafts = []
    for candidate, (campaign, _lead, address) in zip(people, pairs, strict=True):
        approved = content_hash(
            subject="Hello", body="Shall we talk?", body_html="", channel="email", address=address,
            sender_id=senders[campaign] or 0,
        )  # fmt: skip
        drafts.append(
            Draft(
                candidate=candidate, step_id=steps[campaign], variant="a", language="en", state="approved",
                subject="Hello", body="Shall we talk?", generated_body="", content_hash=approved, approved_hash=approved,
                approved_by=user, interaction=interaction,
            )
        )  # fmt: skip
    Draft.objects.bulk_create(drafts, 5_000)
    with connection.cursor() as cursor:
        for table in ("drafts_draft", "campaigns_candidate", "leads_lead", "leads_identity", "steps_step"):
            cursor.execute(f"VACUUM ANALYZE {table}")


_LEADS = """
WITH people AS (
    INSERT INTO leads_lead (kind, first_name, last_name, full_name, name_key, title, title_key, description, url, country,
        region, city, postal_code, time_zone, language, status, tags, attributes, research, source, external_id,
        session_key, content_hash, created_at, updated_at)
    SELECT 'person', 'P' || n, 'Q', 'P' || n || ' Q', 'p' || n, 'Head', 'head', '', '', 'DE', '', '', '', 'Europe/Berlin',
        'en', %(status)s, '{}', '{}', '{}', '', '', '', '', now(), now()
    FROM generate_series(1, %(count)s) n
    RETURNING id
)
INSERT INTO leads_identity (lead_id, channel, address, is_primary, status, status_reason, created_at, updated_at)
SELECT id, 'email', 'p' || id || '@x' || id %% 5000 || '.example', true, 'valid', '', now(), now() FROM people
"""
