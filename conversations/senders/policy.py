"""A sender's limits: the minimum of caps, warm-up and health; hours or workday; gaps; mail providers.

Everything here is arithmetic over the sender's row and the usage in its one locked row; nothing asks the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from conversations.consent.hours import sending_hours
from conversations.senders import health, warmup, workday
from conversations.senders.deliverability.mail_providers import PROVIDERS
from conversations.senders.models import Sender
from conversations.senders.warmup import Ramp
from conversations.senders.workday import Mailbox, Workday
from leads.models import Channel
from outreach.core.words import gettext as _
from outreach.limits import calendars, throttles, windows
from outreach.limits.calendars import Window, parse_zone
from outreach.limits.throttles import Throttle
from outreach.limits.windows import Limits, Usage


@dataclass(frozen=True)
class Part:
    """One of the numbers whose smallest is today's allowance."""

    name: str
    label: str | Promise
    number: int
    note: str


def hours(sender: Sender) -> tuple[Window, ZoneInfo]:
    """The working hours of `sender` and their zone. Raises `Invalid` for a row that was written past the services."""
    return sending_hours(sender.working_hours, sender.time_zone)


def today(sender: Sender, now: datetime) -> date:
    """The date on the wall of `sender`."""
    return now.astimezone(parse_zone(sender.time_zone)).date()


# the allowance of a day


def ramp(sender: Sender) -> Ramp | None:
    """The warm-up of `sender`, None without one."""
    if sender.warmup_start is None:
        return None
    ceiling = sender.daily_cap if sender.warmup_ceiling is None else sender.warmup_ceiling
    return Ramp(sender.warmup_start, sender.warmup_step, ceiling)


def health_factor(sender: Sender) -> float:
    return min(1.0, max(0.0, float(sender.health.get("factor", 1.0)))) if sender.health else 1.0


def daily_allowance(sender: Sender, usage: Usage, now: datetime) -> int:
    """How many messages may leave in 24 hours: the smallest part."""
    base = sender.daily_cap
    if (climb := ramp(sender)) is not None:
        base = min(base, warmup.allowance(climb, warmup.from_json(usage.get("warmup")), today(sender, now)))
    return _scaled(base, health_factor(sender))


def _scaled(base: int, factor: float) -> int:
    return base if factor >= 1 else max(min(base, 1), int(base * factor)) if factor > 0 else 0


def parts(sender: Sender, usage: Usage, now: datetime) -> list[Part]:
    """The parts of today's allowance with the number and the reason of each."""
    found = [Part("cap", gettext_lazy("24-hour cap"), sender.daily_cap, _("Set on the sender."))]
    base = sender.daily_cap
    if (climb := ramp(sender)) is not None:
        progress = warmup.from_json(usage.get("warmup"))
        day = warmup.completed(progress, today(sender, now))
        number = warmup.allowance_at(climb, day)
        base = min(base, number)
        found.append(
            Part(
                "warmup",
                gettext_lazy("Warm-up"),
                number,
                _("After %(days)s used days: %(start)s plus %(step)s for each, up to %(ceiling)s.")
                % {"days": day, "start": climb.start, "step": climb.step, "ceiling": climb.ceiling},
            )
        )
    factor = health_factor(sender)
    note = _judgement(sender)
    found.append(
        Part(
            "health",
            gettext_lazy("Health"),
            _scaled(base, factor),
            note if factor >= 1 else _("%(percent)s%%: %(reason)s") % {"percent": round(factor * 100), "reason": note},
        )
    )
    return found


def _judgement(sender: Sender) -> str:
    """What was found about the health of `sender`, in the reader's language."""
    if "sent" in sender.health:
        return health.judge(sender.channel, health.figures_from_json(sender.health)).sentence
    return str(sender.health.get("sentence", "")) or _("Not assessed yet.")


def limits(sender: Sender, usage: Usage, now: datetime) -> Limits:
    """The caps of `sender` at `now` over rolling windows, and the gap after the next message."""
    daily = daily_allowance(sender, usage, now)
    hourly, gap = sender.hourly_cap, timedelta()
    if sender.has_workday:
        zone = parse_zone(sender.time_zone)
        day = now.astimezone(zone).date()
        found = workday.workday(mailbox(sender, daily), day)
        if found is not None:
            hourly = min(hourly, found.hourly_cap)
            number = windows.used_since(usage, _midnight(now, zone))
            gap = timedelta(seconds=workday.draw_gap(_key(sender), day, number, found.gap))
    elif sender.gap_seconds:
        gap = timedelta(seconds=_plain_gap(sender, usage, now))
    return Limits(hourly=hourly, daily=daily, weekly=sender.weekly_cap, gap=gap)


