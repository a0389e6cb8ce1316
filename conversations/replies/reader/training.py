"""Multinomial logistic regression by L-BFGS: no chance in it, the same result every time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Table(Protocol):
    """Examples by features."""

    width: int

    def times(self, weights: Floats) -> Floats:
        """Examples by classes, from features by classes."""

    def back(self, values: Floats) -> Floats:
        """Features by classes, from examples by classes."""


class Dense:
    """A table that holds every number."""

    def __init__(self, numbers: Floats) -> None:
        self.numbers = numbers
        self.width = numbers.shape[1]

    def times(self, weights: Floats) -> Floats:
        result: Floats = self.numbers @ weights
        return result

    def back(self, values: Floats) -> Floats:
        result: Floats = self.numbers.T @ values
        return result


class Sparse:
    """A table of a few equal entries a row, given by their columns; every row has length one and is not empty."""

    def __init__(self, rows: Sequence[Sequence[int]], width: int) -> None:
        self.width = width
        sizes = np.array([len(row) for row in rows], dtype=np.int64)
        self.columns = np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])
        self.starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        self.scale = (sizes**-0.5)[:, None]
        order = np.argsort(self.columns, kind="stable")
        self.rows_by_column = np.repeat(np.arange(len(rows)), sizes)[order]
        self.used, self.starts_by_column = np.unique(self.columns[order], return_index=True)

    def times(self, weights: Floats) -> Floats:
        result: Floats = np.add.reduceat(weights[self.columns], self.starts, axis=0) * self.scale
        return result

    def back(self, values: Floats) -> Floats:
        result = np.zeros((self.width, values.shape[1]))
        result[self.used] = np.add.reduceat((values * self.scale)[self.rows_by_column], self.starts_by_column, axis=0)
        return result


def softmax(scores: Floats) -> Floats:
    """Probabilities of each row."""
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = grown / grown.sum(axis=1, keepdims=True)
    return result


def fit(table: Table, labels: Ints, importance: Floats, *, decay: float, steps: int) -> tuple[Floats, Floats]:
    """Weights (features by classes) and bias that make the labels likely; `decay` is the L2 penalty."""
    classes = int(labels.max()) + 1
    size = table.width * classes
    share = (importance / importance.sum())[:, None]
    wanted = np.eye(classes)[labels]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat[:size].reshape(table.width, classes)
        found = softmax(table.times(weights) + flat[size:])
        error = (found - wanted) * share
        slope = np.concatenate(((table.back(error) + decay * weights).ravel(), error.sum(axis=0)))
        surprise = -np.log(np.maximum(found[np.arange(len(labels)), labels], 1e-12))
        return float((share[:, 0] * surprise).sum() + decay / 2 * (weights**2).sum()), slope

    flat = minimise(loss, np.zeros(size + classes), steps=steps)
    return flat[:size].reshape(table.width, classes), flat[size:]


def minimise(
    function: Callable[[Floats], tuple[float, Floats]], start: Floats, *, steps: int, memory: int = 8
) -> Floats:
    """The point where `function` (value and slope) is low: L-BFGS with backtracking.

    Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 7.5.
    """
    point, (value, slope) = start, function(start)
    past: deque[tuple[Floats, Floats, float]] = deque(maxlen=memory)
    for _ in range(steps):
        direction = _direction(slope, past)
        rate = 1.0 if past else 1.0 / max(float(np.abs(slope).sum()), 1e-9)
        descent = float(slope.dot(direction))
        for _attempt in range(20):
            new_value, new_slope = function(point + rate * direction)
            if new_value <= value + 1e-4 * rate * descent:
                break
            rate /= 2
        else:
            return point
        moved, turned = rate * direction, new_slope - slope
        point = point + moved
        if (curvature := float(moved.dot(turned))) > 1e-12:
            past.append((moved, turned, 1.0 / curvature))
        if abs(value - new_value) < 1e-7 * max(1.0, abs(value)):
            return point
        value, slope = new_value, new_slope
    return point


def _direction(slope: Floats, past: deque[tuple[Floats, Floats, float]]) -> Floats:
    """Downhill, bent by what the last steps told about the curvature."""
    direction = -slope
    used = []
    for moved, turned, rho in reversed(past):
        part = rho * float(moved.dot(direction))
        direction = direction - part * turned
        used.append(part)
    if past:
        _moved, turned, rho = past[-1]
        direction = direction / (rho * float(turned.dot(turned)))
    for (moved, turned, rho), part in zip(past, reversed(used), strict=True):
        direction = direction + moved * (part - rho * float(turned.dot(direction)))
    return direction
