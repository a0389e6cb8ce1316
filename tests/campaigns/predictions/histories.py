"""A made-up past: campaigns that wrote to many people, of whom deciders answer more often."""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np

from campaigns.drafts.models import Draft
from campaigns.models import Campaign, Candidate, Outcome
from campaigns.predictions.arithmetic import estimating, forecasting, timing
from campaigns.predictions.encoding import COLUMNS, Known, encode
from campaigns.predictions.models import PredictionNight
from campaigns.scoring.features import FEATURES
from campaigns.scoring.models import ScoredFeatures
from conversations.models import Conversation, Message
from leads.models import Lead
from outreach.core import clock
from outreach.llm.models import Interaction, Trace
from tests.campaigns.factories import make_campaign, make_lead


@dataclass(frozen=True)
class Past:
    """How many people in how many campaigns, and how likely they answer."""

    people: int = 600
    campaigns: int = 4
    rate: float = 0.08
    decider_rate: float = 0.3
    best_hour: int = -1
    """Written to at this hour (UTC), three times as many answer."""
    oldest_days: int = 120
    newest_days: int = 30


def write_history(past: Past, *, seed: int = 1) -> list[Campaign]:
    """The campaigns, sending, with everyone written to."""
    draw = random.Random(seed)
    campaigns = [make_campaign(state="sending") for _n in range(past.campaigns)]
    steps = [campaign.steps.get() for campaign in campaigns]
    company = make_lead().company
    leads = Lead.objects.bulk_create(
        [Lead(full_name=f"Past {n}", company=company, time_zone="UTC") for n in range(past.people)]
    )
    talks = Conversation.objects.bulk_create([Conversation(lead=lead) for lead in leads])
    trace = Trace.objects.create(name="past")
    written = Interaction.objects.create(
        trace=trace, step="draft", route="draft", provider="builtin", model="", input_hash="h"
    )
    candidates = Candidate.objects.bulk_create(
        [
            Candidate(campaign=campaigns[n % past.campaigns], lead=lead, stage="contacted")
            for n, lead in enumerate(leads)
        ]
    )
    span = past.oldest_days - past.newest_days
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    messages, features, outcomes = [], [], []
    for n, candidate in enumerate(candidates):
        is_decider, hour = draw.random() < 0.4, draw.randrange(9, 17)
        sent_at = midnight - timedelta(days=past.oldest_days - span * n // past.people) + timedelta(hours=hour)
        messages.append(
            Message(
                conversation=talks[n],
                lead=leads[n],
                sender=steps[n % past.campaigns].sender,
                stream=campaigns[n % past.campaigns].stream,
                channel="email",
                state="sent",
                sent_at=sent_at,
            )
        )
        values = {name: float(draw.random() < 0.3) for name in FEATURES} | {"decision_maker": float(is_decider)}
        features.append(ScoredFeatures(candidate=candidate, values=values, taken_at=sent_at - timedelta(days=1)))
        rate = (past.decider_rate if is_decider else past.rate) * (3 if hour == past.best_hour else 1)
        if draw.random() < rate:
            replied_at = sent_at + timedelta(days=draw.randrange(0, 6), hours=3)
            outcomes.append((n, Outcome(candidate=candidate, kind="replied", occurred_at=replied_at)))
            if draw.random() < 0.5:
                outcomes.append((n, Outcome(candidate=candidate, kind="positive", occurred_at=replied_at)))
    Message.objects.bulk_create(messages)
    for n, outcome in outcomes:
        outcome.message = messages[n]
    ScoredFeatures.objects.bulk_create(features)
    Outcome.objects.bulk_create([outcome for _n, outcome in outcomes])
    Draft.objects.bulk_create(
        [
            Draft(
                candidate=candidate,
                step=steps[n % past.campaigns],
                message=messages[n],
                state="handed_over",
                interaction=written,
            )
            for n, candidate in enumerate(candidates)
        ]
    )
    return campaigns


PEOPLE = 600


@cache
def _knowledge() -> dict[str, Any]:
    """What a night learns from people like those of `Past`, worked out without a database."""
    random = np.random.default_rng(3)
    deciders = random.random(PEOPLE) < 0.4
    facts = [Known({**dict.fromkeys(FEATURES, 0.0), "decision_maker": float(decides)}) for decides in deciders]
    replied = random.random(PEOPLE) < np.where(deciders, 0.3, 0.08)
    converted = replied & (random.random(PEOPLE) < 0.5)
    cells, campaign = encode(facts), np.arange(PEOPLE) % 4
    estimators = {}
    for target, outcome in (("reply", replied), ("conversion", converted)):
        found = estimating.learn(COLUMNS, estimating.People(cells, outcome, campaign))
        assert found is not None and found.is_calibrated
        estimators[target] = found.as_json()
    prior = forecasting.prior_of([150] * 4, np.bincount(campaign, weights=replied).astype(int).tolist())
    rates = {target: {**prior.__dict__, "delays": [20, 30, 10, 5]} for target in ("reply", "booking")}
    sent = timing.Sent(np.zeros(PEOPLE, int), np.arange(PEOPLE) % 5, random.integers(9, 17, PEOPLE), replied)
    times = {str(segment): one.as_json() for segment, one in timing.learn(sent, fewest=100).items()}
    return {"estimators": estimators, "rates": rates, "timing": times}


def know(**changes: Any) -> PredictionNight:
    """A night that has learned from 600 people, in force."""
    found = {**deepcopy(_knowledge()), **changes}
    return PredictionNight.objects.create(
        night=clock.now().date(), people_count=PEOPLE, learned_at=clock.now(), **found
    )  # fmt: skip
