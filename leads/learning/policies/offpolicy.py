"""What a policy would win, estimated from the log of another one that chose by known chances.

The log wrote to each lead with the same chance. A policy chooses for itself, learns only from those of its choices that
the log wrote to, and is valued by them (replay, Li et al. 2011): by inverse propensity (IPS), self-normalised (SNIPS,
Swaminathan & Joachims 2015) and doubly robust with a cross-fitted regression (DR, Dudík et al. 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leads.learning.policies.base import Known, Policy
from leads.learning.policies.bayes import Belief, Evidence, fit, sigmoid
from leads.learning.policies.worlds import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LOGGED = 0.5
"""Chance of each lead to be written to by the log."""
DRAWS = 500


@dataclass(frozen=True)
class Estimate:
    """Conversions for each lead written to, with a 95% interval by bootstrap over days."""

    rate: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Estimates:
    """The three estimates, and what really would have happened: a file with all outcomes knows it."""

    by_method: dict[str, Estimate]
    true_rate: float

    def as_json(self) -> dict[str, object]:
        """Plain values with stable keys."""
        found: dict[str, object] = {"true_rate": self.true_rate}
        for name, estimate in self.by_method.items():
            found[name] = {"rate": estimate.rate, "interval": list(estimate.interval)}
        return found


def estimate(world: World, policy: Policy, *, seed: int = 1) -> Estimates:
    """Value `policy` on a log of `world` that chance wrote."""
    random = np.random.default_rng(seed)
    is_logged = random.random(len(world.outcome)) < LOGGED
    chosen = _replay(world, policy, is_logged)
    expected = _expected(world, is_logged)
    outcome = world.outcome[chosen].astype(float)
    weight = is_logged[chosen] / LOGGED
    day = world.day[chosen]

    def by_day(values: Floats) -> Floats:
        return np.asarray(np.bincount(day, weights=values, minlength=world.days), dtype=float)

    count = by_day(np.ones(len(chosen)))
    parts = {
        "ips": (by_day(weight * outcome), count),
        "snips": (by_day(weight * outcome), by_day(weight)),
        "dr": (by_day(expected[chosen] + weight * (outcome - expected[chosen])), count),
    }
    draws = random.integers(0, world.days, (DRAWS, world.days))
    found = {}
    for name, (above, below) in parts.items():
        low, high = np.quantile(above[draws].sum(1) / np.maximum(below[draws].sum(1), 1e-9), [0.025, 0.975])
        found[name] = Estimate(float(above.sum() / max(below.sum(), 1e-9)), (float(low), float(high)))
    return Estimates(found, float(outcome.mean()))


def _replay(world: World, policy: Policy, is_logged: Bools) -> Ints:
    """All that the policy chooses, learning from the logged ones alone."""
    chosen = np.zeros(0, dtype=np.int64)
    edges = np.searchsorted(world.day, np.arange(world.days + 1))
    for day in range(world.days):
        rows = np.arange(edges[day], edges[day + 1])
        chosen = np.concatenate([chosen, rows[policy.choose(world.leads.only(rows), world.budget)]])
        age = day + 1 - world.day[chosen]
        is_seen = is_logged[chosen]
        is_success = world.outcome[chosen] & (world.waited[chosen] <= age) & is_seen
        waited = np.where(is_success, world.waited[chosen], -1)
        policy.learn(Known(world.leads.only(chosen), is_success, age, waited, is_seen))
    return chosen


def _expected(world: World, is_logged: Bools) -> Floats:
    """Each lead's chance by a regression on the logged leads of the other days (even for odd, odd for even)."""
    cells = world.leads.cells
    prior = Belief.around(np.zeros(cells.shape[1]), spread=1.0)
    found = np.empty(len(cells))
    for half in (0, 1):
        known = is_logged & (world.day % 2 != half)
        asked = world.day % 2 == half
        weights = fit(prior, Evidence.plain(cells[known], world.outcome[known])).mean
        found[asked] = sigmoid(cells[asked] @ weights)
    return found
