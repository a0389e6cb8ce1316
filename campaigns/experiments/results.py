"""What has come of an experiment so far: people and successes in each arm, and what may be said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from campaigns import counts
from campaigns.arms.models import Arm, Assignment, Experiment
from campaigns.arms.services import MARK
from campaigns.experiments.sequential import Test
from campaigns.models import CAMPAIGN, Candidate, Outcome
from outreach.core import clock

HARMS = (Outcome.Kind.OPTED_OUT, Outcome.Kind.BOUNCED)
HARM_RATIO = 2.0
"""Twice as many opt-outs or bounces is what the guard is made to see first."""
DRAWS = 20_000
LONGEST_FORECAST = 365
"""Days; a pace says nothing about more than a year."""
WIDEST = 10.0
"""An interval that reaches further than ten times as good says nothing yet."""


@dataclass(frozen=True)
class ArmResult:
    """One arm. A unit is a person, or a company where everyone there gets the same text."""

    arm: Arm
    assigned: int = 0
    sent: int = 0
    """Units that the step's message left to."""
    successes: int = 0
    """Of these, the units with what counts."""
    harms: int = 0
    """Of these, the units with an opt-out or a bounce."""

    @property
    def rate(self) -> float | None:
        return self.successes / self.sent if self.sent else None


@dataclass(frozen=True)
class Pair:
    """How `better` compares with `other`: so many times as good, from–to at all times at once."""

    better: ArmResult
    other: ArmResult
    ratio: float | None
    low: float
    high: float
    surety: float
    is_certain: bool


@dataclass(frozen=True)
class Results:
    """Everything that the page, the API and the hourly decision say."""

    experiment: Experiment
    arms: tuple[ArmResult, ...]
    pair: Pair
    """The best arm so far against the next best."""
    winner: ArmResult | None
    """The arm that is certainly better than each of the others."""
    harmful: ArmResult | None
    """An arm that certainly does more harm than another."""
    days_left: int | None
    """Until the planned number of people is reached, at the pace so far; None without a pace, or beyond a year."""
    chances: tuple[float, ...]
    """For each arm, the posterior probability to be the best: what Thompson divides people by, never a verdict."""

    @property
    def sent(self) -> int:
        return sum(one.sent for one in self.arms)

    @property
    def successes(self) -> int:
        return sum(one.successes for one in self.arms)

    @property
    def is_complete(self) -> bool:
        return self.sent >= self.experiment.needed

    @property
    def has_ended(self) -> bool:
        """Whether nobody more will be written to."""
        return self.experiment.campaign.state in CAMPAIGN.over

    @property
    def is_comparison(self) -> bool:
        """Whether the arms differ at all: two with the same value are an A/A test."""
        return len({one.arm.value for one in self.arms}) > 1


def results_of(experiment: Experiment) -> Results:
    """One query for the counts, one for the first message."""
    found = {row["arm"]: row for row in _counts(experiment)}
    empty = {"assigned": 0, "sent": 0, "successes": 0, "harms": 0}
    arms = tuple(
        ArmResult(arm, **{name: found.get(arm.pk, empty)[name] for name in empty}) for arm in experiment.arms.all()
    )
    can_decide = experiment.mode == Experiment.Mode.FIXED  # equal parts: whoever has more successes is ahead
    ranked = sorted(arms, key=lambda one: (-(one.successes if can_decide else one.rate or 0), one.arm.number))
    pairs = [_pair(experiment, ranked[0], other) for other in ranked[1:]]
    return Results(
        experiment=experiment,
        arms=arms,
        pair=pairs[0],
        winner=ranked[0] if can_decide and all(pair.is_certain for pair in pairs) else None,
        harmful=_harmful(arms) if can_decide else None,
        days_left=_days_left(experiment, sum(one.sent for one in arms), clock.now()),
        chances=chances(arms, seed=experiment.pk),
    )


