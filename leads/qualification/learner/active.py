"""Learning from few labels: ask for the one that tells most, and measure what that is worth against asking at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leads.qualification.learner.bald import bald
from leads.qualification.learner.calibration import Calibration, calibrate
from leads.qualification.learner.gaussian_process import Process
from outreach.core.late import late

sklearn_metrics = late("sklearn.metrics")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Pick = Callable[[Process, Bools, np.random.Generator], int]

FEW = 100
"""With this many labels or more, BALD alone chooses: it does just as well by then, and costs less."""
LEAST, MOST = 10, 200
"""The fewest and the most candidates whose effect on all others is computed for one choice."""
SEEN = 1_000
"""The effect is computed on this many candidates at most, evenly spread over the pool."""


@dataclass
class Learner:
    """Learns which candidates fit, label by label. `vectors`, shape (candidates, dimensions), are of unit length."""

    vectors: Floats
    process: Process = field(init=False)
    is_labelled: Bools = field(init=False)

    def __post_init__(self) -> None:
        self.process = Process.over(self.vectors)
        self.is_labelled = np.zeros(len(self.vectors), dtype=bool)

    def next(self) -> int:
        """The candidate whose label would tell most; the first is the most typical one. Raises `ValueError` if all are
        labelled."""
        return most_telling(self.process, self.is_labelled)

    def learn(self, row: int, is_positive: bool) -> None:
        """Take in one label."""
        self.process.add(row, is_positive)
        self.is_labelled[row] = True

    def probability(self) -> Floats:
        """That each candidate fits, calibrated by the labels as if each were not known; shape (candidates,)."""
        process, fitted = self.process, Calibration()
        if process.rows:
            mean, variance = process.left_out()
            fitted = calibrate(mean / np.sqrt(variance + 1), np.array(process.labels) > 0)
        return fitted.probability(process.mean / np.sqrt(process.variance + 1))


def most_telling(process: Process, is_labelled: Bools, _random: object = None) -> int:
    """The unlabelled candidate to ask about next. Raises `ValueError` if all are labelled."""
    if is_labelled.all():
        raise ValueError("every candidate is labelled")
    choose = most_informative if process.rows else most_typical
    return choose(process, is_labelled)


def most_typical(process: Process, is_out: Bools) -> int:
    """The candidate that is nearest to all others, for the first label."""
    return int(np.argmax(np.where(is_out, -np.inf, process.candidates @ process.candidates.mean(0))))


def most_informative(process: Process, is_out: Bools) -> int:
    """The candidate with the highest BALD. While labels are few, that is often an outlier whose label says little about
    the rest. Then the choice is, of the fifth with the highest BALD, the one that lowers the variance of all most (Seo, Wallat,
    Graepel and Obermayer 2000, "Gaussian process regression: active data selection and test point rejection").
    """
    gain = np.where(is_out, -np.inf, bald(process.mean, process.variance))
    if not 0 < len(process.rows) < FEW:
        return int(np.argmax(gain))
    rest = int((~is_out).sum())
    best = np.argsort(-gain, kind="stable")[: min(rest, MOST, max(LEAST, rest // 5))]
    everywhere = np.arange(0, len(gain), -(-len(gain) // SEEN))
    lowered = (process.covariance(best, everywhere) ** 2).sum(1) / (process.variance[best] + process.kernel.noise)
    return int(best[np.argmax(lowered)])


def at_random(process: Process, is_labelled: Bools, random: np.random.Generator) -> int:
    """The rival: any unlabelled candidate."""
    return int(random.choice(np.flatnonzero(~is_labelled)))


@dataclass(frozen=True)
class Curve:
    """The AUC on rows that were never offered for labelling, after so many labels; the mean over some repetitions."""

    labels: list[int]
    auc: list[float]


def curve(vectors: Floats, outcome: Bools, *, pick: Pick, at: Sequence[int], repeats: int = 3, seed: int = 1) -> Curve:
    """Learn label by label as `pick` chooses; measured on a third of the rows, which is kept aside."""
    found = np.zeros((repeats, len(at)))
    for number in range(repeats):
        random = np.random.default_rng(seed + number)
        order = random.permutation(len(outcome))
        aside, pool = order[: len(order) // 3], order[len(order) // 3 :]
        learner = Learner(vectors[pool])
        known = outcome[pool]
        measured = _Aside(vectors[aside], outcome[aside])
        for label in range(1, min(max(at), len(pool)) + 1):
            row = pick(learner.process, learner.is_labelled, random)
            learner.learn(row, bool(known[row]))
            if label in at:
                found[number, list(at).index(label)] = measured.auc(learner.process)
    return Curve(list(at), [float(value) for value in found.mean(0)])


@dataclass(frozen=True)
class _Aside:
    vectors: Floats
    outcome: Bools

    def auc(self, process: Process) -> float:
        weights = process.weights()
        mean = process.kernel.between(self.vectors, process.candidates[process.rows]) @ weights
        return float(sklearn_metrics.roc_auc_score(self.outcome, mean))
