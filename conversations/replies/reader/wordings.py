"""The wordings that the reader is trained and measured on, as they are written down in `data/`.

A heading `= class family` (or `= class language family` in a file of several languages) opens a family; a number after
it is what its wordings weigh. Every further line is one pattern: `{a|b|}` lists alternatives. A pattern with many readings is thinned evenly, never by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, product
from math import prod
from pathlib import Path

FOLDER = Path(__file__).parent / "data"
KEPT_ASIDE = FOLDER / "kept_aside.txt"
PER_PATTERN = 8
_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Wording:
    """One text with the class that it belongs to; `weight` makes every pattern count alike."""

    text: str
    intent: str
    language: str
    family: str
    weight: float = 1.0


def training() -> list[Wording]:
    """Everything to learn from, in a fixed order."""
    return [wording for file in _training_files() for wording in read(file, language=file.suffixes[0][1:])]


def digest() -> str:
    """What the training files hold, to tell whether weights were learned from them."""
    return sha256(b"".join(file.read_bytes() for file in _training_files())).hexdigest()


def _training_files() -> list[Path]:
    return sorted(FOLDER.glob("train.*.txt"))


def kept_aside() -> list[Wording]:
    """The families that training never sees."""
    return list(read(KEPT_ASIDE))


def read(file: Path, *, language: str = "") -> Iterator[Wording]:
    """The wordings of one file. Raises ValueError for a line above the first heading."""
    intent = family = ""
    spoken, importance = language, 1.0
    for line in file.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("= "):
            intent, *rest = line[2:].split()
            spoken = language or rest.pop(0)
            family, importance = rest[0], float(rest[1]) if len(rest) > 1 else 1.0
            continue
        if not intent:
            raise ValueError(f"{file.name}: a wording before the first heading")
        texts = expand(line)
        for text in texts:
            yield Wording(text, intent, spoken, family, importance * len(texts) ** -0.5)


def expand(pattern: str, limit: int = PER_PATTERN) -> list[str]:
    """The readings of a pattern, at most `limit`, spread evenly over all of them."""
    parts = _ALTERNATIVES.split(pattern)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    count = prod(len(choice) for choice in choices)
    step = max(1, count // limit)
    while step > 1 and any(step % len(choice) == 0 for choice in choices if len(choice) > 1):
        step += 1  # a common divisor would always pick the same alternative
    readings = islice(product(*choices), 0, None, step)
    return list(dict.fromkeys(" ".join("".join(reading).split()) for reading in islice(readings, limit)))
