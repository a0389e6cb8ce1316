"""A text with its conditions said in words: what is fixed, what is filled in, and what stands only if something is known.

For reading beside the text, which stays as it is. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from campaigns.drafts.facts import VARIABLES
from campaigns.review.wording import fact_name
from outreach.core.words import gettext as _

_TOKEN = re.compile(r"\{\{-?(?P<out>.*?)-?\}\}|\{%-?\s*(?P<tag>\w+)(?P<rest>.*?)-?%\}", re.DOTALL)
_DEFAULT = re.compile(r"default:\s*[\"']([^\"']*)[\"']")
_NAMES = re.compile(r"^\w+(?:\s+(?:and|or)\s+\w+)*$")
_DIFFERS = re.compile(r"^(\w+)\s*!=\s*(\w+)$")


@dataclass
class Branch:
    """What stands if `when` holds; without `when`, otherwise."""

    when: str = ""
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class Piece:
    """Fixed words (`text`), a value (`label`, and what stands in for it), or a choice (`branches`)."""

    text: str = ""
    label: str = ""
    fallback: str = ""
    is_ours: bool = False
    branches: list[Branch] = field(default_factory=list)


def has_conditions(source: str) -> bool:
    """Whether the text holds more than words and variables."""
    return "{%" in source


def pieces_of(source: str) -> list[Piece]:
    """The text in readable parts. What is not understood stays as it is written, so that nothing is hidden."""
    return _until(_tokens(source), ends=frozenset())[0]


Token = tuple[str, str, str]
"""(kind: text, out or the tag's name; its words; as it is written)."""


def _tokens(source: str) -> Iterator[Token]:
    last = 0
    for match in _TOKEN.finditer(source):
        if match.start() > last:
            yield "text", source[last : match.start()], source[last : match.start()]
        yield (match["tag"] or "out"), (match["out"] or match["rest"] or "").strip(), match[0]
        last = match.end()
    if last < len(source):
        yield "text", source[last:], source[last:]


def _until(tokens: Iterator[Token], ends: frozenset[str]) -> tuple[list[Piece], Token]:
    found: list[Piece] = []
    for token in tokens:
        kind, words, written = token
        if kind in ends:
            return found, token
        if kind == "out":
            found.append(_value(words, written))
        elif kind == "if":
            found.append(Piece(branches=_branches(words, tokens)))
        else:
            found.append(Piece(text=written))
    return found, ("end", "", "")


def _branches(condition: str, tokens: Iterator[Token]) -> list[Branch]:
    branches = []
    when = _condition(condition)
    while True:
        inner, (kind, words, _written) = _until(tokens, frozenset({"elsif", "else", "endif"}))
        branches.append(Branch(when, inner))
        if kind not in {"elsif", "else"}:
            return [branch for branch in branches if branch.when or branch.pieces]
        when = _condition(words) if kind == "elsif" else ""


def _value(words: str, written: str) -> Piece:
    name, _bar, rest = (part.strip() for part in words.partition("|"))
    if name not in VARIABLES:
        return Piece(text=written)
    default = _DEFAULT.search(rest)
    is_filter = re.match(r"(?:with_article|as_role|plural|sentence|default|\w+:)", rest)
    fallback = default[1] if default else "" if is_filter else rest.strip("\"'")
    return Piece(label=fact_name(name), fallback=fallback, is_ours=VARIABLES[name])


def _condition(words: str) -> str:
    words = " ".join(words.split())
    if differs := _DIFFERS.match(words):
        one, other = (fact_name(name) for name in differs.groups())
        return _("if “%(one)s” differs from “%(other)s”") % {"one": one, "other": other}
    if _NAMES.match(words):
        parts = [
            _("and") if part == "and" else _("or") if part == "or" else _("“%(name)s”") % {"name": fact_name(part)}
            for part in words.split()
        ]
        return _("if we know %(names)s") % {"names": " ".join(parts)}
    return _("if %(condition)s") % {"condition": words}
