"""A test of two arms that stays honest however often somebody looks. Pure.

People are given to an arm by chance alone. So while both arms are equally good, each success (a person who replied)
belongs to the second arm with the probability that was given to it, whatever the rate of replies is and however it
drifts with weekdays or lists. Counting to which arm the successes belong is therefore a coin that can be tested:

- the evidence is a mixture of likelihood ratios, a martingale while the arms are equal (Robbins 1970, "Statistical
  methods related to the law of the iterated logarithm", Annals of Mathematical Statistics 41);
- by Ville's inequality it exceeds 1/α at *any* time with probability α at most;
- the values of the ratio that the evidence does not speak against form a confidence sequence (Howard, Ramdas, McAuliffe
  and Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49).

People without success tell nothing here. That costs about as much power as the rate of success is high: 5% of it at a
reply rate of 5%. In return nothing is approximated, and an answer that comes late spoils nothing.

With k arms, each pair is tested at α / (k - 1); then an arm that is declared better than all others is truly so but for
probability α (Bonferroni over the pairs with any one of the best arms).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log

import numpy as np
from numpy.typing import NDArray

from outreach.core.late import late

optimize = late("scipy.optimize")
special = late("scipy.special")

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Test:
    """How two arms are compared: `share` of the second one among the two, `spread` of the mixture, and α."""

    spread: float
    """Beta(2·spread·share, 2·spread·(1 - share)) is what the second arm's part of the successes may be, beforehand."""
    alpha: float = 0.05
    share: float = 0.5

    @classmethod
    def made_for(cls, ratio: float, *, alpha: float = 0.05, share: float = 0.5) -> Test:
        """The test that is quickest to see that the second arm is `ratio` times as good, or as much worse."""
        shift = abs(odds_share(ratio, share) - share)
        spread = max(0.5, (share * (1 - share) / shift**2 - 1) / 2) if shift else 50.0
        return cls(spread=spread, alpha=alpha, share=share)

    @property
    def bound(self) -> float:
        """Logarithm of the evidence at which a difference is declared."""
        return -log(self.alpha)

    def evidence(self, first: Counts | int, second: Counts | int, share: float | None = None) -> NDArray[np.float64]:
        """Logarithm of the evidence that the second arm's part of the successes is not `share`."""
        part = self.share if share is None else share
        a, b = 2 * self.spread * self.share, 2 * self.spread * (1 - self.share)
        mixed = special.betaln(a + np.asarray(second), b + np.asarray(first)) - special.betaln(a, b)
        found: NDArray[np.float64] = mixed - special.xlogy(second, part) - special.xlog1py(first, -part)
        return found

    def surety(self, first: int, second: int) -> float:
        """1 - p, where p is the always-valid p-value of these successes: 0.95 and more is a difference at α = 0.05."""
        return max(0.0, 1 - exp(-max(0.0, float(self.evidence(first, second)))))

    def interval(self, first: int, second: int) -> tuple[float, float]:
        """How many times as good the second arm is, from–to: the truth lies inside at all times at once, but for α."""
        total = first + second
        if not total:
            return 0.0, inf

        def beyond(part: float) -> float:
            return float(self.evidence(first, second, part)) - self.bound

        middle, tiny = min(max(second / total, 1e-12), 1 - 1e-12), 1e-12
        low = optimize.brentq(beyond, tiny, middle) if second and beyond(tiny) > 0 else 0.0
        high = optimize.brentq(beyond, middle, 1 - tiny) if first and beyond(1 - tiny) > 0 else 1.0
        return ratio_of(low, self.share), ratio_of(high, self.share)


def odds_share(ratio: float, share: float) -> float:
    """The second arm's part of the successes when it is `ratio` times as good and gets `share` of the people."""
    return share * ratio / (share * ratio + 1 - share)


def ratio_of(part: float, share: float) -> float:
    """The inverse: how many times as good an arm is that has `part` of the successes and `share` of the people."""
    return inf if part >= 1 else part * (1 - share) / ((1 - part) * share)
