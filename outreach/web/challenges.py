"""Detects pages that say “prove that you are human” or “you are blocked” instead of the content. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title>", re.IGNORECASE | re.DOTALL)
_TITLES = re.compile(
    r"just a moment|attention required|are you (?:a )?(?:human|robot)|captcha|access denied|security check|pardon our interruption"
    r"|verify(?:ing)? (?:that )?you are|^blocked|request blocked|ddos-guard|unusual traffic",
    re.IGNORECASE,
)
_MARKS = (
    (b"cf-chl-", "Cloudflare"), (b"/cdn-cgi/challenge-platform/", "Cloudflare"), (b"px-captcha", "PerimeterX"),
    (b"geo.captcha-delivery.com", "DataDome"), (b"_Incapsula_Resource", "Imperva"), (b"awswaf", "AWS WAF"),
)  # fmt: skip
_BLOCKED = re.compile(
    rb"this ip has been automatically blocked|your (?:ip|request|connection) (?:address )?has been blocked|too many requests from your",
    re.IGNORECASE,
)
LOOKED_AT = 64 * 1024
"""Bytes from the beginning; a challenge is a small page."""
SMALL = 32 * 1024
"""A page above this size is content: a captcha in it guards a form, not the page."""


def find(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """What kind of challenge or block the page is, or an empty text."""
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "Cloudflare challenge"
    start = body[:LOOKED_AT]
    title = _TITLE.search(start)
    words = title[1].decode("utf-8", "replace").strip() if title else ""
    if words and _TITLES.search(words):
        return f"“{' '.join(words.split())[:80]}”"
    if len(body) > SMALL and status < 400:
        return ""
    if _BLOCKED.search(start):
        return "the site says that we are blocked"
    for mark, vendor in _MARKS:
        if mark in start and (status >= 400 or len(_words(start)) < 600):
            return f"{vendor} challenge"
    return ""


def _words(body: bytes) -> bytes:
    """Roughly the visible text."""
    return re.sub(rb"\s+", b" ", re.sub(rb"<(script|style)\b.*?</\1>|<[^>]{0,2000}>", b" ", body, flags=re.DOTALL))
