"""The best of a campaign, to be judged and written to next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from campaigns.audience import busy, live, live_sql
from campaigns.audience.models import LiveSet
from campaigns.models import CANDIDATE, Campaign, Candidate
from campaigns.scoring import features
from campaigns.scoring import services as scoring
from outreach.core import clock
from outreach.core.words import gettext as _

WINDOW = 5_000
"""Leads that a campaign's weights are applied to at most: the best by rank."""


def peek(*, campaign: Campaign, limit: int, days: Mapping[str, float] | None = None) -> list[tuple[int, int]]:
    """The best `limit` leads of the campaign's live set as (lead id, score), nothing is taken.

    The score is the rank (recency) and what the campaign's weights add; `days` tries other weights.
    """
    extra, parameters = _weighted(scoring.weights_of(campaign) if days is None else days)
    with connection.cursor() as cursor:
        cursor.execute(
            live_sql.best(extra), {"campaign": campaign.pk, "limit": limit, **busy.parameters(campaign), **parameters}
        )
        rows: list[tuple[int, int]] = cursor.fetchall()
        return rows


def top(*, campaign: Campaign, limit: int) -> list[Candidate]:
    """The `limit` best candidates without a verdict or draft, best first.

    Candidates that were taken before and still wait come first, so that asking again after a crash gives the same
    ones. The rest come out of the live set, best score first, and are candidates from then on: `matched`, or
    `qualified` in a campaign without a brief; what the score saw of them is kept. Of a campaign without a live set only those who wait are given.
    Opted out, erased or unreachable leads never come; nor, unless the campaign keeps them, those who would hear from us
    twice: they come once the other campaign is over or the days have passed.
    """
    if limit <= 0:
        return []
    stage = "matched" if campaign.brief_id else "qualified"
    live.ensure(campaign=campaign)
    with transaction.atomic():
        live.hold()
        waiting = _waiting(campaign, stage, limit)
        missing = limit - len(waiting)
        row = LiveSet.objects.filter(campaign=campaign).first()
        taken: list[int] = []
        extra, parameters = _weighted(scoring.weights_of(campaign))
        while missing > 0 and row is not None:
            with connection.cursor() as cursor:
                cursor.execute(
                    live_sql.take(row.channel, extra),
                    {
                        **busy.parameters(campaign),
                        **parameters,
                        "campaign": campaign.pk,
                        "limit": missing,
                        "stage": stage,
                        "reason": "" if campaign.brief_id else _("No brief: everyone in the segment qualifies."),
                        "now": clock.now(),
                        "low": live.LOW,
                    },
                )
                gone, ids = cursor.fetchone()
            taken += ids
            missing -= len(ids)
            if gone == 0:
                if not LiveSet.objects.filter(pk=row.pk, needs_match=True).exists():
                    break
                live.match(campaign_id=campaign.pk)  # it held its best leads only
        scoring.remember(dict(Candidate.objects.filter(pk__in=taken).values_list("pk", "lead_id")) if taken else {})
    found = Candidate.objects.select_related("lead__company", "verdict").in_bulk([*waiting, *taken])
    return [found[pk] for pk in (*waiting, *taken) if pk in found]


def _weighted(days: Mapping[str, float]) -> tuple[str, dict[str, Any]]:
    """What `live_sql.best` needs for weights: SQL (empty without any) and parameters."""
    if not features.spread(days):
        return "", {}
    extra, weights = features.bonus(days)
    return extra, {**weights, "spread": features.spread(days), "window": WINDOW}


def _waiting(campaign: Campaign, stage: str, limit: int) -> list[int]:
    """Ids of candidates taken earlier that still need a verdict or, without a brief, a draft."""
    rows = Candidate.objects.filter(campaign=campaign, stage=stage, problem="")
    if stage == CANDIDATE.MATCHED:
        rows = rows.filter(score=None)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def is_dry(*, campaign: Campaign, limit: int) -> bool:
    """Whether the live set has fewer than `limit` leads left: time to find more."""
    live.ensure(campaign=campaign, least=limit)
    return len(peek(campaign=campaign, limit=limit)) < limit
