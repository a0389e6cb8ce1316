"""Bayesian logistic regression with a Gaussian prior, by Laplace's approximation (Bishop 2006, 4.5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outreach.core.late import late

linalg = late("scipy.linalg")

Floats = NDArray[np.float64]
STEPS = 12
CLOSE = 1e-6


@dataclass(frozen=True)
class Belief:
    """Weights with their uncertainty: `mean`, shape (features,), and the `precision` matrix."""

    mean: Floats
    precision: Floats

    @classmethod
    def around(cls, mean: Floats, *, spread: float) -> Belief:
        """Each weight by itself, within about `spread` of `mean`."""
        return cls(np.asarray(mean, dtype=float), np.eye(len(mean)) / spread**2)

    def deviation(self, cells: Floats) -> Floats:
        """Standard deviation of each row's logit, shape (rows,)."""
        lower = np.linalg.cholesky(self.precision)
        return np.asarray(np.sqrt((linalg.solve_triangular(lower, cells.T, lower=True) ** 2).sum(0)), dtype=float)


@dataclass(frozen=True)
class Evidence:
    """Rows with outcomes (0 or 1), how much each counts, and what is added to its logit."""

    cells: Floats
    outcome: Floats
    weight: Floats
    offset: Floats

    @classmethod
    def plain(cls, cells: Floats, outcome: NDArray[np.bool_]) -> Evidence:
        """Every row counts once."""
        count = len(cells)
        return cls(cells, outcome.astype(float), np.ones(count), np.zeros(count))

    def __len__(self) -> int:
        return len(self.cells)


def fit(prior: Belief, evidence: Evidence, *, near: Floats | None = None) -> Belief:
    """What is believed after the evidence: the most probable weights and the curvature there. `near`: where to look first."""
    mean = (prior.mean if near is None else near).copy()
    cells, weight = evidence.cells, evidence.weight
    precision = prior.precision
    for _step in range(STEPS):
        said = sigmoid(cells @ mean + evidence.offset)
        precision = prior.precision + (cells * (weight * said * (1 - said))[:, None]).T @ cells
        gradient = cells.T @ (weight * (evidence.outcome - said)) - prior.precision @ (mean - prior.mean)
        step = linalg.cho_solve(linalg.cho_factor(precision), gradient)
        mean = mean + step * min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < CLOSE:
            break
    return Belief(mean, precision)


def sigmoid(logit: Floats) -> Floats:
    """Probabilities, safe for any logit."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))), dtype=float)


def with_constant(cells: Floats) -> Floats:
    """The rows with a column of ones in front."""
    return np.column_stack([np.ones(len(cells)), cells])
