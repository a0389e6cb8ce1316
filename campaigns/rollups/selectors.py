"""The numbers of campaigns as `campaigns.counts` defines them, whatever their size."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, Q, Sum

from campaigns import counts
from campaigns.rollups import services
from campaigns.rollups.models import EVERYTHING, Change, DayCount, PeopleCount

_UNCHANGED = ~Q(Exists(Change.objects.all()))
"""No rows at all while something has changed that is not counted yet."""


def by_campaign(ids: Iterable[int]) -> dict[int, counts.Numbers]:
    """The numbers of each of these campaigns; a few noted changes are counted first. After many at once (an audience was
    frozen just now) the raw rows of the campaigns that changed are counted, until the background has caught up.
    """
    wanted = list(ids)
    kept = PeopleCount.objects.filter(dimension="", key="", campaign__in=wanted).values_list(
        "campaign", "stage", "people", "contacted", "messages", *counts.FACTS
    )
    read, changed = list(kept.filter(_UNCHANGED)), set[int]()
    if wanted and not read:  # there is nobody in them, or something has changed
        if not services.has_caught_up(most=services.BATCH):
            changed = services.changed_campaigns(wanted)
        read = list(kept)
    found: dict[int, Any] = {pk: ({}, {}, [0], dict.fromkeys(counts.FACTS, 0)) for pk in wanted}
    for pk, stage, people, contacted, messages, *facts in read:
        stages, reached, sent, sums = found[pk]
        if people:
            stages[stage] = people
        if contacted:
            reached[stage] = contacted
        sent[0] += messages
        for kind, n in zip(counts.FACTS, facts, strict=True):
            sums[kind] += n
    numbers = {
        pk: counts.Numbers(stages, reached, sent[0], {kind: n for kind, n in sums.items() if n})
        for pk, (stages, reached, sent, sums) in found.items()
    }
    return numbers | counts.by_campaign(changed) if changed else numbers


def weekly(weeks: int, *, now: datetime) -> list[counts.Week]:
    """`counts.weekly` without a look at every message, where the days of `now`'s zone are counted."""
    days = DayCount.objects.filter(
        zone__name=str(now.tzinfo),
        zone__built_at__isnull=False,
        dimension="",
        campaign=EVERYTHING,
        day__gte=counts.mondays(weeks, now=now)[0],
    )
    sums = days.order_by().values_list("day").annotate(Sum("messages"))
    sent = dict(sums.filter(_UNCHANGED))
    if not sent and services.has_caught_up(most=services.BATCH) and services.kept_zone(str(now.tzinfo)):
        sent = dict(sums)
    return counts.weekly(weeks, now=now, sent=sent or None)
