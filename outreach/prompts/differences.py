"""Two states of a text side by side, line by line, with the words that differ. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

CONTEXT = 2
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
Words = tuple[tuple[str, bool], ...]
"""Pieces of a line, each with whether it differs."""


@dataclass(frozen=True)
class Row:
    """One line of both; None where it is missing. `is_gap` stands for equal lines that are left out."""

    before: Words | None = None
    after: Words | None = None
    before_line: int = 0
    after_line: int = 0
    is_gap: bool = False

    @property
    def is_equal(self) -> bool:
        return self.before == self.after


def side_by_side(before: str, after: str, *, context: int = CONTEXT) -> list[Row]:
    """All lines that differ with `context` equal ones around them; empty when nothing differs."""
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    rows: list[Row] = []
    last = 0
    for group in matcher.get_grouped_opcodes(context):
        if group[0][1] > last:
            rows.append(Row(is_gap=True))
        for kind, a, b, c, d in group:
            rows += _equal(old, a, b, c) if kind == "equal" else _changed(old[a:b], new[c:d], a, c)
        last = group[-1][2]
    if rows and last < len(old):
        rows.append(Row(is_gap=True))
    return rows


def unified(before: str, after: str, *, names: tuple[str, str]) -> str:
    """The same as a patch, for the command line."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="", n=CONTEXT)
    return "\n".join(lines)


def _equal(old: list[str], start: int, end: int, other: int) -> Iterator[Row]:
    for offset, line in enumerate(old[start:end]):
        words = ((line, False),)
        yield Row(words, words, start + offset + 1, other + offset + 1)


def _changed(old: list[str], new: list[str], a: int, c: int) -> Iterator[Row]:
    for offset in range(max(len(old), len(new))):
        left = old[offset] if offset < len(old) else None
        right = new[offset] if offset < len(new) else None
        before: Words | None = ((left, True),) if left is not None else None
        after: Words | None = ((right, True),) if right is not None else None
        if left is not None and right is not None:
            before, after = _words(left, right)
        yield Row(before, after, a + offset + 1 if before else 0, c + offset + 1 if after else 0)


def _words(left: str, right: str) -> tuple[Words, Words]:
    old, new = _WORD.findall(left), _WORD.findall(right)
    before: list[tuple[str, bool]] = []
    after: list[tuple[str, bool]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if b > a:
            before.append(("".join(old[a:b]), kind != "equal"))
        if d > c:
            after.append(("".join(new[c:d]), kind != "equal"))
    return tuple(before), tuple(after)
