"""Every number that Home, lists, the campaign page, reports, the API and commands show of campaigns, defined once."""

from __future__ import annotations

from campaigns.drafts.models import DraftQuerySet
from campaigns.models import CANDIDATE


def to_review(drafts: DraftQuerySet, *, cap: int | None = None) -> int:
    """How many messages among `drafts` wait for a person: the variants of one message are one decision."""
    rows = drafts.to_review().exclude(candidate__stage__in=CANDIDATE.out).order_by()
    return rows.values("candidate", "step").distinct()[:cap].count()
