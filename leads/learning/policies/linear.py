"""Policies with one weight a feature: frozen, moved each night, and drawn from what is believed (Thompson 1933)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leads.learning.policies.base import Ints, Known, Leads, best, evidence
from leads.learning.policies.bayes import Belief, Evidence, fit, sigmoid

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Nightly:
    """How far one night may move the weights. Measured on generated worlds, see docs/learning.md."""

    window_days: int = 14
    learning_rate: float = 0.1
    """Share of the way to what the window's outcomes alone would say."""
    most_step: float = 0.1
    """No weight moves farther in a night."""
    spread: float = 0.3
    """How far from tonight's weights the outcomes may pull, as a standard deviation of the prior."""


def tonight(weights: Floats, found: Evidence, rules: Nightly) -> Floats:
    """The weights after a night: a capped step towards those that explain the window's outcomes best."""
    if not len(found):
        return weights
    target = fit(Belief.around(weights, spread=rules.spread), found).mean
    step = rules.learning_rate * (target - weights)
    return np.asarray(weights + np.clip(step, -rules.most_step, rules.most_step), dtype=float)


@dataclass
class StaticPolicy:
    """The score of the first day, for good."""

    start: Belief

    def choose(self, leads: Leads, budget: int) -> Ints:
        return best(leads.cells @ self.start.mean, budget)

    def learn(self, known: Known) -> None:
        """Nothing."""


@dataclass
class NightlyPolicy:
    """Begins as the static score and moves a little each night."""

    start: Belief
    rules: Nightly = field(default_factory=Nightly)

    def __post_init__(self) -> None:
        self.weights = self.start.mean

    def choose(self, leads: Leads, budget: int) -> Ints:
        return best(leads.cells @ self.weights, budget)

    def learn(self, known: Known) -> None:
        recent = known.only(known.age <= self.rules.window_days)
        self.weights = tonight(self.weights, evidence(recent), self.rules)


@dataclass
class ThompsonPolicy:
    """Believes what the outcomes say, the recent ones counting more, and lets chance choose within its uncertainty.

    Each lead's logit is drawn with `boldness` times its standard deviation: a cautious draw, since leads of the same day
    share the weights and each mistake costs a place (Chapelle & Li 2011 find the same).
    """

    start: Belief
    seed: int = 1
    half_life_days: float = 30.0
    boldness: float = 0.5
    spread: float = 0.5

    def __post_init__(self) -> None:
        self.prior = Belief.around(self.start.mean, spread=self.spread)
        self.belief = self.start
        self.random = np.random.default_rng(self.seed)

    def choose(self, leads: Leads, budget: int) -> Ints:
        return best(self.draw(leads), budget)

    def draw(self, leads: Leads) -> Floats:
        """One chance logit for each lead."""
        chance = self.random.standard_normal(len(leads.cells))
        return np.asarray(self.mean(leads) + self.boldness * self.belief.deviation(leads.cells) * chance, dtype=float)

    def mean(self, leads: Leads) -> Floats:
        return np.asarray(leads.cells @ self.belief.mean, dtype=float)

    def probability(self, leads: Leads) -> Floats:
        """Of success, by the mean belief."""
        return sigmoid(self.mean(leads))

    def learn(self, known: Known) -> None:
        recent = known.only(known.age <= 4 * self.half_life_days)
        found = evidence(recent, recency=0.5 ** (recent.age / self.half_life_days))
        self.belief = fit(self.prior, found, near=self.belief.mean)
