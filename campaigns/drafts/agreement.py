"""How far a judge and people say the same. Pure.

J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960), 37–46;
the interval of kappa from its large-sample standard error there, that of the accuracy by Wilson.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from outreach.core.intervals import Z95, wilson

LEAST_LABELS = 50
LEAST_OF_EACH = 10
"""People's words of each kind: a judge that saw only approvals has shown nothing."""
LEAST_KAPPA = 0.4
"""The lower end of "moderate" agreement in the usual reading (Landis and Koch, 1977)."""
LEAST_LOW = 0.2


@dataclass(frozen=True)
class Agreement:
    """Pairs of (judge, person), each "may leave as it is" or not. Numbers are None where nothing can be said."""

    count: int = 0
    good_count: int = 0
    accuracy: float | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    kappa: float | None = None
    kappa_low: float | None = None
    kappa_high: float | None = None

    @property
    def bad_count(self) -> int:
        return self.count - self.good_count

    @property
    def has_enough(self) -> bool:
        return self.count >= LEAST_LABELS and min(self.good_count, self.bad_count) >= LEAST_OF_EACH

    @property
    def is_calibrated(self) -> bool:
        """Whether the judge may decide: enough words of people, and more than chance agreement with them."""
        return (
            self.has_enough
            and self.kappa is not None
            and self.kappa >= LEAST_KAPPA
            and (self.kappa_low or 0) >= LEAST_LOW
        )


def agreement(pairs: Iterable[tuple[bool, bool]]) -> Agreement:
    """Of (judge, person) pairs. Kappa is None when one of them always says the same: then chance explains everything."""
    found = list(pairs)
    count = len(found)
    if not count:
        return Agreement()
    good = sum(person for _, person in found)
    same = sum(judge == person for judge, person in found)
    accuracy = wilson(same, count)
    observed = same / count
    judged = sum(judge for judge, _ in found) / count
    expected = judged * good / count + (1 - judged) * (1 - good / count)
    kappa = low = high = None
    if expected < 1:
        kappa = (observed - expected) / (1 - expected)
        spread = Z95 * sqrt(observed * (1 - observed) / count) / (1 - expected)
        low, high = max(-1.0, kappa - spread), min(1.0, kappa + spread)
    return Agreement(count, good, observed, accuracy.low, accuracy.high, kappa, low, high)


LEAST_PAIRS = 50
MOST_TURNED = 0.2
"""A judge that changes its word with the order in more than a fifth of pairs reads places, not texts."""


@dataclass(frozen=True)
class Pair:
    """One pair as a judge saw it: its word with the first text in front, its word with the second in front, and which
    text people preferred ("first", "second", or empty). Words name places: "first", "second" or "same"."""

    forward: str
    backward: str
    person: str = ""

    @property
    def verdict(self) -> str:
        """Which text is better; "same" unless both orders say so."""
        other_place = {"first": "second", "second": "first"}.get(self.backward, "same")
        return self.forward if self.forward == other_place else "same"

    @property
    def is_turned(self) -> bool:
        """Whether the same place won in both orders."""
        return self.forward == self.backward != "same"


@dataclass(frozen=True)
class PairAgreement:
    """How a judge of pairs did. Numbers are None where nothing can be said."""

    count: int = 0
    decided: int = 0
    """Of pairs with a word of people: how many the judge decided, too."""
    agreed: int = 0
    accuracy: float | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    turned: float | None = None
    """The share of pairs in which the order decided."""
    front_wins: float | None = None
    """Of all its words for one text: how often it was the one in front. 0.5 when places don't matter."""

    @property
    def is_calibrated(self) -> bool:
        """Whether its word may count: enough pairs, better than a coin with people, and texts decide rather than places."""
        return (
            self.decided >= LEAST_PAIRS
            and (self.accuracy_low or 0) > 0.5
            and self.turned is not None
            and self.turned <= MOST_TURNED
        )


def pair_agreement(pairs: Iterable[Pair]) -> PairAgreement:
    """Agreement with people, by Wilson's interval, and the pull of the place in front."""
    found = list(pairs)
    if not found:
        return PairAgreement()
    both = [pair for pair in found if pair.person and pair.verdict != "same"]
    agreed = sum(pair.verdict == pair.person for pair in both)
    accuracy = wilson(agreed, len(both))
    words = [word for pair in found for word in (pair.forward, pair.backward) if word != "same"]
    return PairAgreement(
        count=len(found),
        decided=len(both),
        agreed=agreed,
        accuracy=accuracy.value,
        accuracy_low=accuracy.low,
        accuracy_high=accuracy.high,
        turned=sum(pair.is_turned for pair in found) / len(found),
        front_wins=words.count("first") / len(words) if words else None,
    )
