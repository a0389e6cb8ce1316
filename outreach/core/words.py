"""Sentences of pure modules, in the reader's language. Pure.

Pure modules import no Django, and yet people read what they say. They mark their texts with `gettext` from here; the
application says once, when it starts, how a text is translated. Without an application the texts are as written: English.
"""

from __future__ import annotations

from collections.abc import Callable

_translate: Callable[[str], str] = str


def translate_by(translate: Callable[[str], str]) -> None:
    """Use `translate` for all texts from now on."""
    global _translate
    _translate = translate


def gettext(text: str) -> str:
    """`text` in the active language."""
    return _translate(text)


def gettext_noop(text: str) -> str:
    """`text` as it is: for a table, whose texts are given to `gettext` when they are shown."""
    return text
