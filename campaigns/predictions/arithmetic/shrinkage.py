"""Rates of groups, shrunk towards the whole: few observations say little (empirical Bayes).

Each group's ratio of observed to expected successes has the prior Gamma(m, m), whose mean is 1. With O successes where
E were expected it becomes Gamma(m + O, m + E), so that its mean is (m + O) / (m + E). The strength m is the one that
makes the counts of all groups most probable (they are negative binomial), looked for on a grid.

Source: D. Clayton and J. Kaldor, "Empirical Bayes estimates of age-standardized relative risks for use in disease
mapping", Biometrics 43 (1987), 671-681.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outreach.core.late import late

special = late("scipy.special")
stats = late("scipy.stats")

Floats = NDArray[np.float64]
STRENGTHS = np.geomspace(2.0, 5_000.0, 60)


@dataclass(frozen=True)
class Ratios:
    """The groups' ratios after shrinkage; 1 is the whole's rate."""

    observed: Floats
    expected: Floats
    strength: float

    @property
    def mean(self) -> Floats:
        return (self.strength + self.observed) / (self.strength + self.expected)

    def surely_above(self, ratio: float) -> Floats:
        """The probability that each group's ratio is above `ratio`."""
        shape, rate = self.strength + self.observed, self.strength + self.expected
        return np.asarray(stats.gamma.sf(ratio, shape, scale=1 / rate), dtype=float)


def product_surely_above(first: Ratios, second: Ratios, ratio: float) -> Floats:
    """The probability that the product of two ratios is above `ratio`: the logarithms of gamma variables are nearly normal,
    with mean ψ(shape) − log(rate) and variance ψ′(shape); both uncertainties count.
    """
    mean, variance = np.zeros(()), np.zeros(())
    for one in (first, second):
        shape, rate = one.strength + one.observed, one.strength + one.expected
        mean, variance = mean + special.digamma(shape) - np.log(rate), variance + special.polygamma(1, shape)
    return np.asarray(stats.norm.sf((np.log(ratio) - mean) / np.sqrt(variance)), dtype=float)


def shrink(observed: ArrayLike, expected: ArrayLike, *, strength: float | None = None) -> Ratios:
    """Ratios of groups from counts of the same shape; with `strength` given, it is not estimated."""
    seen = np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    return Ratios(*seen, _strength(*seen) if strength is None else strength)


def _strength(observed: Floats, expected: Floats) -> float:
    """The most probable strength; the strongest where the groups do not differ by more than chance."""
    o, e = observed.ravel()[:, None], expected.ravel()[:, None]
    m = STRENGTHS[None, :]
    likelihood = special.gammaln(o + m) - special.gammaln(m) + m * np.log(m / (e + m)) + special.xlogy(o, e / (e + m))
    return float(STRENGTHS[int(likelihood.sum(0).argmax())])
