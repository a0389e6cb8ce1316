"""How far a judge and people say the same. Pure.

J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960), 37–46;
the interval of kappa from its large-sample standard error there, that of the accuracy by Wilson.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from scipy.stats import binomtest

LEAST_LABELS = 50
LEAST_OF_EACH = 10
"""People's words of each kind: a judge that saw only approvals has shown nothing."""
LEAST_KAPPA = 0.4
"""The lower end of "moderate" agreement in the usual reading (Landis and Koch, 1977)."""
LEAST_LOW = 0.2
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Agreement:
    """Pairs of (judge, person), each "may leave as it is" or not. Numbers are None where nothing can be said."""

    count: int = 0
    good_count: int = 0
    accuracy: float | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    kappa: float | None = None
    kappa_low: float | None = None
    kappa_high: float | None = None

    @property
    def bad_count(self) -> int:
        return self.count - self.good_count

    @property
    def has_enough(self) -> bool:
        return self.count >= LEAST_LABELS and min(self.good_count, self.bad_count) >= LEAST_OF_EACH

    @property
    def is_calibrated(self) -> bool:
        """Whether the judge may decide: enough words of people, and more than chance agreement with them."""
        return (
            self.has_enough
            and self.kappa is not None
            and self.kappa >= LEAST_KAPPA
            and (self.kappa_low or 0) >= LEAST_LOW
        )


def agreement(pairs: Iterable[tuple[bool, bool]]) -> Agreement:
    """Of (judge, person) pairs. Kappa is None when one of them always says the same: then chance explains everything."""
    found = list(pairs)
    count = len(found)
    if not count:
        return Agreement()
    good = sum(person for _, person in found)
    same = sum(judge == person for judge, person in found)
    interval = binomtest(same, count).proportion_ci(method="wilson")
    observed = same / count
    judged = sum(judge for judge, _ in found) / count
    expected = judged * good / count + (1 - judged) * (1 - good / count)
    kappa = low = high = None
    if expected < 1:
        kappa = (observed - expected) / (1 - expected)
        spread = Z95 * sqrt(observed * (1 - observed) / count) / (1 - expected)
        low, high = max(-1.0, kappa - spread), min(1.0, kappa + spread)
    return Agreement(count, good, observed, float(interval.low), float(interval.high), kappa, low, high)
