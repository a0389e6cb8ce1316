"""Which features go with an outcome, when many are looked at and most mean nothing. Pure.

Each feature is compared within its stratum (a campaign), so that a campaign to a friendlier list does not make its words
look good: N. Mantel and W. Haenszel, "Statistical aspects of the analysis of data from retrospective studies", JNCI 22
(1959); the variance of the common ratio is Greenland and Robins's (Biometrics 41, 1985). What stands out is chosen by
Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995): where nothing is true, at most
the share `FALSE_DISCOVERIES` of looks finds anything. Ratios are shrunk towards "no difference" by what all features
together say about how large differences are (empirical Bayes; the prior's variance by moments as in R. DerSimonian and
N. Laird, Controlled Clinical Trials 7, 1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
import numpy.typing as npt

from outreach.core.late import late

special = late("scipy.special")

FALSE_DISCOVERIES = 0.1
LEAST_EXPECTED = 5.0
"""Answers that are expected on either side; with fewer a feature is not looked at."""
Z80 = 1.2815515655446004
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """A feature: people with it and without it, and how many of each answered."""

    place: int
    """Its column."""
    having: int
    having_answered: int
    lacking: int
    lacking_answered: int
    p: float
    log_ratio: float
    variance: float


@dataclass(frozen=True)
class Estimate:
    """A shrunk ratio of the rates with and without a feature, and from where to where it lies in eight of ten cases."""

    ratio: float
    low: float
    high: float


def compare(
    features: npt.NDArray[np.bool_], answered: npt.NDArray[np.bool_], strata: npt.NDArray[np.int64]
) -> list[Compared]:
    """Each column of `features` (people × features) with the outcome, within strata. Leaves out what says too little."""
    if not len(answered):
        return []
    order = np.argsort(strata, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(strata[order]) != 0])
    having_all = features[order].astype(np.float64)
    yes = answered[order].astype(np.float64)
    size = np.add.reduceat(np.ones(len(yes)), starts)[:, None]
    hits = np.add.reduceat(yes, starts)[:, None]
    having = np.add.reduceat(having_all, starts, axis=0)
    both = np.add.reduceat(having_all * yes[:, None], starts, axis=0)
    lacking, lacking_hits = size - having, hits - both
    expected = having * hits / size
    spread = having * lacking * hits * (size - hits) / (size**2 * np.maximum(size - 1, 1))
    informative = spread > 0
    counted = [np.where(informative, part, 0).sum(axis=0) for part in (both, expected, hits - expected)]
    observed, mean, other_mean = counted
    variance = spread.sum(axis=0)
    found = []
    for place in np.flatnonzero((mean >= LEAST_EXPECTED) & (other_mean >= LEAST_EXPECTED)):
        distance = max(0.0, abs(observed[place] - mean[place]) - 0.5) / sqrt(variance[place])
        ratio, its_variance = _common_ratio(
            both[:, place], having[:, place], lacking_hits[:, place], lacking[:, place], size[:, 0]
        )
        found.append(
            Compared(
                int(place), int(having[:, place].sum()), int(both[:, place].sum()), int(lacking[:, place].sum()),
                int(lacking_hits[:, place].sum()), float(2 * special.ndtr(-distance)), ratio, its_variance,
            )
        )  # fmt: skip
    return found


def _common_ratio(both: Matrix, having: Matrix, others: Matrix, lacking: Matrix, size: Matrix) -> tuple[float, float]:
    """The logarithm of the ratio that all strata share, and its variance."""
    above, below = float((both * lacking / size).sum()), float((others * having / size).sum())
    if not above or not below:
        above, below = above + 0.5, below + 0.5
    hits = both + others
    terms = (hits * having * lacking - both * others * size) / size**2
    return log(above / below), max(1e-6, float(terms.sum()) / (above * below))


def discoveries(ps: list[float], *, q: float = FALSE_DISCOVERIES) -> set[int]:
    """The places of the p-values that stand out among all (Benjamini–Hochberg)."""
    order = sorted(range(len(ps)), key=ps.__getitem__)
    last = max((rank for rank, place in enumerate(order, 1) if ps[place] <= q * rank / len(ps)), default=0)
    return set(order[:last])


def shrunk(compared: list[Compared]) -> list[Estimate]:
    """The ratio of each, drawn towards one by how much all of them differ from it."""
    weights = [1 / one.variance for one in compared]
    excess = sum(w * (one.log_ratio**2 - one.variance) for w, one in zip(weights, compared, strict=True))
    prior = max(0.0, excess / sum(weights)) if weights else 0.0
    found = []
    for one in compared:
        part = prior / (prior + one.variance)
        mean, deviation = part * one.log_ratio, sqrt(part * one.variance)
        found.append(Estimate(exp(mean), exp(mean - Z80 * deviation), exp(mean + Z80 * deviation)))
    return found
