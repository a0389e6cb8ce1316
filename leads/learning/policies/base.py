"""What every policy is given, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from leads.learning.policies.bayes import Evidence

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HORIZON = 7
"""Days after which no answer counts as no."""


@dataclass(frozen=True)
class Leads:
    """Leads to choose among. `cells` (leads, features) start with ones; `states` (leads, 5) are small whole numbers."""

    cells: Floats
    states: Ints

    def only(self, rows: Bools | Ints) -> Leads:
        """Some of them."""
        return Leads(self.cells[rows], self.states[rows])


@dataclass(frozen=True)
class Known:
    """What is known tonight about everyone written to so far."""

    leads: Leads
    is_success: Bools
    """So far: a success that has not arrived yet is False."""
    age: Ints
    """Days since the lead was written to, at least 1."""
    waited: Ints
    """Days until the success arrived; what is not a success has -1."""
    is_seen: Bools | None = None
    """Whether anything is known of each; None: of all of them."""

    def only(self, rows: Bools | Ints) -> Known:
        """What is known about some of them."""
        seen = None if self.is_seen is None else self.is_seen[rows]
        return Known(self.leads.only(rows), self.is_success[rows], self.age[rows], self.waited[rows], seen)

    @property
    def is_settled(self) -> Bools:
        """Answered, or too old to be answered."""
        found = self.is_success | (self.age >= HORIZON)
        return found if self.is_seen is None else found & self.is_seen


class Policy(Protocol):
    """Chooses whom to write to and learns from what came of it."""

    def choose(self, leads: Leads, budget: int) -> Ints:
        """Positions of at most `budget` of the leads, best first. May draw chance."""

    def learn(self, known: Known) -> None:
        """Called each night with everything known about those it chose, in the order in which it chose them."""


def best(scores: Floats, budget: int) -> Ints:
    """Positions of the highest scores, best first; of equals the earlier."""
    return np.argsort(-scores, kind="stable")[:budget]


def evidence(known: Known, *, recency: Floats | None = None) -> Evidence:
    """What is known, as evidence; rows that may still be answered count with what their age tells.

    Of all successes a share F(age) arrives within `age` days. A rate p is then seen as p · F(age), which for the small
    rates of outreach is an offset of log F(age) on the logit: fresh rows neither flatter nor blacken the picture.
    """
    if known.is_seen is not None:
        recency = None if recency is None else recency[known.is_seen]
        known = known.only(known.is_seen)
    arrived = known.waited[known.is_success]
    counts = np.bincount(np.clip(arrived, 0, HORIZON), minlength=HORIZON + 1) + 0.5
    share = np.cumsum(counts) / counts.sum()
    seen = share[np.minimum(known.age, HORIZON)]
    weight = np.ones(len(known.age)) if recency is None else recency
    return Evidence(known.leads.cells, known.is_success.astype(float), weight, np.log(seen))
