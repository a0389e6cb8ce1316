"""When a person may be written to: not at night in their own time, and mail as often as they chose. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Rhythm:
    """What a person chose. Hours are of their own day; equal ends of the night mean that there is none."""

    pace: str = "hourly"
    daily_hour: int = 9
    is_quiet: bool = True
    quiet_from: int = 20
    quiet_until: int = 8


def is_night(rhythm: Rhythm, local: datetime) -> bool:
    """Whether it is their quiet time; the night may span midnight."""
    begin, end = rhythm.quiet_from, rhythm.quiet_until
    if not rhythm.is_quiet or begin == end:
        return False
    hour = local.hour
    return begin <= hour < end if begin < end else hour >= begin or hour < end


def is_mail_due(rhythm: Rhythm, *, local: datetime, last: datetime | None) -> bool:
    """Whether what waits is mailed now; `last` is when mail went out before, in their own time too."""
    if is_night(rhythm, local):
        return False
    if rhythm.pace == "at_once":
        return True
    if rhythm.pace == "hourly":
        return last is None or local - last >= timedelta(hours=1)
    today = local.replace(hour=rhythm.daily_hour, minute=0, second=0, microsecond=0)
    return local >= today and (last is None or last < today)
