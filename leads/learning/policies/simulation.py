"""Policies day by day in one world: what each of them would have won, and how sure the difference is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leads.learning.policies.base import Known, Policy, best
from leads.learning.policies.bayes import Evidence, fit
from leads.learning.policies.linear import NightlyPolicy, StaticPolicy, ThompsonPolicy
from leads.learning.policies.q_learning import Agent, QPolicy
from leads.learning.policies.worlds import World

Ints = NDArray[np.int64]
WEEK = 7
DRAWS = 1_000

MAKERS: dict[str, Callable[[World, int], Policy]] = {
    "static": lambda world, _seed: StaticPolicy(world.start),
    "nightly": lambda world, _seed: NightlyPolicy(world.start),
    "thompson": lambda world, seed: ThompsonPolicy(world.start, seed=seed),
    "q_learning": lambda _world, seed: QPolicy(Agent(seed=seed)),
}
"""The policies that are compared; the first is what they are compared with."""
STATIC = "static"


@dataclass(frozen=True)
class Result:
    """What one policy won: conversions by day, and more or less than the static score, with its interval."""

    name: str
    by_day: list[int]
    uplift: float
    interval: tuple[float, float]

    @property
    def total(self) -> int:
        return sum(self.by_day)


def run(world: World, policy: Policy) -> list[int]:
    """Conversions by day. A success counts on the day the lead was written to and is learned once it is known."""
    chosen = np.zeros(0, dtype=np.int64)
    won = []
    edges = np.searchsorted(world.day, np.arange(world.days + 1))
    for day in range(world.days):
        rows = np.arange(edges[day], edges[day + 1])
        picked = rows[policy.choose(world.leads.only(rows), world.budget)]
        won.append(int(world.outcome[picked].sum()))
        chosen = np.concatenate([chosen, picked])
        policy.learn(_known(world, chosen, day))
    return won


def _known(world: World, chosen: Ints, day: int) -> Known:
    age = day + 1 - world.day[chosen]
    is_success = world.outcome[chosen] & (world.waited[chosen] <= age)
    return Known(world.leads.only(chosen), is_success, age, np.where(is_success, world.waited[chosen], -1))


def compare(worlds: list[World], *, seed: int = 1) -> list[Result]:
    """Every policy in every world; conversions by day are summed over the worlds."""
    found = {
        name: [np.array(run(world, make(world, seed + number))) for number, world in enumerate(worlds)]
        for name, make in MAKERS.items()
    }
    static = found[STATIC]
    return [
        Result(
            name,
            [int(value) for value in np.sum(days, axis=0)],
            _uplift(sum(d.sum() for d in days), sum(d.sum() for d in static)),
            interval(days, static, seed=seed),
        )
        for name, days in found.items()
    ]


def hindsight(worlds: list[World]) -> int:
    """Conversions of a score that was fitted to all outcomes of its world in advance: what no policy can know."""
    total = 0
    for world in worlds:
        weights = fit(world.start, Evidence.plain(world.leads.cells, world.outcome)).mean
        scores = world.leads.cells @ weights
        for day in range(world.days):
            rows = np.flatnonzero(world.day == day)
            total += int(world.outcome[rows[best(scores[rows], world.budget)]].sum())
    return total


def interval(days: list[Ints], static: list[Ints], *, seed: int = 1) -> tuple[float, float]:
    """95% interval of the uplift, by bootstrap over whole weeks of the same world: neighbouring days are alike."""
    ours, theirs = (np.array([week for world in both for week in _weeks(world)]) for both in (days, static))
    random = np.random.default_rng(seed)
    drawn = random.integers(0, len(ours), (DRAWS, len(ours)))
    uplifts = ours[drawn].sum(1) / np.maximum(theirs[drawn].sum(1), 1) - 1
    low, high = np.quantile(uplifts, [0.025, 0.975])
    return float(low), float(high)


def _weeks(days: Ints) -> list[int]:
    return [int(days[start : start + WEEK].sum()) for start in range(0, len(days), WEEK)]


def _uplift(ours: int, static: int) -> float:
    return float(ours / static - 1) if static else 0.0
