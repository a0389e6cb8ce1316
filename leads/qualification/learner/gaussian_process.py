"""An incremental Gaussian process over embeddings, for labels that come one by one.

Regression on labels of +1 and -1 with the kernel a·exp(-|x-y|²/2l²) + b. A label adds one row to the Cholesky factor
(Rasmussen and Williams 2006, A.3) and one to what is kept for the candidates, so that a decision costs O(labels ×
candidates) additions and no factorisation. The hyper-parameters are searched again when there are a quarter more labels,
by the log marginal likelihood (ibid. 5.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from outreach.core.late import late

linalg = late("scipy.linalg")

Floats = NDArray[np.float64]

GROWTH = 1.25
"""The search for hyper-parameters is repeated when the labels have grown by this factor."""
SCALES = (0.5, 0.75, 1.0, 1.5, 2.2)
"""Length scales that are tried, in units of the median distance of the candidates."""
NOISES = (0.1, 0.3, 0.7)
BIAS = 1.0


@dataclass(frozen=True)
class Kernel:
    """a·exp(-|x-y|²/2l²) + b, with noise of the labels."""

    length: float
    noise: float
    signal: float = 1.0
    bias: float = BIAS

    def between(self, one: Floats, other: Floats) -> Floats:
        """Shape (rows of one, rows of other)."""
        squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
        found = self.signal * np.exp(np.maximum(squares, 0) / (-2 * self.length**2)) + self.bias
        return np.asarray(found, dtype=float)

    @property
    def prior(self) -> float:
        """The variance of the latent function before any label."""
        return self.signal + self.bias


@dataclass
class Process:
    """The process over a fixed set of candidates, shape (candidates, dimensions). Labels are indices of candidates.

    `mean` and `variance` are the latent function's at every candidate and current after every label.
    """

    candidates: Floats
    kernel: Kernel
    rows: list[int] = field(default_factory=list)
    labels: list[float] = field(default_factory=list)
    searched_at: int = 8
    typical: float | None = None
    """The distance that length scales are tried in units of; None: the candidates' own."""

    def __post_init__(self) -> None:
        self._reserve(64)
        self._forget()

    @classmethod
    def over(cls, candidates: Floats) -> Process:
        """With a length scale from the distances of the candidates."""
        return cls(candidates, Kernel(length=typical_distance(candidates), noise=NOISES[1]))

    def _reserve(self, size: int) -> None:
        self._factor = np.zeros((size, size))
        self._reach = np.zeros((size, len(self.candidates)))
        self._residual = np.zeros(size)

    def _forget(self) -> None:
        self.mean = np.zeros(len(self.candidates))
        self.variance = np.full(len(self.candidates), self.kernel.prior)

    def add(self, row: int, is_positive: bool) -> None:
        """One more label; everything is current afterwards. A candidate may be labelled again."""
        self.rows.append(row)
        self.labels.append(1.0 if is_positive else -1.0)
        if is_search_due(self.searched_at, self.labels):
            self.search()
        else:
            self._take(len(self.rows) - 1)

    def _take(self, n: int) -> None:
        """Row `n` of the factor, of its reach to the candidates, and of the residual: forward substitution by one row."""
        if n >= len(self._residual):
            factor, reach, residual = self._factor, self._reach, self._residual
            self._reserve(2 * n)
            self._factor[:n, :n], self._reach[:n], self._residual[:n] = factor, reach, residual
        row = self.rows[n]
        new = self.kernel.between(self.candidates[row : row + 1], self.candidates)[0]
        below = self._reach[:n, row]
        diagonal = max(self.kernel.prior + self.kernel.noise - float(below @ below), 1e-10) ** 0.5
        self._factor[n, :n], self._factor[n, n] = below, diagonal
        self._reach[n] = (new - below @ self._reach[:n]) / diagonal
        self._residual[n] = (self.labels[n] - below @ self._residual[:n]) / diagonal
        self.mean += self._residual[n] * self._reach[n]
        self.variance = np.maximum(self.variance - self._reach[n] ** 2, 1e-10)

    def refit(self) -> None:
        """Everything from the labels again, in one factorisation."""
        n = len(self.rows)
        self._reserve(max(64, 2 * n))
        self._forget()
        if not n:
            return
        known = self.candidates[self.rows]
        covariance = self.kernel.between(known, known) + self.kernel.noise * np.eye(n)
        factor = linalg.cholesky(covariance, lower=True)
        self._factor[:n, :n] = factor
        self._reach[:n] = linalg.solve_triangular(factor, self.kernel.between(known, self.candidates), lower=True)
        self._residual[:n] = linalg.solve_triangular(factor, np.array(self.labels), lower=True)
        self.mean = self._residual[:n] @ self._reach[:n]
        self.variance = np.maximum(self.kernel.prior - (self._reach[:n] ** 2).sum(0), 1e-10)

    def search(self) -> None:
        """Choose the kernel under which the labels are likeliest, and fit again."""
        self.searched_at = len(self.rows)
        known, labels = self.candidates[self.rows], np.array(self.labels)
        typical = self.typical or typical_distance(self.candidates)
        tried = [Kernel(typical * scale, noise) for scale in SCALES for noise in NOISES]
        self.kernel = max(tried, key=lambda kernel: _evidence(kernel, known, labels))
        self.refit()

    def at(self, vectors: Floats) -> tuple[Floats, Floats]:
        """The latent function's mean and variance at any vectors."""
        n = len(self.rows)
        between = self.kernel.between(self.candidates[self.rows], vectors)
        reach = linalg.solve_triangular(self._factor[:n, :n], between, lower=True)
        return self._residual[:n] @ reach, np.maximum(self.kernel.prior - (reach**2).sum(0), 1e-10)

    def covariance(self, some: NDArray[np.intp], others: NDArray[np.intp]) -> Floats:
        """The latent function's covariance between candidates, given the labels; shape (some, others)."""
        reach = self._reach[: len(self.rows)]
        prior = self.kernel.between(self.candidates[some], self.candidates[others])
        return prior - reach[:, some].T @ reach[:, others]

    def weights(self) -> Floats:
        """What each label adds to the mean anywhere: mean(x) = Σ weight · k(x, label), shape (labels,)."""
        n = len(self.rows)
        found = linalg.solve_triangular(self._factor[:n, :n], self._residual[:n], lower=True, trans="T")
        return np.asarray(found, dtype=float)

    def left_out(self) -> tuple[Floats, Floats]:
        """Mean and variance at every label as if it were not known (ibid. 5.10-5.12), shape (labels,)."""
        n = len(self.rows)
        inverse = linalg.solve_triangular(self._factor[:n, :n], np.eye(n), lower=True)
        precision = (inverse**2).sum(0)
        weights = inverse.T @ self._residual[:n]
        return np.array(self.labels) - weights / precision, 1 / precision


def is_search_due(searched_at: int, labels: Sequence[float]) -> bool:
    """Whether there are a quarter more labels than at the last search, and both answers among them."""
    return len(labels) >= GROWTH * searched_at and len(set(labels)) == 2


def _evidence(kernel: Kernel, known: Floats, labels: Floats) -> float:
    """The log marginal likelihood, without its constant."""
    try:
        factor = linalg.cholesky(kernel.between(known, known) + kernel.noise * np.eye(len(labels)), lower=True)
    except np.linalg.LinAlgError:
        return -np.inf
    residual = linalg.solve_triangular(factor, labels, lower=True)
    return float(-0.5 * residual @ residual - np.log(np.diag(factor)).sum())


def typical_distance(candidates: Floats) -> float:
    """The median distance between candidates, on at most 500 of them."""
    random = np.random.default_rng(1)
    few = candidates[random.choice(len(candidates), min(500, len(candidates)), replace=False)]
    squares = (few**2).sum(1)[:, None] + (few**2).sum(1)[None] - 2 * few @ few.T
    above = np.sqrt(np.maximum(squares[np.triu_indices(len(few), 1)], 0))
    return float(np.median(above)) or 1.0 if len(above) else 1.0