def _plain_gap(sender: Sender, usage: Usage, now: datetime) -> float:
    zone = parse_zone(sender.time_zone)
    law = workday.jitter_law(sender.gap_seconds, sender.gap_jitter_percent)
    number = windows.used_since(usage, _midnight(now, zone))
    return workday.draw_gap(_key(sender), now.astimezone(zone).date(), number, law)


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _key(sender: Sender) -> str:
    return f"sender:{sender.pk}"


# when


def mailbox(sender: Sender, daily: int) -> Mailbox:
    """What the workday of `sender` depends on, `daily` being today's allowance."""
    return Mailbox(_key(sender), hours(sender)[0], sender.hourly_cap, daily, sender.gap_seconds)


def workday_of(sender: Sender, usage: Usage, day: date, now: datetime) -> Workday | None:
    """The workday of `sender` on `day`; None when it does not work then."""
    return workday.workday(mailbox(sender, daily_allowance(sender, usage, now)), day)


def is_working(sender: Sender, now: datetime) -> bool:
    """Whether `sender` works at `now`: within its working hours, and within its workday if it has one."""
    window, zone = hours(sender)
    if not calendars.is_open(window, zone, now):
        return False
    return not sender.has_workday or workday.is_working(mailbox(sender, sender.daily_cap), zone, now)


def next_working(sender: Sender, now: datetime) -> datetime | None:
    """The first moment from `now` on at which `sender` works; None within a fortnight."""
    window, zone = hours(sender)
    if sender.has_workday:
        return workday.next_working(mailbox(sender, sender.daily_cap), zone, now)
    return calendars.next_open(window, zone, now)


# to whom


def group_throttles(sender: Sender, usage: Usage, now: datetime) -> dict[str, Throttle]:
    """The mail providers that `sender` writes to at less than its full pace at `now`: slowed, or limited by hand."""
    if sender.channel != Channel.EMAIL:
        return {}
    found: dict[str, Throttle] = {}
    kept: Mapping[str, Any] = usage.get("groups") or {}
    for name in PROVIDERS:
        standing = sender.group_limits.get(name)
        throttle = throttles.from_json(kept[name]) if name in kept else None
        if throttle is not None and throttle.slowed_at is not None and throttles.is_recovered(throttle, now):
            throttle = Throttle(throttle.full_per_hour, throttle.full_per_hour, throttle.tokens, throttle.at)
        if standing is not None and (throttle is None or throttle.full_per_hour != standing):
            throttle = _limited(throttle, float(standing), now)
        if throttle is not None and (standing is not None or throttle.slowed_at is not None):
            found[name] = throttle
    return found


def _limited(throttle: Throttle | None, per_hour: float, now: datetime) -> Throttle:
    if throttle is None:
        return throttles.standing(per_hour, now)
    return Throttle(min(throttle.per_hour, per_hour), per_hour, throttle.tokens, throttle.at, throttle.slowed_at)


def full_rate(sender: Sender, group: str) -> float:
    """Messages an hour that `sender` may write to the mail provider `group` when nobody complains."""
    standing = sender.group_limits.get(group)
    return float(sender.hourly_cap if standing is None else min(standing, sender.hourly_cap))


# what is written down with each claim


def used(sender: Sender, usage: Usage, now: datetime, groups: Mapping[str, int]) -> dict[str, Any]:
    """`usage`, in which the messages of a claim are counted already, with warm-up and providers brought up to date."""
    changed = dict(usage)
    if (climb := ramp(sender)) is not None:
        zone = parse_zone(sender.time_zone)
        before = warmup.from_json(usage.get("warmup"))
        after = warmup.after_use(
            climb, before, now.astimezone(zone).date(), windows.used_since(usage, _midnight(now, zone))
        )
        if after != before:
            changed["warmup"] = warmup.to_json(after)
    present = group_throttles(sender, usage, now)
    if present or usage.get("groups"):
        changed["groups"] = {
            name: throttles.to_json(throttles.spend(throttle, groups.get(name, 0), now))
            for name, throttle in present.items()
        }
    return changed
