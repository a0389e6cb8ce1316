"""Small plots drawn on the server as SVG: lines over two number axes. Pure; `core/_plot.html` draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 48, 24, 12, 34
TICKS = 5

Point = tuple[float, float]
Tick = tuple[float, str]


@dataclass(frozen=True)
class Line:
    """One line of a plot. `style`: nothing, `dashed` (a reference) or `dots` (points as well)."""

    label: str
    points: Sequence[Point]
    style: str = ""


@dataclass(frozen=True)
class Plot:
    """Lines within the ranges of two axes. `label` says in words what is seen."""

    label: str
    lines: Sequence[Line]
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)
    x_label: str = ""
    y_label: str = ""
    x_ticks: Sequence[Tick] | None = None

    def drawing(self) -> dict[str, Any]:
        """What the template draws: paths, dots and ticks in the units of the picture."""
        return {
            "label": self.label,
            "width": WIDTH,
            "height": HEIGHT,
            "left": LEFT,
            "right": WIDTH - RIGHT,
            "top": TOP,
            "bottom": HEIGHT - BOTTOM,
            "x_label": self.x_label,
            "y_label": self.y_label,
            "lines": [self._line(line) for line in self.lines],
            "x_ticks": [(self._x(value), text) for value, text in (self.x_ticks or ticks(*self.x))],
            "y_ticks": [(self._y(value), text) for value, text in ticks(*self.y)],
        }

    def _line(self, line: Line) -> dict[str, Any]:
        placed = [(self._x(x), self._y(y)) for x, y in line.points]
        return {
            "label": line.label,
            "style": line.style,
            "path": " ".join(f"{'L' if i else 'M'}{x} {y}" for i, (x, y) in enumerate(placed)),
            "dots": placed if line.style == "dots" else [],
        }

    def _x(self, value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * _share(value, *self.x), 1)

    def _y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * _share(value, *self.y), 1)


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5


def ticks(low: float, high: float) -> list[Tick]:
    """About five round numbers within a range."""
    if high <= low:
        return [(low, f"{low:g}")]
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(round(n * step, 10), f"{round(n * step, 10):g}") for n in range(first, last + 1)]


def padded(values: Sequence[float]) -> tuple[float, float]:
    """A range that holds all values and zero, with a little room."""
    low, high = min([0.0, *values]), max([0.0, *values])
    room = 0.05 * (high - low) or 1.0
    return (low - room if low < 0 else 0.0), high + room
