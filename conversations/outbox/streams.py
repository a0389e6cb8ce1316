"""The use cases of streams: create, change, activate, pause, close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from conversations.models import MESSAGE
from conversations.outbox.lanes import wake
from conversations.outbox.models import STREAM, Stream
from conversations.outbox.services import cancel_planned
from outreach.core.audit import record
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.limits.calendars import parse_window


def create_stream(
    *,
    name: str,
    window: Mapping[str, Any] | None = None,
    daily_cap: int | None = None,
    priority: int = 0,
    is_stopped_by_reply: bool = True,
    skips_holidays: bool = False,
    is_unsolicited: bool = False,
) -> Stream:
    """A paused stream. Raises `Invalid` for a window that is none or never opens and for a cap of zero."""
    _check_stream(window, daily_cap)
    return Stream.objects.create(
        name=name,
        window=dict(window or {}),
        daily_cap=daily_cap,
        priority=priority,
        is_stopped_by_reply=is_stopped_by_reply,
        skips_holidays=skips_holidays,
        is_unsolicited=is_unsolicited,
    )


def update_stream(
    *,
    stream: Stream,
    actor: Actor,
    window: Mapping[str, Any] | None = None,
    daily_cap: int | None = None,
    priority: int = 0,
    skips_holidays: bool | None = None,
) -> Stream:
    """Change window, cap, priority and public holidays; planned messages follow the new values when sent."""
    _check_stream(window, daily_cap)
    stream.window, stream.daily_cap, stream.priority = dict(window or {}), daily_cap, priority
    stream.skips_holidays = stream.skips_holidays if skips_holidays is None else skips_holidays
    with transaction.atomic():
        stream.save(update_fields=["window", "daily_cap", "priority", "skips_holidays", "updated_at"])
        record("stream.changed", subject=stream, actor=actor, data={"daily_cap": daily_cap, "priority": priority})
    return stream


def set_holidays(*, stream: Stream, skips_holidays: bool, actor: Actor) -> Stream:
    """Whether `stream` skips the recipient's public holidays; planned messages follow it at the gate."""
    stream.skips_holidays = skips_holidays
    with transaction.atomic():
        stream.save(update_fields=["skips_holidays", "updated_at"])
        record("stream.changed", subject=stream, actor=actor, data={"skips_holidays": skips_holidays})
    return stream


def set_tracking(*, stream: Stream, tracks_opens: bool, tracks_clicks: bool, actor: Actor) -> None:
    """Whether opens and clicks are counted, from the next planned message on; switching off holds for planned ones too."""
    with transaction.atomic():
        stream.tracks_opens, stream.tracks_clicks = tracks_opens, tracks_clicks
        stream.save(update_fields=["tracks_opens", "tracks_clicks", "updated_at"])
        record("stream.tracking", subject=stream, actor=actor, data={"opens": tracks_opens, "clicks": tracks_clicks})


def _check_stream(window: Mapping[str, Any] | None, daily_cap: int | None) -> None:
    parse_window(window)
    if daily_cap is not None and daily_cap < 1:
        raise Invalid("daily_cap", _("A cap of zero sends nothing. Leave it empty, or pause instead."), code="cap_zero")


def activate_stream(*, stream: Stream, actor: Actor, reason: str = "") -> None:
    """Activate `stream`: its planned messages may leave from now on."""
    with transaction.atomic():
        STREAM.move(stream, "active", actor=actor, reason=reason)
        for channel in stream.messages.filter(state__in=MESSAGE.waiting).values_list("channel", flat=True).distinct():
            wake(channel)


def pause_stream(*, stream: Stream, actor: Actor, reason: str = "") -> None:
    """Stop `stream` at once: not one message passes the gate after this commits."""
    STREAM.move(stream, "paused", actor=actor, reason=reason)


def close_stream(*, stream: Stream, actor: Actor, reason: str = "") -> int:
    """Close `stream` permanently and cancel what is planned in it; returns how many."""
    with transaction.atomic():
        STREAM.move(stream, "closed", actor=actor, reason=reason)
        return cancel_planned(actor=actor, reason=reason or _("The stream was closed."), stream=stream)
