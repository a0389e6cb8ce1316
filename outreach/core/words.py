"""Sentences that are read in the reader's language, also those that were stored long before. Pure.

`gettext` and `ngettext` from here give a `Sentence`: a text in the language of the moment that remembers its message and
its parameters. Filled (`%`) and joined it still does, so that a column which stores sentences (`outreach.core.sentences`)
keeps how it was made and every reader gets it in their own language. Pure modules use them too: they import no Django,
and the application says once, when it starts, how a text is translated. Without one texts are as written: English.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

MARK = "\x1f"
"""Stands between a stored sentence and how it was made."""

_translate: Callable[[str], str] = str


def _english(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


_translate_plural: Callable[[str, str, int], str] = _english


def translate_by(translate: Callable[[str], str], plural: Callable[[str, str, int], str] | None = None) -> None:
    """Use these for all texts from now on."""
    global _translate, _translate_plural
    _translate, _translate_plural = translate, plural or _translate_plural


class Sentence(str):
    """A text that remembers how it was made. Whatever else is done to it gives a plain text."""

    __slots__ = ("made",)
    made: Any
    """A plain text; `[message]` or `[one, many, count]`, with a mapping of parameters behind; or `{"by": …, "parts": […]}`."""

    def __new__(cls, made: Any) -> Sentence:
        sentence = super().__new__(cls, _told(made))
        sentence.made = made
        return sentence

    def __mod__(self, parameters: Any) -> str:
        if not isinstance(parameters, Mapping) or not isinstance(self.made, list):
            return super().__mod__(parameters)
        return Sentence([*self.made, {name: _kept(value) for name, value in parameters.items()}])

    def __add__(self, other: str) -> str:
        return joined("", (self, other))

    def __getitem__(self, place: Any) -> str:
        """A cut that cuts nothing off is the sentence itself."""
        cut = super().__getitem__(place)
        return self if cut == str(self) else cut

    @property
    def stored(self) -> str:
        """As a column keeps it: the text as it is now, and how it was made."""
        return f"{self}{MARK}{json.dumps(self.made, ensure_ascii=False)}"


def _kept(value: Any) -> Any:
    if isinstance(value, Sentence):
        return {"by": "", "parts": [value.made]}
    return value if isinstance(value, (int, float)) else str(value)


def _told(made: Any) -> str:
    if isinstance(made, dict):
        return str(made["by"].join(map(_told, made["parts"])))
    if not isinstance(made, list):
        return str(made)
    *message, parameters = made if isinstance(made[-1], dict) else [*made, None]
    text = _translate_plural(*message) if len(message) == 3 else _translate(message[0])
    if parameters is None:
        return text
    return text % {name: _told(value) if isinstance(value, dict) else value for name, value in parameters.items()}


def gettext(text: str) -> str:
    """`text` in the active language, a `Sentence`."""
    return Sentence([text])


def ngettext(one: str, many: str, count: int) -> str:
    """`one` or `many` in the active language, by its own rule: a `Sentence`."""
    return Sentence([one, many, count])


def gettext_noop(text: str) -> str:
    """`text` as it is: for a table, whose texts are given to `gettext` when they are shown."""
    return text


def joined(by: str, parts: Iterable[str]) -> str:
    """Sentences and plain texts as one `Sentence`, with `by` between them."""
    return Sentence({"by": by, "parts": [part.made if isinstance(part, Sentence) else str(part) for part in parts]})


def stored(text: str) -> str:
    """A sentence as it is kept where a column does not do it by itself, such as inside JSON; a plain text as it is."""
    return text.stored if isinstance(text, Sentence) else text


def within(value: Any, change: Callable[[str], str]) -> Any:
    """`value`, as JSON has it, with every text in it changed; names stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: within(one, change) for name, one in value.items()}
    return [within(one, change) for one in value] if isinstance(value, list | tuple) else value


def read(stored: str) -> str:
    """A stored sentence in the active language; a plain text as it is."""
    text, mark, made = stored.partition(MARK)
    if not mark:
        return stored
    try:
        return Sentence(json.loads(made))
    except (ValueError, TypeError, KeyError, IndexError):  # a message of another release
        return text
