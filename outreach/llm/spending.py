"""Spend caps: a call is made only when what it may cost at most fits below them, counting what is under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from outreach.core import clock
from outreach.core.words import gettext as _
from outreach.llm import configured
from outreach.llm.errors import Held
from outreach.llm.models import CallReservation, CampaignCap, Interaction

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Cap:
    """US dollars, None: no cap. `is_fixed`: outreach.toml sets it."""

    usd: Decimal | None
    is_fixed: bool = False


@dataclass(frozen=True)
class Caps:
    """What holds for one call."""

    day: Decimal | None
    campaign: Decimal | None
    campaign_id: int | None


def day_cap() -> Cap:
    """What the whole team may spend in a day (UTC)."""
    return _cap(settings.OUTREACH.llm.usd_per_day, "usd_per_day")


def default_campaign_cap() -> Cap:
    """What a campaign without a cap of its own may spend."""
    return _cap(settings.OUTREACH.llm.usd_per_campaign, "usd_per_campaign")


def _cap(fixed: float | None, name: str) -> Cap:
    if fixed is not None:
        return Cap(Decimal(str(fixed)), is_fixed=True)
    return Cap(getattr(configured.policy(), name))


def has_cap() -> bool:
    """Whether any spend cap is set."""
    return bool(day_cap().usd or default_campaign_cap().usd or CampaignCap.objects.exists())


def own_cap(campaign_id: int) -> Decimal | None:
    """The cap that was set for this campaign alone."""
    return CampaignCap.objects.filter(campaign_id=campaign_id).values_list("usd", flat=True).first()


def caps_for(campaign_id: int | None, *, own: Decimal | None) -> Caps | None:
    """The caps on a call, None when there are none; `own` is the campaign's own one."""
    of_campaign = own or default_campaign_cap().usd if campaign_id is not None else None
    caps = Caps(day_cap().usd, of_campaign, campaign_id)
    return caps if caps.day is not None or caps.campaign is not None else None


@dataclass(frozen=True)
class Standing:
    """What is spent and what the calls that are being made may cost at most; how many of them go to one provider."""

    spent_today: Decimal
    spent_on_campaign: Decimal
    reserved: Decimal
    reserved_by_campaign: Decimal
    calls: int


def standing(caps: Caps | None, *, provider: str, now: datetime) -> Standing:
    """All that a call is held against, in one statement: by querysets it took more CPU than the call itself."""
    interactions, reservations = Interaction._meta.db_table, CallReservation._meta.db_table
    statement = f"""
        SELECT (SELECT coalesce(sum(cost_usd), 0) FROM {interactions} WHERE %(by_day)s AND created_at >= %(midnight)s),
               (SELECT coalesce(sum(cost_usd), 0) FROM {interactions} WHERE %(by_campaign)s AND campaign_id = %(campaign)s),
               coalesce(sum(amount_usd), 0),
               coalesce(sum(amount_usd) FILTER (WHERE campaign_id = %(campaign)s), 0),
               count(*) FILTER (WHERE provider = %(provider)s)
        FROM {reservations} WHERE expires_at > %(now)s
    """  # noqa: S608  names of our own tables
    given: dict[str, Any] = {
        "by_day": caps is not None and caps.day is not None,
        "by_campaign": caps is not None and caps.campaign is not None,
        "midnight": _midnight(),
        "campaign": caps.campaign_id if caps else None,
        "provider": provider,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        row = cursor.fetchone()
    assert row is not None
    return Standing(*row)


def over(caps: Caps, amount: Decimal, now: Standing) -> Held | None:
    """Whether `amount` more would pass a cap, with the calls that are under way."""
    if caps.day is not None and now.spent_today + now.reserved + amount > caps.day:
        reason = _("the spend cap of $%(usd)s a day is reached") % {"usd": caps.day.quantize(CENT)}
        return Held(reason, _midnight() + timedelta(days=1))
    if caps.campaign is None or caps.campaign_id is None:
        return None
    if now.spent_on_campaign + now.reserved_by_campaign + amount <= caps.campaign:
        return None
    return Held(_("the spend cap of $%(usd)s for this campaign is reached") % {"usd": caps.campaign.quantize(CENT)})


def _midnight() -> datetime:
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


def spent_today() -> Decimal:
    """US dollars since midnight UTC."""
    found = Interaction.objects.filter(created_at__gte=_midnight()).aggregate(sum=Sum("cost_usd"))["sum"]
    return found or Decimal(0)


def spent_on(campaign_id: int) -> Decimal:
    """US dollars of all calls for one campaign."""
    found = Interaction.objects.filter(campaign_id=campaign_id).aggregate(sum=Sum("cost_usd"))["sum"]
    return found or Decimal(0)