NUMBERS = {"assigned": Q(), "sent": Q(left=True), "successes": Q(succeeded=True), "harms": Q(harmed=True)}
"""Number of an arm → which of its people it counts."""


def people_behind(experiment: Experiment, number: str, *, arm: str = "") -> QuerySet[Candidate]:
    """The people counted by a number, of one arm or of all; of a company that counts once, everyone. Raises `KeyError`."""
    rows = _assignments(experiment).filter(NUMBERS[number])
    rows = rows.filter(arm=int(arm)) if arm else rows
    return Candidate.objects.filter(pk__in=rows.values("candidate"))


def _counts(experiment: Experiment) -> QuerySet[Any, Any]:
    rows = _assignments(experiment).values("arm")
    return rows.annotate(
        **{name: Count("unit", distinct=True, filter=condition or None) for name, condition in NUMBERS.items()}
    )


def _assignments(experiment: Experiment) -> QuerySet[Assignment]:
    sent = (
        counts.sent_messages()
        .filter(draft__candidate=OuterRef("candidate"), draft__step=experiment.step_id)
        .annotate(arm=Cast(KT(f"attributes__{MARK}"), BigIntegerField()))
        .filter(arm=OuterRef("arm"))  # sent as the arm has it, and not before or after
    )
    came = Outcome.objects.filter(
        candidate=OuterRef("candidate"), message__draft__step__number__gte=experiment.step.number
    )
    unit = F("candidate__lead")
    if experiment.unit == Experiment.Unit.COMPANY:  # people without a company are units of their own
        unit = Coalesce("candidate__lead__company", Value(0) - F("candidate__lead"))  # type: ignore[assignment]
    return Assignment.objects.filter(experiment=experiment).annotate(
        unit=unit,
        left=Exists(sent),
        succeeded=ExpressionWrapper(Exists(sent) & Exists(came.filter(kind=experiment.metric)), BooleanField()),
        harmed=ExpressionWrapper(Exists(sent) & Exists(came.filter(kind__in=HARMS)), BooleanField()),
    )


def _pair(experiment: Experiment, better: ArmResult, other: ArmResult) -> Pair:
    arms = experiment.arms.all()
    test = Test(spread=experiment.spread, alpha=experiment.alpha / (len(arms) - 1))
    low, high = test.interval(other.successes, better.successes)
    surety = test.surety(other.successes, better.successes)
    ratio = better.rate / other.rate if better.rate and other.rate else None
    ahead = better.successes > other.successes
    is_certain = ahead and float(test.evidence(other.successes, better.successes)) >= test.bound
    return Pair(better, other, ratio, low, high, surety, is_certain)


def _harmful(arms: Sequence[ArmResult]) -> ArmResult | None:
    test = Test.made_for(HARM_RATIO, alpha=0.05 / (len(arms) - 1))
    worst = max(arms, key=lambda one: one.harms)
    least = min(arms, key=lambda one: one.harms)
    return worst if float(test.evidence(least.harms, worst.harms)) >= test.bound else None


def chances(arms: Sequence[ArmResult], *, seed: int) -> tuple[float, ...]:
    """Posterior probability of each arm to be the best, from Beta(1, 1) priors by `DRAWS` draws."""
    rng = np.random.default_rng([seed, *(one.sent for one in arms)])
    drawn = np.stack([rng.beta(1 + one.successes, 1 + one.sent - one.successes, DRAWS) for one in arms])
    best = np.bincount(drawn.argmax(axis=0), minlength=len(arms)) / DRAWS
    return tuple(float(chance) for chance in best)


def _days_left(experiment: Experiment, sent: int, now: datetime) -> int | None:
    if not sent or experiment.started_at is None or sent >= experiment.needed or not experiment.is_running:
        return None
    days = max(1.0, (now - experiment.started_at).total_seconds() / 86_400)
    left = max(1, ceil((experiment.needed - sent) / (sent / days)))
    return left if left <= LONGEST_FORECAST else None
