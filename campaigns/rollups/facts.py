"""What is known of people in campaigns, read from the raw rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import F
from django.db.models.fields.json import KT

from campaigns import counts
from campaigns.arms.services import MARK
from campaigns.models import Candidate, Outcome
from campaigns.rollups.cells import BITS, Person, Sent

_MESSAGE = (
    "sender",
    "sender__adapter",
    "channel",
    "draft__step__number",
    "draft__step__pack_version__name",
    "draft__variant",
    "draft__language",
    "draft__interaction__model",
    "draft__approved_by",
    KT(f"attributes__{MARK}"),
)


def people(ids: Collection[int]) -> dict[int, Person]:
    """By candidate: three queries. Those who are gone are missing."""
    ours: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    theirs: dict[tuple[int, int | None], list[int]] = defaultdict(lambda: [0, 0])
    kinds = (*BITS, Outcome.Kind.WON)
    facts = Outcome.objects.filter(candidate__in=ids, kind__in=kinds).order_by()
    for candidate, message, kind, value in facts.values_list("candidate", "message", "kind", "value"):
        for found in (ours[candidate], theirs[candidate, message]):
            found[0] |= BITS.get(kind, 0)
            found[1] += round((value or 0) * 100) if kind == Outcome.Kind.WON else 0
    sent: dict[int, list[Sent]] = defaultdict(list)
    messages = counts.sent_messages().filter(draft__candidate__in=ids).order_by("sent_at", "pk")
    for pk, candidate, at, *columns in messages.values_list("pk", "draft__candidate", "sent_at", *_MESSAGE):
        sent[candidate].append(Sent._make([int(at.timestamp()), *map(_key, columns), *theirs[candidate, pk]]))
    rows = Candidate.objects.filter(pk__in=ids).order_by()
    columns = rows.values_list("pk", "campaign", "stage", F("lead__company__industry"), F("lead__country"))
    return {
        pk: Person._make([campaign, stage, _key(industry), _key(country), *ours[pk], tuple(sent[pk])])
        for pk, campaign, stage, industry, country in columns
    }


def _key(value: Any) -> str:
    return "" if value is None else str(value)
