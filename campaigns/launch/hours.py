"""When a campaign may send: its window, and whether a sender's hours ever meet it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conversations.dispatch.readiness import ever_open
from conversations.senders import policy
from conversations.senders.models import Sender
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.limits.calendars import format_minute, parse_window


def checked_window(window: Mapping[str, Any] | None) -> dict[str, Any]:
    """The sending window `{days, start, end}` as it is stored; empty for any time.

    Raises `Invalid("window", …)` for a window that never opens.
    """
    parsed = parse_window(window)
    if parsed.is_always:
        return {}
    return {
        "days": sorted(parsed.days),
        "start": format_minute(parsed.start),
        "end": format_minute(parsed.end),
    }


def check_hours(window: Mapping[str, Any] | None, senders: Iterable[Sender]) -> None:
    """Raise `Invalid("window", …)` naming the first of `senders` whose hours never meet the campaign's window.

    Only what opens for nobody in any zone counts; what opens too rarely is seen in the timeline.
    """
    now = clock.now()
    for sender in senders:
        if not ever_open(window=window, sender=sender, now=now):
            raise Invalid(
                "window",
                _("Nothing could ever be sent: “%(sender)s” works %(hours)s (%(zone)s), but the window is %(window)s.")
                % {
                    "sender": sender.name,
                    "hours": policy.hours(sender)[0],
                    "zone": sender.time_zone,
                    "window": parse_window(window),
                },
                code="window_never_opens",
            )
