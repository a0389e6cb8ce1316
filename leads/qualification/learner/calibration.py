"""Scores to probabilities, and the probabilities from which the learner may decide alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outreach.core.late import late

optimize = late("scipy.optimize")
stats = late("scipy.stats")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_LABELS = 50
"""With fewer labels the learner never decides alone."""
LEAST_OF_EACH = 8
"""Nor with fewer of either answer."""
CONFIDENCE = 0.8
"""How sure it must be that the error rate beyond a bound is at most the promised one."""


@dataclass(frozen=True)
class Calibration:
    """probability = sigmoid(slope · score + offset)."""

    slope: float = 1.7
    offset: float = 0.0

    def probability(self, score: Floats) -> Floats:
        return sigmoid(self.slope * score + self.offset)


def sigmoid(score: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))), dtype=float)


def calibrate(score: Floats, outcome: Bools) -> Calibration:
    """Platt 1999, with his smoothed targets. Fewer than 10 scores or one answer only: the default.

    The slope is never negative: without one label of contradicting ones, the rest always say the opposite of it.
    """
    hits, misses = outcome.sum(), (~outcome).sum()
    if len(score) < 10 or not hits or not misses:
        return Calibration()
    target = np.where(outcome, (hits + 1) / (hits + 2), 1 / (misses + 2))

    def loss(parameters: Floats) -> float:
        p = np.clip(sigmoid(max(parameters[0], 0) * score + parameters[1]), 1e-9, 1 - 1e-9)
        return float(-(target * np.log(p) + (1 - target) * np.log(1 - p)).sum() + 0.05 * parameters[0] ** 2)

    fitted = optimize.minimize(loss, np.array([1.7, 0.0]), method="Nelder-Mead", options={"maxiter": 200})
    return Calibration(max(float(fitted.x[0]), 0.0), float(fitted.x[1]))


def bounds(probability: Floats, outcome: Bools, promised: float) -> tuple[float | None, float | None]:
    """(yes from, no up to): beyond these at most the `promised` share of decisions is wrong. None: it cannot tell yet.

    `probability` is of each label as if that label were not known.
    """
    if len(outcome) < LEAST_LABELS or min(outcome.sum(), (~outcome).sum()) < LEAST_OF_EACH:
        return None, None
    no = _bound(1 - probability, ~outcome, promised)
    return _bound(probability, outcome, promised), None if no is None else 1 - no


def _bound(probability: Floats, outcome: Bools, promised: float) -> float | None:
    """The lowest probability beyond which the upper bound of the error rate (Jeffreys) keeps the promise."""
    order = np.argsort(-probability, kind="stable")
    wrong = np.cumsum(~outcome[order])
    count = np.arange(1, len(order) + 1)
    kept = np.flatnonzero(stats.beta.ppf(CONFIDENCE, wrong + 0.5, count - wrong + 0.5) <= promised)
    return max(float(probability[order][kept[-1]]), 1 - promised) if len(kept) else None


def interval(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share of `count`."""
    if not count:
        return 0.0, 1.0
    z = 1.96
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * float(np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)))
    return max(0.0, middle - half), min(1.0, middle + half)
