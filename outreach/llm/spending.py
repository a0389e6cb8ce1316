"""Spend caps: a call is made only when it fits below the caps, counting what is under way on all workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from outreach.core import clock
from outreach.llm.models import Interaction, SpendReservation

_LOCK = 7_301_944
LEASE = timedelta(minutes=20)
"""A reservation of a worker that died counts this long."""


@dataclass(frozen=True)
class Capped:
    """Why a call doesn't fit. `until` is when the cap resets by itself, if it does."""

    reason: str
    until: datetime | None = None


def reserve(amount: Decimal, *, campaign_id: int | None) -> SpendReservation | Capped | None:
    """Set `amount` aside for one call: the reservation, None when nothing is capped, or why it doesn't fit."""
    policy = settings.OUTREACH.llm
    if policy.usd_per_day is None and policy.usd_per_campaign is None:
        return None
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        capped = _over(amount, campaign_id)
        return capped or SpendReservation.objects.create(amount_usd=amount, campaign_id=campaign_id)


def release(reservation: SpendReservation | None) -> None:
    """The call is over: what it cost is on its interaction."""
    if reservation is not None:
        SpendReservation.objects.filter(pk=reservation.pk).delete()


def _over(amount: Decimal, campaign_id: int | None) -> Capped | None:
    policy = settings.OUTREACH.llm
    live = SpendReservation.objects.filter(created_at__gt=clock.now() - LEASE)
    if policy.usd_per_day is not None:
        spent = spent_today() + (live.aggregate(sum=Sum("amount_usd"))["sum"] or Decimal(0))
        if spent + amount > Decimal(str(policy.usd_per_day)):
            tomorrow = _midnight() + timedelta(days=1)
            return Capped(f"the spend cap of ${policy.usd_per_day:.2f} a day is reached", tomorrow)
    if policy.usd_per_campaign is not None and campaign_id is not None:
        mine = live.filter(campaign_id=campaign_id).aggregate(sum=Sum("amount_usd"))["sum"] or Decimal(0)
        if spent_on(campaign_id) + mine + amount > Decimal(str(policy.usd_per_campaign)):
            return Capped(f"the spend cap of ${policy.usd_per_campaign:.2f} for this campaign is reached")
    return None


def _midnight() -> datetime:
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


def spent_today() -> Decimal:
    """US dollars since midnight UTC."""
    found = Interaction.objects.filter(created_at__gte=_midnight()).aggregate(sum=Sum("cost_usd"))["sum"]
    return found or Decimal(0)


def spent_on(campaign_id: int) -> Decimal:
    """US dollars of all calls for one campaign."""
    found = Interaction.objects.filter(trace__campaign_id=campaign_id).aggregate(sum=Sum("cost_usd"))["sum"]
    return found or Decimal(0)
