"""Worlds to try policies in: leads that come day by day, each with the outcome it would have if it were written to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leads.learning.policies.base import HORIZON, Leads
from leads.learning.policies.bayes import Belief, Evidence, fit, sigmoid, with_constant

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

A_DAY = 100
WRITTEN_TO = 0.2
"""Share of a day's leads that can be written to."""
DAYS = 90
FEATURES = 10
HISTORY = 1_000
RATE = -3.0
"""Logit of the rate of success of an average lead: about five in a hundred."""
EFFECT = 0.4
"""The true weights' root mean square."""
TURN = np.radians(75)
"""At a right angle what told most would tell nothing in the end."""
KINDS = ("drift", "stable", "cold")


@dataclass(frozen=True)
class World:
    """Leads with the day they came on, their outcome, and how long a success takes to be known."""

    leads: Leads
    outcome: Bools
    day: Ints
    waited: Ints
    start: Belief
    """What is believed before the first day; its mean is the static score."""
    budget: int
    """Leads written to each day."""

    @property
    def days(self) -> int:
        return int(self.day.max()) + 1


def generated(kind: str, *, seed: int = 1, days: int = DAYS) -> World:
    """A world with a known truth. In `drift` the weights turn by `TURN` in the first two thirds of the time; in
    `stable` they stay; in `cold` they stay and the first score is a guess: four signs of five are
    right, all sizes the same."""
    random = np.random.default_rng(seed)
    truth = _of_length(random.standard_normal(FEATURES))
    other = random.standard_normal(FEATURES)
    aside = _of_length(other - truth * (other @ truth) / (truth @ truth))
    later = np.cos(TURN) * truth + np.sin(TURN) * aside
    count = days * A_DAY
    day = np.repeat(np.arange(days), A_DAY)
    share = np.clip(day / (days * 2 / 3), 0, 1)[:, None] if kind == "drift" else np.zeros((count, 1))
    cells = features(random, count)
    weights = (1 - share) * truth + share * later
    outcome = random.random(count) < sigmoid(RATE + (cells * weights).sum(1))
    if kind == "cold":
        guess = np.where(random.random(FEATURES) < 0.8, np.sign(truth), -np.sign(truth)) * 0.3
        start = Belief.around(np.array([RATE, *guess]), spread=0.7)
    else:
        past = features(random, HISTORY)
        known = random.random(HISTORY) < sigmoid(RATE + past @ truth)
        start = learned(with_constant(past), known)
    return World(
        leads=Leads(with_constant(cells), states_of(cells, cells[:A_DAY])),
        outcome=outcome,
        day=day,
        waited=waiting(random, count),
        start=start,
        budget=round(WRITTEN_TO * A_DAY),
    )


def _of_length(weights: Floats) -> Floats:
    return np.asarray(weights * EFFECT * np.sqrt(FEATURES) / np.linalg.norm(weights), dtype=float)


def features(random: np.random.Generator, count: int) -> Floats:
    """Half of them amounts, half of them yes or no."""
    half = FEATURES // 2
    return np.column_stack(
        [random.standard_normal((count, half)), random.integers(0, 2, (count, FEATURES - half)) * 2.0 - 1]
    )


def waiting(random: np.random.Generator, count: int) -> Ints:
    """Days until a success is known: mostly one to three, at most the horizon."""
    return np.minimum(random.geometric(0.4, count), HORIZON).astype(np.int64)


def learned(cells: Floats, outcome: Bools, *, spread: float = 1.0) -> Belief:
    """What a history teaches."""
    prior = Belief.around(np.zeros(cells.shape[1]), spread=spread)
    return fit(prior, Evidence.plain(cells, outcome))


def states_of(cells: Floats, sample: Floats) -> Ints:
    """The first five features in up to four steps each, the edges taken from `sample`."""
    found = np.zeros((len(cells), 5), dtype=np.int64)
    for column in range(min(5, cells.shape[1])):
        edges = np.unique(np.quantile(sample[:, column], [0.25, 0.5, 0.75]))
        found[:, column] = np.searchsorted(edges, cells[:, column])
    return found
