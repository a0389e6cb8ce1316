"""Small readings of HTML that results and postings share. Pure."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from leads.sources.base import Unreadable

_BREAKS = re.compile(r"<br\s*/?>|</(?:p|li|div|h[1-6]|ul|ol|tr|section|dd|dt|blockquote)\s*>", re.IGNORECASE)
_ITEMS = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|template|noscript)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_ANY_TAG = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9]*)")
_VOID = frozenset(
    {
        b"area",
        b"base",
        b"br",
        b"col",
        b"embed",
        b"hr",
        b"img",
        b"input",
        b"link",
        b"meta",
        b"source",
        b"track",
        b"wbr",
        b"p",
        b"li",
    }
)
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")
_EMPTY_LINES = re.compile(r"\n{3,}")
_ABSOLUTE = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?/[!-\"$-~]{0,1900}")
"""An address that needs no joining: most do not, and joining is what costs most in a row."""
MANY_TAGS = 15_000
MAX_DEPTH = 3_000
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu"})


def words(node: LexborNode | None) -> str:
    """The text of a node on one line, or an empty text."""
    return " ".join(node.text().split()) if node is not None else ""


def attribute(node: LexborNode | None, name: str) -> str:
    return (node.attributes.get(name) or "").strip() if node is not None else ""


def plain_text(markup: str) -> str:
    """HTML as text: a line a block, list items with a dash, no scripts. At most two line breaks in a row."""
    text = _BREAKS.sub("\n", _ITEMS.sub("- ", _HIDDEN.sub(" ", markup.replace("\r", "").replace("\n", " "))))
    lines = [" ".join(line.split()) for line in html.unescape(_TAG.sub("", text)).split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def link(base: str, href: str) -> str:
    """An absolute http address without its fragment; empty for what is none, and for an empty `href`."""
    if not href.strip():
        return ""
    if _ABSOLUTE.fullmatch(href):
        return href
    try:
        url = urldefrag(urljoin(base, href.strip())).url
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname and len(url) < 2_000 else ""


def moment(text: str) -> datetime | None:
    """ISO 8601 with or without seconds, colon in the offset, or a zone (then UTC is supposed); else None."""
    if not text:
        return None
    candidate = _OFFSET.sub(r"\1:\2", text.strip().replace("Z", "+00:00"))
    try:
        found = datetime.fromisoformat(candidate)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def site_of(url: str) -> str:
    """The name under which a site's ids are unique: its host without the city (`berlin.example.org` → `example.org`)."""
    labels = (urlsplit(url).hostname or "").split(".")
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-count:])


def parsed(markup: str | bytes) -> LexborHTMLParser:
    """The tree of a page. Raises `Unreadable` `malformed` for one nested so deep that parsing it would take for ever.

    The time of an HTML5 parser grows with the square of the depth; few tags are harmless at any depth.
    """
    raw = markup.encode(errors="replace") if isinstance(markup, str) else markup
    if len(raw) > 3 * MANY_TAGS and raw.count(b"<") > MANY_TAGS and _is_too_deep(raw):
        raise Unreadable("The page is nested too deep to be read.", code="malformed")
    return LexborHTMLParser(raw)


def _is_too_deep(raw: bytes) -> bool:
    depth = 0
    for match in _ANY_TAG.finditer(raw):
        if match[1]:
            depth = max(0, depth - 1)
        elif match[2].lower() not in _VOID:
            depth += 1
            if depth > MAX_DEPTH:
                return True
    return False
