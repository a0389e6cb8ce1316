"""How many will reply, with an interval: the beta-binomial law, its prior learned from earlier campaigns.

A campaign's rate has the prior Beta(a, b): the mean is the rate of all campaigns together, the strength a + b the one
that makes their counts most probable (B. Efron and C. Morris, "Data analysis using Stein's estimator and its
generalizations", JASA 70 (1975), 311-319, for the idea; the likelihood is the beta-binomial). The campaign's own people
update it: somebody written to recently counts with the share of answers that has usually arrived by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outreach.core.late import late

special = late("scipy.special")
stats = late("scipy.stats")

Floats = NDArray[np.float64]
STRENGTHS = np.geomspace(4.0, 4_000.0, 60)
LOW, HIGH = 0.1, 0.9
"""The interval holds four of five outcomes."""


@dataclass(frozen=True)
class Prior:
    """Beta(a, b) for the rate of a campaign, and the people that it rests on."""

    a: float
    b: float
    people: int
    successes: int


@dataclass(frozen=True)
class Forecast:
    """Successes so far, expected in the end, and between which numbers they will lie in four of five cases."""

    so_far: int
    expected: float
    low: int
    high: int
    people: int
    """The people that the forecast rests on, of this campaign and of others."""


def prior_of(people: Sequence[int], successes: Sequence[int]) -> Prior:
    """The prior from the counts of campaigns."""
    n, k = np.asarray(people, dtype=float), np.asarray(successes, dtype=float)
    rate = (k.sum() + 0.5) / (n.sum() + 1.0)
    a, b = rate * STRENGTHS[None, :], (1 - rate) * STRENGTHS[None, :]
    likelihood = special.betaln(k[:, None] + a, n[:, None] - k[:, None] + b) - special.betaln(a, b)
    best = float(STRENGTHS[int(likelihood.sum(0).argmax())])
    return Prior(float(rate * best), float((1 - rate) * best), int(n.sum()), int(k.sum()))


def arrived(delays: Sequence[int]) -> Floats:
    """From the number of answers by days of delay: the share that has arrived after 0, 1, 2 … days."""
    counts = np.asarray(delays, dtype=float) + 0.5 / max(len(delays), 1)
    return np.asarray(np.cumsum(counts) / counts.sum(), dtype=float)


def forecast(prior: Prior, *, ages: Sequence[int], successes: int, waiting: int, share: Floats) -> Forecast:
    """For a campaign that wrote to people `ages` days ago and still has `waiting` people to write to."""
    seen = share[np.minimum(np.asarray(ages, dtype=int), len(share) - 1)] if len(ages) else np.zeros(0)
    exposed = max(float(seen.sum()), float(successes))
    a, b = prior.a + successes, prior.b + exposed - successes
    coming = round(waiting + max(0.0, len(ages) - exposed))
    law = stats.betabinom(coming, a, b)
    low, high = (int(law.ppf(q)) if coming else 0 for q in (LOW, HIGH))
    return Forecast(successes, successes + coming * a / (a + b), successes + low, successes + high, prior.people)
