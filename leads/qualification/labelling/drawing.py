"""Learning curve and counts as coordinates for SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from leads.qualification.learner.fitting import Point

WIDTH, HEIGHT = 280.0, 120.0
FLOOR = 0.4
"""The lowest share that is drawn."""


@dataclass(frozen=True)
class Curve:
    """Corner points of lines and areas, as SVG writes them, and the labels of the axis."""

    auc: str
    accuracy: str
    band: str
    ticks: list[tuple[float, int]]
    levels: list[tuple[float, int]]


def curve(points: Sequence[Point]) -> Curve | None:
    """None before there are two points: one makes no line."""
    if len(points) < 2:
        return None
    low, high = log(points[0].labels), log(points[-1].labels)

    def x(labels: int) -> float:
        return round(WIDTH * (log(labels) - low) / (high - low), 1)

    def y(share: float) -> float:
        return round(HEIGHT * (1 - (max(share, FLOOR) - FLOOR) / (1 - FLOOR)), 1)

    upper = [(x(p.labels), y(p.high)) for p in points]
    lower = [(x(p.labels), y(p.low)) for p in points]
    ticks = [points[0].labels, *([points[len(points) // 2].labels] if len(points) > 4 else []), points[-1].labels]
    return Curve(
        auc=_line((x(p.labels), y(p.auc)) for p in points if p.auc is not None),
        accuracy=_line((x(p.labels), y(p.accuracy)) for p in points),
        band=_line([*upper, *reversed(lower)]),
        ticks=[(x(tick), tick) for tick in ticks],
        levels=[(y(share / 100), share) for share in (50, 75, 100)],
    )


@dataclass(frozen=True)
class Bar:
    low: int
    high: int
    count: int
    x: float
    y: float
    height: float
    kind: str


def bars(counts: Sequence[int]) -> list[Bar]:
    """One bar for each tenth of probability."""
    most, width = max(*counts, 1), WIDTH / len(counts)
    found = []
    for place, count in enumerate(counts):
        height = round(80 * count / most, 1) if count else 0.0
        kind = "no" if place < 2 else "yes" if place > len(counts) - 3 else "unsure"
        step = 100 // len(counts)
        found.append(
            Bar(place * step, (place + 1) * step, count, round(place * width + 1, 1), 80 - height, height, kind)
        )
    return found


def _line(corners: object) -> str:
    return " ".join(f"{x},{y}" for x, y in corners)  # type: ignore[attr-defined]
