"""How many people it takes to see a difference: computed, not simulated, for the very test that will be used. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

from campaigns.experiments.sequential import Test, odds_share
from outreach.core.late import late

stats = late("scipy.stats")

Floats = NDArray[np.float64]
MOST_SUCCESSES = 6_000
"""Beyond this many replies no campaign waits."""
_WALKS = (250, 500, 1_000, 2_000, MOST_SUCCESSES)
"""How far to walk: its time grows with the square, so only as far as needed."""


@dataclass(frozen=True)
class Need:
    """What it takes: `people` in all arms together, `successes` among them in the two arms that are compared."""

    people: int
    successes: int
    power: float


def declared_by(test: Test, ratio: float, most: int = MOST_SUCCESSES) -> Floats:
    """For n = 0…most successes in two arms: the probability that the better one was declared by the n-th.

    Walks over the number of successes in the second arm, which is a Markov chain; what crosses the bound is taken out.
    """
    return _declared_by(test, round(ratio, 9), most)


@lru_cache(maxsize=64)
def _declared_by(test: Test, ratio: float, most: int) -> Floats:
    part = odds_share(ratio, test.share)
    alive, declared = np.ones(1), np.zeros(most + 1)
    for n in range(1, most + 1):
        grown = np.zeros(n + 1)
        grown[:-1] = alive * (1 - part)
        grown[1:] += alive * part
        near = np.flatnonzero(grown > 1e-12)
        second = np.arange(near[0], near[-1] + 1) if near.size else np.zeros(0, dtype=np.int64)
        over = second[test.evidence(n - second, second) >= test.bound]
        better = over[(over > n * test.share) == (ratio >= 1)]
        declared[n] = declared[n - 1] + grown[better].sum()
        grown[over] = 0
        alive = grown
    return declared


def power(test: Test, *, base: float, ratio: float, people: int) -> float:
    """The probability that the better of two arms is declared among `people` in these two; `base` is the first's rate."""
    rate = min(1.0, base * (1 - test.share) + min(1.0, base * ratio) * test.share)
    most = int(stats.binom.ppf(1 - 1e-9, people, rate))
    walked = next((size for size in _WALKS if size >= most), MOST_SUCCESSES)
    successes = np.arange(0, min(people, walked) + 1)
    weights = stats.binom.pmf(successes, people, rate)
    chances = declared_by(test, ratio, walked)[successes]
    return float((weights * chances).sum() + max(0.0, 1 - weights.sum()) * chances[-1])


def need(*, base: float, ratio: float, arms: int = 2, alpha: float = 0.05, wanted: float = 0.8) -> Need | None:
    """People needed to see with probability `wanted` that one arm is `ratio` times as good as all others, equally large.

    With more than two arms the better one has to beat each of the others; `1 - wanted` is shared among these pairs.
    None when `MOST_SUCCESSES` replies would not be enough. Raises `ValueError` for impossible rates.
    """
    if not 0 < base < 1 or not 0 < ratio * base <= 1 or ratio == 1 or arms < 2:
        raise ValueError(f"base {base}, ratio {ratio}, arms {arms}")
    test = Test.made_for(ratio, alpha=alpha / (arms - 1))
    wanted = 1 - (1 - wanted) / (arms - 1)
    rate = base * (1 + ratio) / 2
    low, high = 1, ceil(50 / rate)
    while power(test, base=base, ratio=ratio, people=high) < wanted:
        low, high = high + 1, high * 2
        if low * rate > MOST_SUCCESSES:
            return None
    while low < high:
        middle = (low + high) // 2
        if power(test, base=base, ratio=ratio, people=middle) >= wanted:
            high = middle
        else:
            low = middle + 1
    reached = power(test, base=base, ratio=ratio, people=low)
    return Need(people=-(-low * arms // 2), successes=round(low * rate), power=reached)
