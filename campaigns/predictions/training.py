"""One night: learn everything from the history, and measure what following it has brought."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, Sum

from campaigns.models import Outcome
from campaigns.predictions import history
from campaigns.predictions.arithmetic import estimating, forecasting, silence, timing
from campaigns.predictions.encoding import COLUMNS, encode
from campaigns.predictions.history import CONVERSIONS, REPLIES, Contact
from campaigns.predictions.models import Prediction, PredictionNight
from conversations.models import Message
from outreach.core import clock
from outreach.core.late import late, on_one_core

contingency = late("scipy.stats.contingency")

PREDICTED = ("reply", "conversion")
"""What is estimated for a person; for campaigns bookings are forecast too."""


def learn() -> PredictionNight:
    """Tonight's knowledge; made again, it replaces itself. What is too little to learn from is left out."""
    now, started = clock.now(), time.perf_counter()
    rules = settings.OUTREACH.predictions
    since, settled = now - timedelta(days=rules.window_days), now - timedelta(days=rules.horizon_days)
    with on_one_core("scipy.linalg"):
        people = history.contacts(since=since, until=settled, most=rules.most_people)
        found = {
            "people_count": len(people),
            "estimators": _estimators(people),
            "rates": _rates(people),
            "timing": _timing(since, settled),
            "silence": _silence(since, now),
            "use": _use(since, settled),
        }
    night, _made = PredictionNight.objects.update_or_create(
        night=now.date(),
        defaults={**found, "learned_at": clock.now(), "seconds": round(time.perf_counter() - started, 2)},
    )
    return night


def _estimators(people: Sequence[Contact]) -> dict[str, Any]:
    rules = settings.OUTREACH.predictions
    if len(people) < rules.fewest_people:
        return {}
    cells, campaign = encode([p.known for p in people]), np.array([p.campaign_id for p in people])
    found = {}
    for target in PREDICTED:
        outcome = np.array([_came(person, target) for person in people])
        if min(outcome.sum(), (~outcome).sum()) < rules.fewest_successes:
            continue
        estimator = estimating.learn(COLUMNS, estimating.People(cells, outcome, campaign))
        if estimator is not None:
            found[target] = estimator.as_json()
    return found


def _came(person: Contact, target: str) -> bool:
    """Whether it came within the horizon."""
    days = person.days[target]
    return days is not None and days <= settings.OUTREACH.predictions.horizon_days


def _rates(people: Sequence[Contact]) -> dict[str, Any]:
    """By target: the prior of a campaign's rate, and how many answers took how many days."""
    rules = settings.OUTREACH.predictions
    count = Counter(person.campaign_id for person in people)
    if len(people) < rules.fewest_people or len(count) < rules.fewest_campaigns:
        return {}
    found = {}
    for target in history.TARGETS:
        came = Counter(person.campaign_id for person in people if _came(person, target))
        if sum(came.values()) < rules.fewest_successes:
            continue
        prior = forecasting.prior_of([count[pk] for pk in count], [came[pk] for pk in count])
        delays = Counter(person.days[target] for person in people if _came(person, target))
        found[target] = {**prior.__dict__, "delays": [delays[day] for day in range(rules.horizon_days + 1)]}
    return found


def _timing(since: datetime, until: datetime) -> dict[str, Any]:
    rules = settings.OUTREACH.predictions
    sent = history.sent(since=since, until=until, most=rules.most_people)
    if len(sent.hour) < rules.fewest_messages or sent.is_answered.sum() < rules.fewest_successes:
        return {}
    found = timing.learn(sent, fewest=rules.fewest_segment_messages)
    return {str(segment): one.as_json() for segment, one in found.items()}


def _silence(since: datetime, now: datetime) -> dict[str, Any]:
    rules = settings.OUTREACH.predictions
    days, ended = history.silences(since=since, now=now, most=rules.most_people // 10)
    if len(days) < rules.fewest_silences:
        return {}
    return silence.learn(np.array(days), np.array(ended)).as_json()


def _use(since: datetime, settled: datetime) -> dict[str, Any]:
    """What was said and what happened, and the replies and conversions of those who followed and of the held-out."""
    written = Message.objects.filter(
        draft__candidate=OuterRef("candidate"), draft__step__number=1, sent_at__gte=since, sent_at__lt=settled
    )
    outcomes = Outcome.objects.filter(candidate=OuterRef("candidate"))
    rows = Prediction.objects.filter(Exists(written), made_at__gte=since, made_at__lt=settled).annotate(
        has_replied=Exists(outcomes.filter(kind__in=REPLIES)),
        has_converted=Exists(outcomes.filter(kind__in=CONVERSIONS)),
    )
    replied, converted = Count("pk", filter=Q(has_replied=True)), Count("pk", filter=Q(has_converted=True))
    said = rows.filter(reply__isnull=False).aggregate(people=Count("pk"), expected=Sum("reply"), happened=replied)
    found: dict[str, Any] = {"said": said}
    for kind in ("is_ordered", "is_timed"):
        groups = rows.filter(**{kind: True}).values("is_held_out").order_by()
        counted = groups.annotate(people=Count("pk"), reply=replied, conversion=converted)
        counts = {
            row["is_held_out"]: {name: int(row[name]) for name in ("people", "reply", "conversion")} for row in counted
        }
        if len(counts) == 2:
            found[kind] = compared(counts[False], counts[True])
    return found


def compared(followed: dict[str, int], held_out: dict[str, int]) -> dict[str, Any]:
    """The ratio of the rates of both groups with its 95% interval (Katz); None where the held-out have no success."""
    ratios: dict[str, list[float] | None] = dict.fromkeys(PREDICTED)
    for target in PREDICTED:
        if held_out[target] and followed[target]:
            ratio = contingency.relative_risk(
                followed[target], followed["people"], held_out[target], held_out["people"]
            )
            low, high = ratio.confidence_interval()
            ratios[target] = [float(ratio.relative_risk), float(low), float(high)]
    return {"followed": followed, "held_out": held_out, "ratios": ratios}
