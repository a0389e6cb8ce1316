"""What robots.txt allows (RFC 9309), by protego. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from protego import Protego

MAX_BYTES = 512 * 1024
"""RFC 9309 asks for at least 500 KiB; the rest is ignored."""
MAX_CRAWL_DELAY = 60.0
"""Seconds. A longer delay is as good as a prohibition and is treated as this one."""

_QUESTION_MARK = re.compile("%3f", re.IGNORECASE)


@dataclass(frozen=True)
class Rules:
    """One host's robots.txt. `status`: what the request for it was answered with; 0 when nothing came."""

    status: int
    text: str = ""

    @property
    def is_reached(self) -> bool:
        """Whether we know what the host wants: 5xx and no answer mean that we do not, and stay away."""
        return 0 < self.status < 500

    def allows(self, url: str, agent: str) -> bool:
        """Whether `agent` may fetch `url`. 4xx: there are no rules. 5xx, no answer, no valid address: not allowed."""
        if not self.is_reached:
            return False
        if self.status >= 400:
            return True
        try:
            return bool(_parsed(self.text).can_fetch(_escaped(url), agent))
        except ValueError:  # not an address: nothing there to fetch
            return False

    def delay_seconds(self, agent: str) -> float:
        """Seconds between two requests that the host asks for, 0 when it asks for none."""
        if not 200 <= self.status < 400:
            return 0.0
        parsed = _parsed(self.text)
        delay = parsed.crawl_delay(agent) or 0.0
        rate = parsed.request_rate(agent)
        if rate is not None and rate.requests:
            delay = max(delay, rate.seconds / rate.requests)
        return min(max(float(delay), 0.0), MAX_CRAWL_DELAY)


def _escaped(text: str) -> str:
    """`text` with %3F as %253F: protego takes an escaped question mark for the one that begins a query."""
    return _QUESTION_MARK.sub("%253F", text)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Protego:
    return Protego.parse(_escaped(text))
