"""Reads first messages and what came of them, and tells what goes with answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet

from campaigns import counts
from campaigns.models import Outcome
from campaigns.patterns import statistics
from campaigns.patterns.features import BETWEEN_CAMPAIGNS, FAMILIES, Feature, Sent, features_of, label_of
from campaigns.patterns.statistics import Compared, Estimate
from conversations.models import Message
from outreach.core.states import Text

METRICS = (Outcome.Kind.REPLIED, Outcome.Kind.POSITIVE)
MOST = 20_000
"""First messages that are looked at: the newest ones of a year."""
PAST = timedelta(days=365)
TIME_TO_ANSWER = timedelta(days=5)
"""Who was written to later may still answer."""
LEAST_PEOPLE, LEAST_ANSWERS = 300, 20
"""Below, nothing is said."""
LEAST_EACH = 30
"""People with and without a feature."""
MOST_WORDS = 150
KEPT_SECONDS = 3_600
EXAMPLES = 20


@dataclass(frozen=True)
class Pattern:
    """A feature that goes with more or fewer answers than chance explains, or one that was looked at for nothing."""

    feature: Feature
    compared: Compared
    estimate: Estimate

    @property
    def family(self) -> Text:
        """What kind of feature it is."""
        return FAMILIES[self.feature[0]]

    @property
    def label(self) -> str:
        """The feature in words."""
        return label_of(self.feature)

    @property
    def is_better(self) -> bool:
        return self.estimate.ratio > 1

    def as_dict(self) -> dict[str, Any]:
        """For the API."""
        one, ratio = self.compared, self.estimate
        return {
            "family": self.feature[0], "value": self.feature[1], "label": self.label,
            "with_it": one.having, "with_it_answered": one.having_answered,
            "without_it": one.lacking, "without_it_answered": one.lacking_answered,
            "ratio": round(ratio.ratio, 3), "low": round(ratio.low, 3), "high": round(ratio.high, 3), "p": one.p,
        }  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """What a look at all first messages found."""

    people: int
    answers: int
    looked_at: int = 0
    """Features that had enough people on either side."""
    patterns: list[Pattern] = field(default_factory=list)
    """Those that stand out, the surest first."""
    at: datetime | None = None

    @property
    def is_enough(self) -> bool:
        """Whether anything can be said at all."""
        return self.people >= LEAST_PEOPLE and self.answers >= LEAST_ANSWERS


def first_messages(now: datetime) -> QuerySet[Message]:
    """The newest first messages of campaigns that had time to be answered."""
    sent = counts.sent_messages().filter(
        draft__step__number=1, sent_at__gte=now - PAST, sent_at__lte=now - TIME_TO_ANSWER
    )  # fmt: skip
    return sent.order_by("-sent_at", "-pk")


def findings(*, metric: str, now: datetime, zone: tzinfo) -> Findings:
    """What stands out; looked at once an hour, because it reads thousands of texts."""
    key = f"patterns:{metric}:{zone}"
    found: Findings | None = cache.get(key)
    if found is None:
        found = look(metric=metric, now=now, zone=zone)
        if found.is_enough:
            cache.set(key, found, KEPT_SECONDS)
    return found


def look(*, metric: str, now: datetime, zone: tzinfo) -> Findings:
    """Compare every feature that enough first messages have and lack."""
    rows = _read(metric, now, zone)
    answered = np.array([is_answered for _c, is_answered, _sent in rows], dtype=np.bool_)
    few = Findings(len(rows), int(answered.sum()), at=now)
    if not few.is_enough:
        return few
    each = [set(features_of(sent)) for _c, _a, sent in rows]
    columns = _columns(each, len(rows))
    campaigns = np.array([campaign for campaign, _a, _s in rows], dtype=np.int64)
    compared: list[tuple[Feature, Compared]] = []
    for is_between in (False, True):
        chosen = [one for one in columns if (one[0] in BETWEEN_CAMPAIGNS) == is_between]
        matrix = np.array([[one in present for one in chosen] for present in each], dtype=np.bool_)
        if chosen:
            strata = np.zeros_like(campaigns) if is_between else campaigns
            compared += [(chosen[one.place], one) for one in statistics.compare(matrix, answered, strata)]
    estimates = statistics.shrunk([one for _f, one in compared])
    standing_out = statistics.discoveries([one.p for _f, one in compared])
    patterns = [Pattern(*compared[place], estimates[place]) for place in standing_out]
    patterns.sort(key=lambda one: one.compared.p)
    return Findings(few.people, few.answers, len(compared), patterns, now)


def examples(feature: Feature, *, metric: str, now: datetime, zone: tzinfo) -> Sequence[tuple[Message, bool]]:
    """The newest first messages that have a feature, answered ones first: (message, whether it was answered)."""
    answered = _is_answered(metric)
    rows = first_messages(now).annotate(is_answered=answered).select_related(
        "draft__candidate__lead__company", "draft__candidate__campaign__segment_version__segment", "sender"
    )  # fmt: skip
    found = [
        (row, bool(row.is_answered))
        for row in rows[:MOST].iterator(chunk_size=1_000)
        if feature in set(features_of(_sent_of(row, zone)))
    ]
    return sorted(found, key=lambda one: not one[1])[:EXAMPLES]


def _is_answered(metric: str) -> Exists:
    return Exists(Outcome.objects.filter(candidate=OuterRef("draft__candidate"), kind=metric))


def _sent_of(row: Message, zone: tzinfo) -> Sent:
    candidate = row.draft.candidate
    company = candidate.lead.company
    assert row.sent_at
    return Sent(
        row.draft.variant, row.subject, row.body, row.sent_at.astimezone(zone),
        candidate.campaign.segment_version.segment.name, company.industry if company else "", candidate.lead.country,
    )  # fmt: skip


def _read(metric: str, now: datetime, zone: tzinfo) -> list[tuple[int, bool, Sent]]:
    rows = first_messages(now).annotate(is_answered=_is_answered(metric)).values_list(
        "draft__candidate__campaign", "is_answered", "draft__variant", "subject", "body", "sent_at",
        "draft__candidate__campaign__segment_version__segment__name", "draft__candidate__lead__company__industry",
        "draft__candidate__lead__country",
    )  # fmt: skip
    return [
        (campaign, is_answered, Sent(angle, subject, body, at.astimezone(zone), segment, industry or "", country or ""))
        for campaign, is_answered, angle, subject, body, at, segment, industry, country in rows[:MOST]
        if at
    ]


def _columns(each: list[set[Feature]], people: int) -> list[Feature]:
    """Features that enough people have and lack; of words the commonest. Nobody looks at answers here."""
    having = Counter(one for present in each for one in present)
    usable = [one for one, n in having.items() if LEAST_EACH <= n <= people - LEAST_EACH]
    words = sorted((one for one in usable if one[0] == "word"), key=lambda one: (-having[one], one))[:MOST_WORDS]
    return sorted(one for one in usable if one[0] != "word") + words
