"""The nightly weights of a thousand campaigns with a hundred thousand people written to."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from django.db import connection

from campaigns.drafts.models import Draft
from campaigns.learning import services
from campaigns.learning.models import WeightNight
from campaigns.models import Campaign, Candidate, Outcome
from campaigns.scoring.features import FEATURES
from campaigns.scoring.models import ScoredFeatures
from campaigns.steps.models import Step
from conversations.models import Conversation, Message
from conversations.outbox.models import Stream
from leads.models import Lead
from outreach.core import clock
from outreach.llm.models import Interaction, Trace
from outreach.prompts.services import current
from tests.benchmarks import Row
from tests.campaigns.factories import make_segment_version, make_sender

CAMPAIGNS, PEOPLE = 1_000, 100
LIMIT_SECONDS = 60.0


def run(scale: int) -> list[Row]:
    """Sizes are those of the target; `scale` has no say."""
    del scale
    _fill()
    started = time.perf_counter()
    learned = services.learn_all()
    seconds = time.perf_counter() - started
    if learned != CAMPAIGNS or WeightNight.objects.filter(contacted_count=PEOPLE).count() != CAMPAIGNS:
        raise AssertionError(f"{learned} campaigns learned")
    return [
        Row(
            name=f"nightly weights of {CAMPAIGNS:,} campaigns, {CAMPAIGNS * PEOPLE:,} people written to",
            measured=seconds,
            unit="s",
            reference=LIMIT_SECONDS,
            ratio=seconds / LIMIT_SECONDS,
            target=f"≤ {LIMIT_SECONDS:.0f} s",
            holds=seconds <= LIMIT_SECONDS,
        )
    ]


def _fill() -> None:
    """Each campaign has written to the same hundred leads, one in six of them answers."""
    draw = random.Random(1)
    sent = clock.now() - timedelta(days=9)
    version, sender, pack = make_segment_version(), make_sender(), current("first-contact-email")
    interaction = Interaction.objects.create(
        trace=Trace.objects.create(name="bench"),
        step="draft",
        route="draft",
        provider="builtin",
        model="",
        input_hash="h",
    )
    leads = Lead.objects.bulk_create([Lead(full_name=f"Lead {n}") for n in range(PEOPLE)])
    conversations = Conversation.objects.bulk_create([Conversation(lead=lead) for lead in leads])
    streams = Stream.objects.bulk_create([Stream(name=f"nightly {n}") for n in range(CAMPAIGNS)])
    campaigns = Campaign.objects.bulk_create(
        [
            Campaign(name=f"nightly {n}", mode="daily", state="sending", segment_version=version, stream=streams[n])
            for n in range(CAMPAIGNS)
        ]
    )
    steps = Step.objects.bulk_create(
        [Step(campaign=c, number=1, channel="email", sender=sender, pack_version=pack, delay_days=0) for c in campaigns]
    )
    for start in range(0, CAMPAIGNS, 50):
        some = list(zip(campaigns, steps, strict=True))[start : start + 50]
        pairs = [(campaign, step, n) for campaign, step in some for n in range(PEOPLE)]
        candidates = Candidate.objects.bulk_create(
            [Candidate(campaign=campaign, lead=leads[n], stage="contacted") for campaign, _step, n in pairs]
        )
        messages = Message.objects.bulk_create(
            [
                Message(
                    conversation=conversations[n],
                    sender=sender,
                    channel="email",
                    direction="out",
                    state="sent",
                    sent_at=sent + timedelta(minutes=n),
                )
                for _campaign, _step, n in pairs
            ]
        )
        Draft.objects.bulk_create(
            [
                Draft(candidate=c, step=step, message=m, state="handed_over", interaction=interaction)
                for c, m, (_campaign, step, _n) in zip(candidates, messages, pairs, strict=True)
            ]
        )
        ScoredFeatures.objects.bulk_create(
            [
                ScoredFeatures(
                    candidate=c, values={name: float(draw.random() < 0.4) for name in FEATURES}, taken_at=sent
                )
                for c in candidates
            ]
        )
        Outcome.objects.bulk_create(
            [
                Outcome(
                    candidate=c,
                    message=m,
                    kind="positive" if i % 6 == 0 else "negative",
                    occurred_at=sent + timedelta(days=1),
                )
                for i, (c, m) in enumerate(zip(candidates, messages, strict=True))
            ]
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
