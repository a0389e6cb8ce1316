"""The best of a campaign, to be judged and written to next."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext as _

from campaigns.audience import live, live_sql
from campaigns.audience.models import LiveSet
from campaigns.models import CANDIDATE, Campaign, Candidate
from outreach.core import clock


def peek(*, campaign: Campaign, limit: int) -> list[tuple[int, int]]:
    """The best `limit` leads of the campaign's live set as (lead id, rank), nothing is taken; by index alone."""
    with connection.cursor() as cursor:
        cursor.execute(live_sql.SHORTLIST, {"campaign": campaign.pk, "limit": limit})
        rows: list[tuple[int, int]] = cursor.fetchall()
        return rows


def top(*, campaign: Campaign, limit: int) -> list[Candidate]:
    """The `limit` best candidates without a verdict or draft, best first.

    Candidates that were taken before and still wait come first, so that asking again after a crash gives the same
    ones. The rest come out of the live set, best rank first, and are candidates from then on: `matched`, or
    `qualified` in a campaign without a brief. Of a campaign without a live set only those who wait are given.
    Opted out, erased or unreachable leads never come.
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
        while missing > 0 and row is not None:
            with connection.cursor() as cursor:
                cursor.execute(
                    live_sql.take(row.channel),
                    {
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
    found = Candidate.objects.select_related("lead__company", "verdict").in_bulk([*waiting, *taken])
    return [found[pk] for pk in (*waiting, *taken) if pk in found]


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
