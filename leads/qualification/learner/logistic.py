"""Bayesian logistic regression by Laplace's approximation, for many labels: its cost does not grow with their number.

MacKay 1992, "The Evidence Framework Applied to Classification Networks"; leaving one out by the leverage of each label
(Rad and Maleki 2020, "A scalable estimate of the out-of-sample prediction error via approximate leave-one-out").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outreach.core.late import late

linalg = late("scipy.linalg")
special = late("scipy.special")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PRECISIONS = (0.1, 0.3, 1.0, 3.0)
"""Of the prior of the weights; vectors are of unit length."""
STEPS = 30
TO_PROBIT = float(np.sqrt(np.pi / 8))
"""The logistic curve as a probit of a shrunken score (MacKay 1992): what BALD's closed form expects."""


@dataclass
class Logistic:
    """The posterior of weights and intercept, given labelled vectors."""

    weights: Floats
    precision: float
    _factor: Floats
    _known: Floats
    _outcome: Bools

    @classmethod
    def fit(cls, vectors: Floats, outcome: Bools, *, precision: float | None = None) -> Logistic:
        """With the prior `precision`, else the one under which the labels are likeliest (by Laplace's evidence)."""
        known = _with_one(vectors)
        if precision is not None:
            return cls._posterior(known, outcome, precision)[0]
        return max((cls._posterior(known, outcome, p) for p in PRECISIONS), key=lambda found: found[1])[0]

    @classmethod
    def _posterior(cls, known: Floats, outcome: Bools, precision: float) -> tuple[Logistic, float]:
        target = np.where(outcome, 1.0, 0.0)
        prior = np.full(known.shape[1], precision)
        prior[-1] = 1e-2
        weights = np.zeros(known.shape[1])
        for _step in range(STEPS):
            said = special.expit(known @ weights)
            gradient = known.T @ (target - said) - prior * weights
            factor, _lower = linalg.cho_factor(_curvature(known, said, prior), lower=True)
            move = linalg.cho_solve((factor, True), gradient)
            weights = weights + move
            if np.abs(move).max() < 1e-8:
                break
        said = np.clip(special.expit(known @ weights), 1e-12, 1 - 1e-12)
        factor, _lower = linalg.cho_factor(_curvature(known, said, prior), lower=True)
        likelihood = float((target * np.log(said) + (1 - target) * np.log(1 - said)).sum())
        evidence = likelihood - 0.5 * float((prior * weights**2).sum()) + 0.5 * float(np.log(prior).sum())
        evidence -= float(np.log(np.diag(factor)).sum())
        return cls(weights, precision, np.tril(factor), known, outcome), evidence

    def at(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of the latent function in probit units, as the Gaussian process gives them."""
        rows = _with_one(vectors)
        spread = linalg.solve_triangular(self._factor, rows.T, lower=True)
        return rows @ self.weights * TO_PROBIT, (spread**2).sum(0) * TO_PROBIT**2

    def left_out(self) -> tuple[Floats, Floats]:
        """The same at every label as if it were not known."""
        mean = self._known @ self.weights
        spread = (linalg.solve_triangular(self._factor, self._known.T, lower=True) ** 2).sum(0)
        said = special.expit(mean)
        slope = said * (1 - said)
        room = np.maximum(1 - slope * spread, 1e-3)
        without = mean + spread * (said - self._outcome) / room
        return without * TO_PROBIT, spread / room * TO_PROBIT**2


def _with_one(vectors: Floats) -> Floats:
    return np.hstack([vectors, np.ones((len(vectors), 1))])


def _curvature(known: Floats, said: Floats, prior: Floats) -> Floats:
    return np.asarray((known * (said * (1 - said))[:, None]).T @ known + np.diag(prior), dtype=float)
