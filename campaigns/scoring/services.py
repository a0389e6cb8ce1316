"""Use cases of the cheap score: set a campaign's weights, and keep what the score saw."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection, transaction

from campaigns.models import Campaign
from campaigns.scoring.features import FEATURES, FROM, MOST_DAYS
from campaigns.scoring.models import ScoredFeatures, ScoreWeights
from outreach.core import audit, clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _


def weights_of(campaign: Campaign) -> dict[str, float]:
    """The days that each feature is worth now; empty: recency alone decides."""
    row = ScoreWeights.objects.filter(campaign=campaign).first()
    return {name: float(days) for name, days in row.days.items() if name in FEATURES and days} if row else {}


@transaction.atomic
def set_weights(*, campaign: Campaign, days: Mapping[str, float], actor: Actor, reason: str = "") -> ScoreWeights:
    """Change a campaign's weights; the next shortlist uses them. Equal weights change nothing.

    Raises `Invalid` for an unknown feature or more than 90 days.
    """
    Campaign.objects.select_for_update().only("pk").get(pk=campaign.pk)
    change_weights({campaign.pk: days}, actor=actor, reason=reason)
    return ScoreWeights.objects.get(campaign=campaign)


def change_weights(changes: Mapping[int, Mapping[str, float]], *, actor: Actor, reason: str = "") -> None:
    """The same for many campaigns (id → days), whose rows the caller has locked, in three statements."""
    for days in changes.values():
        _check(days)
    rows = {row.campaign_id: row for row in ScoreWeights.objects.filter(campaign__in=changes)}
    changed: list[ScoreWeights] = []
    entries: list[tuple[type[Campaign], int, dict[str, Any]]] = []
    for campaign_id, days in changes.items():
        row = rows.get(campaign_id) or ScoreWeights(campaign_id=campaign_id, version=0)
        wanted = {name: round(float(value), 4) for name, value in days.items() if value}
        if row.days == wanted and row.pk:
            continue
        before, row.days, row.version = row.days, wanted, row.version + 1
        changed.append(row)
        entries.append((Campaign, campaign_id, {"before": before, "after": wanted, "version": row.version}))
    ScoreWeights.objects.bulk_create(
        [ScoreWeights(campaign_id=r.campaign_id, days=r.days, version=r.version) for r in changed],
        update_conflicts=True,
        unique_fields=["campaign"],
        update_fields=["days", "version", "updated_at"],
    )
    audit.record_all("campaign.weights_set", subjects=entries, actor=actor, reason=reason)


def _check(days: Mapping[str, float]) -> None:
    for name, value in days.items():
        if name not in FEATURES:
            raise Invalid(f"days.{name}", _("There is no feature “%(name)s”.") % {"name": name})
        if not math.isfinite(value) or abs(value) > MOST_DAYS:
            raise Invalid(f"days.{name}", _("A feature is worth between -90 and 90 days."))


@transaction.atomic
def freeze(*, campaign: Campaign, is_frozen: bool, actor: Actor) -> ScoreWeights:
    """Keep the weights as they are, or let them change by themselves again."""
    Campaign.objects.select_for_update().only("pk").get(pk=campaign.pk)
    row, _made = ScoreWeights.objects.get_or_create(campaign=campaign)
    if row.is_frozen != is_frozen:
        row.is_frozen = is_frozen
        row.save(update_fields=["is_frozen", "updated_at"])
        audit.record("campaign.weights_frozen", subject=campaign, actor=actor, data={"is_frozen": is_frozen})
    return row


def features_of(lead_ids: Collection[int]) -> dict[int, dict[str, float]]:
    """The features of these leads as they are now, by lead."""
    columns = ", ".join(feature.sql for feature in FEATURES.values())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT l.id, {columns} FROM {FROM} WHERE l.id = ANY(%s)", [list(lead_ids)])  # noqa: S608
        rows = cursor.fetchall()
    return {lead: dict(zip(FEATURES, map(float, values), strict=True)) for lead, *values in rows}


def remember(leads: Mapping[int, int]) -> int:
    """Keep the features of candidates (candidate → lead) as they are now; who was kept before stays as it was."""
    found = features_of(leads.values())
    rows = [
        ScoredFeatures(candidate_id=candidate, values=found[lead], taken_at=clock.now())
        for candidate, lead in leads.items()
        if lead in found
    ]
    return len(ScoredFeatures.objects.bulk_create(rows, ignore_conflicts=True))
