"""Who was written to in the last days, with the features that the score saw, and what has come of it so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, Subquery

from campaigns.models import CAMPAIGN, Campaign, Outcome
from conversations.models import Message
from conversations.senders.models import Sender

SUCCESSES = (Outcome.Kind.POSITIVE, Outcome.Kind.INFORMATION, Outcome.Kind.BOOKED, Outcome.Kind.WON)
FAILURES = (Outcome.Kind.NEGATIVE, Outcome.Kind.OPTED_OUT, Outcome.Kind.BOUNCED, Outcome.Kind.LOST)


@dataclass(frozen=True)
class Contact:
    """One person written to. Both moments None: no answer yet."""

    campaign_id: int
    features: dict[str, float]
    sent_at: datetime
    succeeded_at: datetime | None
    has_failed: bool


def contacts(*, since: datetime, campaign: Campaign | None = None) -> Iterator[tuple[int, list[Contact]]]:
    """First messages sent since then by daily campaigns that still run, by campaign; one query along the index of sent
    messages."""
    sent = Message.objects.filter(
        sender__in=Sender.objects.values("pk"),
        sent_at__gte=since,
        draft__step__number=1,
        draft__candidate__campaign__mode=Campaign.Mode.DAILY,
        draft__candidate__campaign__state__in=CAMPAIGN.matching,
        draft__candidate__scored_features__isnull=False,
    )
    if campaign is not None:
        sent = sent.filter(draft__candidate__campaign=campaign)
    outcomes = Outcome.objects.filter(candidate=OuterRef("draft__candidate")).order_by()
    first = outcomes.filter(kind__in=SUCCESSES).values("candidate").annotate(at=Min("occurred_at")).values("at")
    rows: Any = (
        sent.annotate(succeeded_at=Subquery(first), has_failed=Exists(outcomes.filter(kind__in=FAILURES)))
        .order_by("draft__candidate__campaign", "sent_at", "pk")
        .values_list(
            "draft__candidate__campaign",
            "draft__candidate__scored_features__values",
            "sent_at",
            "succeeded_at",
            "has_failed",
        )
    )
    for campaign_id, found in groupby((Contact(*row) for row in rows.iterator()), key=lambda row: row.campaign_id):
        yield campaign_id, list(found)


def daily_campaigns() -> list[int]:
    """Campaigns whose weights may learn."""
    found = Campaign.objects.filter(Q(mode=Campaign.Mode.DAILY), state__in=CAMPAIGN.matching)
    return list(found.order_by("pk").values_list("pk", flat=True))
