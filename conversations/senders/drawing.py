"""Positions of the bars on sender pages. Pure: numbers for SVG attributes, no colours or texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 10_000, 1_000
"""Whole numbers, which read the same in every language."""


@dataclass(frozen=True)
class Bar:
    """A rectangle in a picture of 10,000 × 1,000."""

    x: int
    y: int
    width: int
    height: int


def bars(values: Sequence[int], *, top: int | None = None, gap: float = 0.2) -> list[Bar]:
    """One bar a value, side by side; `top` is the value that is as high as the picture, `gap` a share of a bar's place."""
    if not values:
        return []
    highest, place = max(top or 0, *values, 1), WIDTH / len(values)
    found = []
    for number, value in enumerate(values):
        height = HEIGHT * value / highest
        found.append(
            Bar(
                round(number * place + place * gap / 2),
                round(HEIGHT - height),
                round(place * (1 - gap)),
                round(height),
            )
        )
    return found


def span(start: float, end: float, *, first: float, last: float) -> Bar:
    """The part from `start` to `end` of a line from `first` to `last`, as high as the picture."""
    length = max(last - first, 1e-9)
    left, right = (max(0.0, min(1.0, (value - first) / length)) * WIDTH for value in (start, end))
    return Bar(round(left), 0, round(max(0.0, right - left)), HEIGHT)
