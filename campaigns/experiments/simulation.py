"""Plays experiments whose truth is known, looking after every single reply. Pure; the same seed gives the same figures.

People are given to arms by the product's own hash, and judged by the product's own test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from campaigns.arms.hashing import arm_of
from campaigns.experiments.power import Need, need
from campaigns.experiments.sequential import Test
from outreach.core.intervals import Z95

MOST_RUNS = 100_000
LOOKS_LATE = 20
"""The careless rival looks from this many replies on: earlier its formula would not hold at all."""


@dataclass(frozen=True)
class Simulated:
    """What came out. Shares are of the runs."""

    runs: int
    people: int
    planned_power: float
    false_positive_rate: float
    """Runs with equal arms in which a winner was declared at any of the looks."""
    power: float
    """Runs with the planned difference in which the better arm was declared."""
    wrong_winner_rate: float
    """Runs with the planned difference in which another arm was declared."""
    coverage: float
    """Runs with the planned difference in which the interval held the true ratio at every look."""
    share_used: float
    """Median part of the planned people that was needed, of the runs that declared."""
    careless_false_positive_rate: float
    """The same equal arms, judged after every reply by the usual test at 5%, as if nobody had looked before."""


def simulate(
    *, runs: int, base: float = 0.05, ratio: float = 1.5, arms: int = 2, alpha: float = 0.05, seed: int = 1
) -> Simulated | None:
    """None when the difference cannot be seen at all; see `power.need`."""
    plan = need(base=base, ratio=ratio, arms=arms, alpha=alpha)
    if plan is None:
        return None
    equal = [_play(f"aa-{seed}-{run}", [base] * arms, plan, run, seed) for run in range(runs)]
    different = [
        _play(f"ab-{seed}-{run}", [base] * (arms - 1) + [base * ratio], plan, run, seed) for run in range(runs)
    ]
    test = Test.made_for(ratio, alpha=alpha / (arms - 1))
    verdicts = [_winner(path, test) for path in different]
    right = [place for winner, place in verdicts if winner == arms - 1]
    return Simulated(
        runs=runs,
        people=plan.people,
        planned_power=plan.power,
        false_positive_rate=_mean([_winner(path, test)[0] is not None for path in equal]),
        power=len(right) / runs,
        wrong_winner_rate=_mean([winner not in (None, arms - 1) for winner, _place in verdicts]),
        coverage=_mean([_covers(path, test, ratio) for path in different]),
        share_used=float(np.median(right)) if right else 1.0,
        careless_false_positive_rate=_mean([_careless(path, base) for path in equal]),
    )


@dataclass(frozen=True)
class _Path:
    """Successes in each arm after each success, shape (successes, arms); when they came, as parts of all people."""

    counts: NDArray[np.int64]
    places: NDArray[np.float64]


def _play(experiment: str, rates: Sequence[float], plan: Need, run: int, seed: int) -> _Path:
    """One experiment. Who would answer the best arm is drawn first; the others lose some of these answers."""
    rng = np.random.default_rng([seed, run, len(set(rates))])
    best, arms = max(rates), len(rates)
    willing = np.flatnonzero(rng.random(plan.people) < best)
    chosen = np.array([arm_of(experiment, str(person), [1 / arms] * arms) for person in willing], dtype=np.int64)
    answers = rng.random(len(willing)) < np.array(rates)[chosen] / best if len(willing) else np.zeros(0, dtype=bool)
    counts = np.cumsum(chosen[answers][:, None] == np.arange(arms), axis=0)
    return _Path(counts, (willing[answers] + 1) / plan.people)


def _winner(path: _Path, test: Test) -> tuple[int | None, float]:
    """The first arm that beats all others at once, and when."""
    arms = path.counts.shape[1]
    first: tuple[int | None, float] = (None, 1.0)
    for arm in range(arms):
        beats = np.ones(len(path.counts), dtype=bool)
        for other in range(arms):
            if other != arm:
                ours, theirs = path.counts[:, arm], path.counts[:, other]
                beats &= (test.evidence(theirs, ours) >= test.bound) & (ours > theirs)
        if beats.any() and (place := float(path.places[int(beats.argmax())])) < first[1]:
            first = arm, place
    return first


def _covers(path: _Path, test: Test, ratio: float) -> bool:
    """Whether the interval of the last arm against the one before held the true ratio at every look."""
    part = ratio / (1 + ratio)
    return bool((test.evidence(path.counts[:, -2], path.counts[:, -1], part) < test.bound).all())


def _careless(path: _Path, base: float) -> bool:
    """Whether the usual test of two rates, repeated after each reply, ever finds a difference between two arms."""
    for first, second in pairwise(range(path.counts.shape[1])):
        a, b = path.counts[:, first], path.counts[:, second]
        spread = np.sqrt(np.maximum(a + b, 1) * (1 - base))
        if ((np.abs(a - b) / spread > Z95) & (a + b >= LOOKS_LATE)).any():
            return True
    return False


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values)
