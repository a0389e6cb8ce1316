"""Errors and warnings when a sender is saved: caps, gaps, ramps, hours, limits, tags."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from conversations.senders import policy, workday
from conversations.senders.deliverability.mail_providers import PROVIDERS
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.limits.calendars import parse_window, parse_zone

MAX_CAP = 1_000_000
CAPS = ("hourly_cap", "daily_cap", "weekly_cap")
MAX_TAGS = 20
SHORTEST_WORKDAY_MINUTES = 60
WARM_MAILBOX_A_DAY = 50
"""30–50 a day is what a warmed mailbox sends without being noticed."""


def check_pace(sender: Sender) -> None:
    """Raise `Invalid` naming the field for pace, hours, limits and tags that could never work."""
    for name in CAPS:
        _whole(name, getattr(sender, name), 0, MAX_CAP)
    _whole("gap_seconds", sender.gap_seconds, 0, 86_400)
    _whole("gap_jitter_percent", sender.gap_jitter_percent, 0, 500)
    if sender.warmup_start is not None:
        _whole("warmup_start", sender.warmup_start, 1, MAX_CAP)
    _whole("warmup_step", sender.warmup_step, 0, MAX_CAP)
    if sender.warmup_ceiling is not None:
        _whole("warmup_ceiling", sender.warmup_ceiling, 1, MAX_CAP)
        if sender.warmup_start is not None and sender.warmup_ceiling < sender.warmup_start:
            raise Invalid("warmup_ceiling", _("The ramp must not end below where it starts."), code="out_of_range")
    parse_zone(sender.time_zone)
    window = parse_window(sender.working_hours, field="working_hours")
    if sender.has_workday and (window.is_always or window.end - window.start < SHORTEST_WORKDAY_MINUTES):
        raise Invalid(
            "working_hours",
            _("A workday needs at least one hour of working time, for example Monday to Friday from 9 to 17."),
            code="workday_without_hours",
        )
    _check_groups(sender)
    sender.tags = _clean_tags(sender.tags)


def warnings(sender: Sender, now: datetime) -> list[str]:
    """Warnings about settings that are allowed but probably unintended."""
    found = []
    zero = [label for name, label in _cap_labels() if getattr(sender, name) == 0]
    if zero:
        found.append(_("It cannot send: %(caps)s is zero.") % {"caps": ", ".join(zero)})
    elif sender.channel == Channel.EMAIL and sender.adapter == "smtp":
        if sender.daily_cap > WARM_MAILBOX_A_DAY:
            found.append(
                _(
                    "%(cap)s a day is more than the 30 to 50 that a warmed mailbox can send without attracting attention."
                )
                % {"cap": sender.daily_cap}
            )
        if sender.warmup_start is None and sender.verified_at is None:
            found.append(_("Without a warm-up, mail from a new mailbox at full pace lands in junk."))
    if sender.weekly_cap and sender.daily_cap > sender.weekly_cap:
        found.append(_("The 7-day cap is below the 24-hour cap, so it alone decides."))
    if sender.has_workday and not zero:
        mailbox = policy.mailbox(sender, sender.daily_cap)
        days = [now.astimezone(parse_zone(sender.time_zone)).date() + timedelta(days=step) for step in range(7)]
        fits = max(len(workday.expected_sends(mailbox, parse_zone(sender.time_zone), day)) for day in days)
        if fits < sender.daily_cap:
            found.append(
                _(
                    "Hours, gaps and the hourly cap allow %(fits)s messages a day, so the cap of %(cap)s is never reached."
                )
                % {"fits": fits, "cap": sender.daily_cap}
            )
    return found


def _cap_labels() -> list[tuple[str, str]]:
    return [
        ("hourly_cap", _("the hourly cap")),
        ("daily_cap", _("the 24-hour cap")),
        ("weekly_cap", _("the 7-day cap")),
    ]


def _whole(field: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Invalid(
            field,
            _("Enter a whole number from %(low)s to %(high)s.") % {"low": low, "high": high},
            code="out_of_range",
        )


def _check_groups(sender: Sender) -> None:
    if not isinstance(sender.group_limits, dict):
        raise Invalid("group_limits", _("Enter limits as {provider: messages an hour}."), code="malformed")
    for name, limit in sender.group_limits.items():
        if name not in PROVIDERS:
            raise Invalid(
                "group_limits",
                _("Unknown mail provider group “%(name)s”. Use one of: %(names)s.")
                % {"name": name, "names": ", ".join(PROVIDERS)},
                code="wrong_choice",
            )
        _whole("group_limits", limit, 1, MAX_CAP)


def _clean_tags(tags: Any) -> list[str]:
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags) or len(tags) > MAX_TAGS:
        raise Invalid("tags", _("Enter up to %(n)s tags.") % {"n": MAX_TAGS}, code="malformed")
    clean = [" ".join(tag.split()).lower() for tag in tags]
    if any(len(tag) > 50 for tag in clean):
        raise Invalid("tags", _("A tag has at most 50 characters."), code="too_long")
    return list(dict.fromkeys(tag for tag in clean if tag))
