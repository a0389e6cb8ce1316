"""How fast an account may act: one gap with jitter over everything, and caps a kind of action, in locked rows.

What is asked for is either granted and counted, or the wait is said. The site's own limit, once met, holds everything.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from leads.sources.network.models import NetworkAccount
from outreach.limits import services as limits
from outreach.limits import windows
from outreach.limits.calendars import next_open, parse_window, parse_zone
from outreach.limits.models import Allowance
from outreach.limits.windows import Limits

VIEW, SEARCH, INVITE, MESSAGE, LOOK = "view", "search", "invite", "message", "look"
"""Opening a profile, a page of results, an invitation, a message, a look at messages or invitations."""
JITTER = (0.8, 1.2)


@dataclass(frozen=True)
class Wait:
    """Not now: `after` this long, for `reason`, whose `code` is `pace`, `cap`, `hours` or `site_limit`."""

    after: timedelta
    reason: str
    code: str


def caps(account: NetworkAccount, action: str) -> Limits:
    """The caps of one kind of action."""
    if action == VIEW:
        return Limits(daily=account.views_a_day)
    if action == SEARCH:
        return Limits(daily=account.searches_a_day)
    if action == INVITE:
        return Limits(daily=account.invitations_a_day, weekly=account.invitations_a_week)
    return Limits()


def key(account_id: int, action: str = "") -> str:
    return f"network:{account_id}:{action}" if action else f"network:{account_id}"


def take(
    account: NetworkAccount, action: str, now: datetime, *, draw: float | None = None, has_gap: bool = True
) -> Wait | None:
    """Count one action of `account`, or say how long to wait. `draw` in 0…1 places the jitter of the next gap.

    `has_gap` is false for the second half of something that has waited for its gap already.
    """
    if wait := _closed(account, now):
        return wait
    drawn = random.random() if draw is None else draw  # noqa: S311 - a rhythm, no secret
    gap = timedelta(seconds=account.gap_seconds * (JITTER[0] + (JITTER[1] - JITTER[0]) * drawn))
    with transaction.atomic():
        common = limits.lock(key(account.pk))
        row = limits.lock(key(account.pk, action))
        if common is None or row is None:
            return Wait(timedelta(seconds=1), "Another action of this account is being counted.", "pace")
        if has_gap and common.next_at and common.next_at > now:
            return Wait(common.next_at - now, "People do one thing after the other.", "pace")
        allowed = caps(account, action)
        if not limits.available(row, allowed, now, wanted=1):
            free_at = windows.all_free_at(row.usage, allowed, now)
            after = max(timedelta(minutes=1), free_at - now) if free_at else timedelta(days=1)
            return Wait(after, f"The account's own cap of this kind ({action}) is used up.", "cap")
        limits.spend(row, allowed, 1, now)
        if has_gap:
            limits.spend(common, Limits(gap=gap), 1, now)
    return None


def count(account: NetworkAccount, action: str, now: datetime) -> None:
    """Count an action that is not held back by its cap, such as the profile that an invitation is sent from."""
    with transaction.atomic():
        row = limits.lock(key(account.pk, action))
        if row is not None:
            limits.spend(row, Limits(), 1, now)


def _closed(account: NetworkAccount, now: datetime) -> Wait | None:
    if account.limited_until and account.limited_until > now:
        return Wait(account.limited_until - now, "The site's own limit was met.", "site_limit")
    window, zone = parse_window(account.working_hours, field="working_hours"), parse_zone(account.time_zone)
    opens_at = next_open(window, zone, now)
    if opens_at is not None and opens_at > now:
        return Wait(opens_at - now, "It is outside the account's hours.", "hours")
    return None


def used(account: NetworkAccount, now: datetime) -> list[tuple[str, int, int]]:
    """(action and span, used, cap) for the page of an account."""
    names = (VIEW, SEARCH, INVITE)
    rows = {row.key: row.usage for row in Allowance.objects.filter(key__in=[key(account.pk, name) for name in names])}
    found = []
    for name in names:
        usage = rows.get(key(account.pk, name), {})
        found += [
            (f"{name}:{span.name}", windows.used(usage, span, now), cap) for span, cap in caps(account, name).caps()
        ]
    return found


def gap_fill_after(*, now: datetime, next_major_at: datetime | None, work_count: int, floor: timedelta) -> timedelta:
    """How long to wait before the next profile is read: the time until the next major action, shared out over the work."""
    if next_major_at is None or work_count <= 0:
        return floor
    return max(floor, (next_major_at - now) / work_count)
