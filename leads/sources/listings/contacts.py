"""What a text says of how to reach its author: addresses, numbers, links, a name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}\b")
_SPOKEN_EMAIL = re.compile(
    r"\b([A-Za-z0-9][\w.+-]{0,63})\s*(?:\[at\]|\(at\)|\{at\}| at )\s*([A-Za-z0-9-]{1,63}(?:\s*(?:\[dot\]|\(dot\)|\{dot\}| dot |\.)\s*[A-Za-z0-9-]{2,63}){1,3})\b"
)
_DOT = re.compile(r"\s*(?:\[dot\]|\(dot\)|\{dot\}| dot |\.)\s*")
_PHONE = re.compile(
    r"(?<![\w/.-])(?:\+\d{1,3}[\s.-]?)?(?:\(\d{2,4}\)[\s.-]?)?\d{2,4}(?:[\s.-]\d{2,8}){1,4}(?![\w/-])|(?<![\w/.-])\+\d{9,14}\b"
)
_DIGITS = re.compile(r"[+(0-9][0-9 \xa0\t().+-]{6,}[0-9]")
_DATE = re.compile(r"(?:19|20)\d{2}[.-]\d{2}[.-]\d{2}|\d{2}[.-]\d{2}[.-](?:19|20)\d{2}")
_URL = re.compile(r"\bhttps?://[^\s<>\"')\]]{4,500}", re.IGNORECASE)
_CONTACT = re.compile(
    r"(?:contact(?: name| person)?|ask for|ansprechpartner(?:in)?|контактное лицо)\s*:\s*([^\n,;:(]{2,60})",
    re.IGNORECASE,
)
_CONTACT_WORDS = ("contact", "ask for", "ansprechpartner", "контактное лицо")
_SPOKEN_SIGNS = ("dot", "at]", "at)")


def emails(text: str) -> list[str]:
    """Addresses as written, then the first one that is spelled out (“ann at firm dot com”)."""
    found = [match[0] for at in _places(text, "@") for match in EMAIL.finditer(text, max(0, at - 65), at + 260)]
    lowered = text.lower()
    spoken = _SPOKEN_EMAIL.search(text) if any(sign in lowered for sign in _SPOKEN_SIGNS) else None
    if spoken and any(sign in spoken[0].lower() for sign in _SPOKEN_SIGNS):
        found.append(f"{spoken[1]}@{_DOT.sub('.', spoken[2])}")
    return found


def phones(text: str) -> list[str]:
    """Runs of 9 to 15 digits that are no dates, as written."""
    found = (
        match[0]
        for digits in _DIGITS.finditer(text)
        for match in _PHONE.finditer(text, digits.start(), digits.end() + 1)
    )
    return [number for number in found if not _DATE.match(number) and 9 <= sum(c.isdigit() for c in number) <= 15]


def links(text: str) -> list[str]:
    """Web addresses, without the punctuation that ends a sentence."""
    found = (_URL.match(text, at) for at in _places(text.lower(), "http"))
    return [match[0].rstrip(".,;:!?") for match in found if match]


def contact(text: str) -> str:
    """The person whom the text names as its contact, or empty."""
    lowered = text.lower()
    match = _CONTACT.search(text) if any(word in lowered for word in _CONTACT_WORDS) else None
    return match[1].strip(" .") if match else ""


def _places(text: str, part: str) -> Iterator[int]:
    """Where `part` stands in `text`: much cheaper than an expression that has to begin anywhere."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))
