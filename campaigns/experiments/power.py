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
RUNS, AT_ONCE = 2_000, 100
"""Runs by which more than two arms are counted, and of these in memory at once."""
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


@lru_cache(maxsize=64)
def _won_by(test: Test, ratio: float, arms: int, most: int) -> Floats:
    """For n = 0…most successes in all arms: the part of `RUNS` seeded runs in which the best arm had beaten all others.

    With many arms there are too many ways to walk. An arm beats another of f successes with `least[f]`, which grows with
    f: so it beats them all when it beats the one that has the most.
    """
    least = _least_to_win(test, most)
    chances = np.append(np.ones(arms - 1), ratio) / (arms - 1 + ratio)
    dice, won = np.random.default_rng(arms), np.zeros(most + 1, dtype=np.int64)
    for _batch in range(RUNS // AT_ONCE):
        chosen = np.searchsorted(np.cumsum(chances)[:-1], dice.random((AT_ONCE, most)), side="right")
        best = np.cumsum(chosen == arms - 1, axis=1, dtype=np.int32)
        others = [np.cumsum(chosen == arm, axis=1, dtype=np.int32) for arm in range(arms - 1)]
        wins = best >= least[np.maximum.reduce(others)]
        first = np.where(wins.any(axis=1), wins.argmax(axis=1), most)
        won += np.bincount(first + 1, minlength=most + 2)[: most + 1]
    found: Floats = np.cumsum(won) / RUNS
    return found


def _least_to_win(test: Test, most: int) -> NDArray[np.int64]:
    """For f = 0…most successes of one arm: the smallest number in the other that is declared better."""
    first = np.arange(most + 1)
    low, high = first + 1, np.full(most + 1, 2 * most + 2)
    while (low < high).any():
        middle = (low + high) // 2
        is_enough = test.evidence(first, middle) >= test.bound
        low, high = np.where(is_enough, low, np.minimum(middle + 1, high)), np.where(is_enough, middle, high)
    return low


def power(test: Test, *, base: float, ratio: float, people: int, arms: int = 2) -> float:
    """The probability that the best of `arms` is declared among `people` in all of them; `base` is the others' rate."""
    rate = (base * (arms - 1) + min(1.0, base * ratio)) / arms
    most = int(stats.binom.ppf(1 - 1e-9, people, rate))
    walked = next((size for size in _walks(arms) if size >= most), _walks(arms)[-1])
    successes = np.arange(0, min(people, walked) + 1)
    weights = stats.binom.pmf(successes, people, rate)
    declared = declared_by(test, ratio, walked) if arms == 2 else _won_by(test, round(ratio, 9), arms, walked)
    chances = declared[successes]
    return float((weights * chances).sum() + max(0.0, 1 - weights.sum()) * chances[-1])


def _walks(arms: int) -> list[int]:
    return [size * arms // 2 for size in _WALKS]


def need(*, base: float, ratio: float, arms: int = 2, alpha: float = 0.05, wanted: float = 0.8) -> Need | None:
    """People needed to see with probability `wanted` that one arm is `ratio` times as good as all others, equally large.

    With more than two arms the better one has to beat each of the others, each at its part of `alpha`.
    None when `MOST_SUCCESSES` replies in two arms would not be enough. Raises `ValueError` for impossible rates.
    """
    if not 0 < base < 1 or not 0 < ratio * base <= 1 or ratio == 1 or arms < 2:
        raise ValueError(f"base {base}, ratio {ratio}, arms {arms}")
    test = Test.made_for(ratio, alpha=alpha / (arms - 1))
    rate = base * (1 + ratio) / 2
    low, high = 1, ceil(50 / rate)
    while power(test, base=base, ratio=ratio, people=high, arms=arms) < wanted:
        low, high = high + 1, high * 2
        if low * rate > MOST_SUCCESSES * arms / 2:
            return None
    while low < high:
        middle = (low + high) // 2
        if power(test, base=base, ratio=ratio, people=middle, arms=arms) >= wanted:
            high = middle
        else:
            low = middle + 1
    reached = power(test, base=base, ratio=ratio, people=low, arms=arms)
    return Need(people=low, successes=round(low * 2 / arms * rate), power=reached)
