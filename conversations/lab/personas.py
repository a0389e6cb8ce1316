"""The made-up people of the lab: what they say at which point, drawn by a seed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

FILE = Path(__file__).parent / "data" / "personas.yaml"
SAY, BOOK, TIME, ACCEPT, DECLINE, STOP = "say", "book", "time", "accept", "decline", "stop"
KINDS = frozenset({SAY, BOOK, TIME, ACCEPT, DECLINE, STOP})
STAGES = ("opening", "link", "asked", "other")


@dataclass(frozen=True)
class Line:
    """What they say; `kind` is what they mean by it, which the product has to find out for itself."""

    kind: str
    text: str


@dataclass(frozen=True)
class Persona:
    """`lines`: language → stage → the lines one of which is drawn. `forbidden` may never stand in an answer."""

    name: str
    lines: dict[str, dict[str, tuple[Line, ...]]]
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cast:
    """Who plays: everything that tells one person from another."""

    name: str
    company: str
    number: int

    def fill(self, text: str) -> str:
        for key, value in (("name", self.name), ("company", self.company), ("number", str(self.number))):
            text = text.replace(f"{{{key}}}", value)
        return text


@dataclass
class Player:
    """One persona in one conversation."""

    persona: Persona
    language: str
    cast: Cast
    dice: Random
    _said: set[Line] = field(default_factory=set)

    def answer(self, ours: Sequence[str], *, link: str) -> Line | None:
        """Their next message after what we wrote, the last of `ours`; None when they fall silent."""
        last = ours[-1]
        stage = (
            "opening" if len(ours) == 1 else "link" if link and link in last else "asked" if "?" in last else "other"
        )
        left = [line for line in self.persona.lines[self.language].get(stage, ()) if line not in self._said]
        if not left:
            return None
        line = self.dice.choice(left)
        self._said.add(line)
        return Line(line.kind, self.cast.fill(line.text))


def personas() -> tuple[Persona, ...]:
    """All of them, in the order of the file."""
    return tuple(
        Persona(
            row["name"],
            {language: {stage: _lines(row[language].get(stage, [])) for stage in STAGES} for language in first()},
            tuple(row.get("forbidden", ())),
        )
        for row in _file()["personas"]
    )


def first() -> dict[str, str]:
    """Language → our first message."""
    told: dict[str, str] = _file()["first"]
    return told


def cast(language: str, number: int) -> Cast:
    """The `number`-th person of a run; no two have the same company."""
    names, companies = _file()["names"][language], _file()["companies"][language]
    company = f"{companies[number % len(companies)]} {101 + number}"
    return Cast(names[number % len(names)], company, 20 + 7 * number)


def _lines(rows: Sequence[str | dict[str, str]]) -> tuple[Line, ...]:
    return tuple(Line(*next(iter(row.items()))) if isinstance(row, dict) else Line(SAY, row) for row in rows)


@cache
def _file() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return told
