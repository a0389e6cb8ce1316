"""What a server's headers say about its limits: OpenAI's and Anthropic's names, which others have taken over. Pure.

OpenAI: `x-ratelimit-limit-requests: 500`, `x-ratelimit-reset-tokens: 6m0s`. Anthropic: `anthropic-ratelimit-requests-limit`
and moments (RFC 3339). Some servers count calls by the day under the same name: such a limit is never reached within a
minute, and what is used up is then told by `remaining`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_COUNTED = ("requests", "tokens", "input-tokens", "output-tokens")
LONGEST = timedelta(hours=1)


@dataclass(frozen=True)
class Stated:
    """`used_up_until` is when the next call may be made, where nothing is left."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    used_up_until: datetime | None = None


def read(headers: Mapping[str, str], now: datetime) -> Stated:
    """The limits that an answer named; all None where it named none."""
    ends = [end for name in _COUNTED if (end := _used_up_until(headers, name, now))]
    return Stated(_number(headers, "requests"), _number(headers, "tokens"), max(ends, default=None))


def _header(headers: Mapping[str, str], name: str, what: str) -> str:
    return headers.get(f"x-ratelimit-{what}-{name}") or headers.get(f"anthropic-ratelimit-{name}-{what}") or ""


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = _header(headers, name, "limit")
    return int(text) if text.isdecimal() and 0 < int(text) < 2**53 else None  # Azure says -1 and 0 for “not told”


def _used_up_until(headers: Mapping[str, str], name: str, now: datetime) -> datetime | None:
    if _header(headers, name, "remaining") != "0" or _header(headers, name, "limit") in {"", "0", "-1"}:
        return None
    wait = _wait(_header(headers, name, "reset"), now)
    return now + min(wait, LONGEST) if wait and wait > timedelta() else None


def _wait(text: str, now: datetime) -> timedelta | None:
    """From a number of seconds, a duration such as `1m30s` or `120ms`, or a moment."""
    try:
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        pass
    found = _DURATION.fullmatch(text)
    if text and found:
        hours, minutes, seconds, milliseconds = (float(part or 0) for part in found.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
    try:
        return datetime.fromisoformat(text) - now
    except (ValueError, TypeError):
        return None
