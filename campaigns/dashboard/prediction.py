"""How many of the people who are about to be written to will answer: a beta-binomial prediction. Pure.

After `count` of `base` people answered, the rate has the posterior Beta(count + ½, base − count + ½) (Jeffreys), and of
`people` more the number who answer is beta-binomial: the interval holds both what is not known of the rate and chance.
A. Gelman et al., "Bayesian Data Analysis", 3rd edition, chapter 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from outreach.core.late import late

stats = late("scipy.stats")


LEAST = 30
"""People contacted below which nothing is predicted."""
SURE = 0.8


@dataclass(frozen=True)
class Prediction:
    """The expected number, and from where to where it lies in eight of ten cases."""

    mean: float
    low: int
    high: int


def predict(count: int, base: int, people: int) -> Prediction | None:
    """Of `people` more after `count` of `base`; None when fewer than `LEAST` were observed."""
    if base < LEAST:
        return None
    if people <= 0:
        return Prediction(0.0, 0, 0)
    law = stats.betabinom(people, count + 0.5, base - count + 0.5)
    return Prediction(float(law.mean()), int(law.ppf((1 - SURE) / 2)), int(law.ppf((1 + SURE) / 2)))
