"""Whether a request for a pixel or link came from a machine. Pure; a doubtful one counts as a machine.

What is known of it: mail scanners ask with HEAD, name themselves, open every link within seconds, or come within seconds
of the delivery; Apple's privacy protection loads every picture, calling itself “Mozilla/5.0” and nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

PERSON = "person"
TOO_SOON = timedelta(seconds=10)
"""After it was sent: nobody reads that fast, gateways do."""
BURST = timedelta(seconds=10)
BURST_LINKS = 3
"""So many different links within `BURST`, or all of at least two."""
_KNOWN = re.compile(
    r"bot\b|spider|crawl|scan|proofpoint|mimecast|barracuda|symantec|messagelabs|forcepoint|trendmicro|fireeye|cloudmark"
    r"|safelinks|urldefense|ironport|sophos|zscaler|avanan|headless|phantomjs|python|curl/|wget|go-http-client|java/"
    r"|okhttp|libwww|httpclient|axios|node-fetch|ruby|perl|preview|monitor|validator|slurp|facebookexternalhit",
    re.IGNORECASE,
)
_PICTURE_PROXIES = re.compile(r"GoogleImageProxy|YahooMailProxy", re.IGNORECASE)
"""They load for a reader who opens; only when they come too soon are they a prefetch."""


@dataclass(frozen=True)
class Request:
    """One request: `link` is None for the pixel."""

    at: datetime
    method: str
    user_agent: str
    link: int | None


def why_machine(request: Request, *, others: Iterable[Request], sent_at: datetime | None, link_count: int) -> str:
    """Why `request` counts as a machine's (a stable word), or an empty string for a person's.

    `others` are all requests for the same message, `request` among them; `link_count` is how many links it has.
    """
    agent = request.user_agent.strip()
    if request.method.upper() not in {"GET", "POST"}:
        return "head"
    if not agent:
        return "nameless"
    if agent == "Mozilla/5.0":
        return "privacy_proxy"
    if _KNOWN.search(agent) and not _PICTURE_PROXIES.search(agent):
        return "known_program"
    if sent_at is not None and request.at - sent_at < TOO_SOON:
        return "too_soon"
    if request.link is not None:
        near = {other.link for other in others if other.link is not None and abs(other.at - request.at) <= BURST}
        if len(near) >= BURST_LINKS or (link_count >= 2 and len(near) >= link_count):
            return "all_links"
    return ""
