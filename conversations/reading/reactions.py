"""Emoji reactions that come as mails or texts: Gmail's own part, Outlook's sentence, the phones' "Liked “…”". Pure."""

from __future__ import annotations

import json
import re

from conversations.reading.mime import Part
from conversations.reading.phrases import pattern
from conversations.reading.text import squeezed, visible, whole

GMAIL_PART = "text/vnd.google.email-reaction+json"
_OPEN, _CLOSE = "“\"«„‘'「『", "”\"»“’'」』"
_EMOJI = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
    "[\ufe0f\u200d\U0001f3fb-\U0001f3ff\u2600-\u27bf\U0001f000-\U0001faff]{0,12}"
)
_DEFAULT = "👍"
_OBJECT = re.compile(
    r"^(?:an? (?:image|photo|picture|video|movie|audio message|attachment|link|sticker|gif|contact)|изображени\w+|фото\w*|видео|ein bild|une image|una imagen)\W*$",
    re.IGNORECASE,
)


def of_part(part: Part) -> str | None:
    """The emoji of Gmail's reaction part, or None when the part is none."""
    if part.kind != GMAIL_PART:
        return None
    try:
        told = json.loads(part.text[:2_000])
    except (ValueError, RecursionError):
        return _DEFAULT
    return whole(str(told.get("emoji") or _DEFAULT)[:16]) if isinstance(told, dict) else _DEFAULT


def of_text(text: str) -> str | None:
    """The emoji, or the verb, of a text that is nothing but a reaction; None for a person's words."""
    whole = squeezed(text)[:5_000]
    if not whole or len(whole) < 2:
        return None
    match = pattern("reactions", "tapback", before=r"^\W{0,3}(?:\w[\w.' -]{0,40} )??", after=r"").match(whole)
    if match:
        rest = whole[match.end() :].strip(" \xa0:")
        if _OBJECT.match(rest) or (rest[:1] in _OPEN and rest[-1:] in _CLOSE + "…" and len(rest) > 1):
            emoji = _EMOJI.search(match[0])
            return emoji[0] if emoji else match[0].strip(" \u200b")
    # Google Messages: 👍 to “…”
    if found := re.match(rf"^({_EMOJI.pattern})\s+(?:to|на|zu|à|a)\s+[{_OPEN}].*[{_CLOSE}]$", whole):
        return found[1]
    return None


def of_mail(text: str, subject: str) -> str | None:
    """The emoji of a mail whose visible text says "… reacted via Gmail" or "… reacted to your message"."""
    lines = [line.strip() for line in visible(text).splitlines() if line.strip()][:6]
    written = pattern("reactions", "via", before="", after="")
    for number, line in enumerate(lines[:4]):
        if len(line) < 200 and written.search(line):
            around = " ".join([subject, *lines[: number + 1]])
            others = [other for other in lines[:number] if not _EMOJI.fullmatch(other)]
            if not others:
                emoji = _EMOJI.search(around)
                return emoji[0] if emoji else _DEFAULT
    return of_text(text)
