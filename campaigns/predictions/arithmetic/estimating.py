"""The probability of an outcome: a Bayesian logistic regression, calibrated, with a ratio for each campaign.

Fitted on the oldest people, calibrated on later ones (J. Platt, "Probabilistic outputs for support vector machines",
1999: a logistic regression of the outcome on the logit), measured on the newest: the way it is used. Then everything is
fitted once more on all of them. Campaigns differ by more than their people tell; a campaign's ratio of observed to
expected successes is shrunk towards 1 (`shrinkage`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from campaigns.predictions.arithmetic.shrinkage import Floats, shrink
from leads.learning import metrics
from leads.learning.policies.bayes import Belief, Evidence, fit, sigmoid, with_constant

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
FIT, CALIBRATED = 0.6, 0.8
"""Shares of the people, oldest first: up to here fitted, up to here calibrated, the rest measured."""
SPREAD = 1.0
LEVEL = 0.05
"""So often right probabilities are called wrong: half of it by their sum, half by the groups."""
LEAST = 1e-4


@dataclass(frozen=True)
class Estimator:
    """Weights of the columns around their means, the line that calibrates, and ratios by campaign."""

    names: list[str]
    middle: Floats
    weights: Floats
    line: tuple[float, float]
    ratios: Mapping[int, float]
    figures: dict[str, Any] = field(default_factory=dict)

    def predict(self, cells: Floats, campaigns: Sequence[int]) -> Floats:
        """Probabilities for rows (people, columns) of campaigns; an unknown campaign is an average one."""
        said = self._plain(cells) * np.array([self.ratios.get(pk, 1.0) for pk in campaigns])
        return np.asarray(np.clip(said, LEAST, 1 - LEAST), dtype=float)

    def _plain(self, cells: Floats) -> Floats:
        logit = self.weights[0] + (cells - self.middle) @ self.weights[1:]
        return sigmoid(self.line[0] + self.line[1] * logit)

    def reasons(self, cells: Floats, *, most: int = 3) -> list[tuple[str, float]]:
        """The columns that move one person's odds most, with the factor by which they do."""
        moved = (cells - self.middle) * self.weights[1:] * self.line[1]
        order = np.argsort(-np.abs(moved), kind="stable")[:most]
        return [(self.names[i], float(np.exp(moved[i]))) for i in order if abs(moved[i]) > 0.05]

    def factors(self) -> list[float]:
        """By column: what one more of it multiplies the odds by."""
        found: list[float] = np.exp(self.weights[1:] * self.line[1]).tolist()
        return found

    @property
    def is_calibrated(self) -> bool:
        """Whether what was said of the newest people happened, and says more than the rate alone."""
        return bool(self.figures.get("is_calibrated"))

    def as_json(self) -> dict[str, Any]:
        return {
            "names": self.names,
            "middle": self.middle.tolist(),
            "weights": self.weights.tolist(),
            "line": list(self.line),
            "ratios": {str(pk): round(ratio, 4) for pk, ratio in self.ratios.items()},
            "figures": self.figures,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Estimator:
        ratios = {int(pk): ratio for pk, ratio in found["ratios"].items()}
        middle, weights = np.array(found["middle"]), np.array(found["weights"])
        return cls(list(found["names"]), middle, weights, tuple(found["line"]), ratios, found["figures"])


@dataclass(frozen=True)
class People:
    """Who was written to, oldest first: cells (people, columns), what came of it, and the campaign of each."""

    cells: Floats
    outcome: Bools
    campaign: Ints

    def part(self, rows: slice) -> People:
        return People(self.cells[rows], self.outcome[rows], self.campaign[rows])

    def __len__(self) -> int:
        return len(self.outcome)


def learn(names: list[str], people: People) -> Estimator | None:
    """The estimator with its figures; None when a part of the history has one outcome only."""
    first, second = round(FIT * len(people)), round(CALIBRATED * len(people))
    old, middle, new = people.part(slice(first)), people.part(slice(first, second)), people.part(slice(second, None))
    if not all(0 < part.outcome.sum() < len(part) for part in (old, middle, new)):
        return None
    tried = _calibrated(_fitted(names, old), middle)
    said = tried.predict(new.cells, new.campaign.tolist())
    figures = _figures(new.outcome, said, rate=float(people.part(slice(second)).outcome.mean()))
    figures |= {"people": len(people), "successes": int(people.outcome.sum()), "measured": len(new)}
    fresh = _fitted(names, people)
    return Estimator(names, fresh.middle, fresh.weights, tried.line, _ratios(fresh, tried.line, people), figures)


def _fitted(names: list[str], people: People) -> Estimator:
    middle = people.cells.mean(0)
    prior = Belief.around(np.zeros(people.cells.shape[1] + 1), spread=SPREAD)
    prior.precision[0, 0] = 1e-4  # the rate itself is free
    belief = fit(prior, Evidence.plain(with_constant(people.cells - middle), people.outcome))
    bare = Estimator(names, middle, belief.mean, (0.0, 1.0), {})
    return Estimator(names, middle, belief.mean, (0.0, 1.0), _ratios(bare, bare.line, people))


def _calibrated(found: Estimator, people: People) -> Estimator:
    """With the line that makes the later people's outcomes most probable; near (0, 1) unless they say otherwise."""
    said = found.predict(people.cells, people.campaign.tolist())
    logit = np.log(said / (1 - said))
    prior = Belief(np.array([0.0, 1.0]), np.diag([1 / 0.5**2, 1 / 0.25**2]))
    line = fit(prior, Evidence.plain(with_constant(logit[:, None]), people.outcome)).mean
    return Estimator(found.names, found.middle, found.weights, (float(line[0]), float(line[1])), found.ratios)


def _ratios(found: Estimator, line: tuple[float, float], people: People) -> dict[int, float]:
    bare = Estimator(found.names, found.middle, found.weights, line, {})
    campaigns, place = np.unique(people.campaign, return_inverse=True)
    expected = np.bincount(place, weights=bare.predict(people.cells, people.campaign.tolist()))
    observed = np.bincount(place, weights=people.outcome.astype(float))
    return dict(zip(campaigns.tolist(), shrink(observed, expected).mean.tolist(), strict=True))


def _figures(outcome: Bools, said: Floats, *, rate: float) -> dict[str, Any]:
    measured = metrics.measures(outcome, said)
    low, high = metrics.auc_interval(outcome, said)
    constant = -float(np.mean(np.where(outcome, np.log(rate), np.log(1 - rate))))
    in_all, by_group = metrics.disagreement(outcome, said)
    return {
        **measured,
        "auc_interval": [low, high],
        "calibration": metrics.calibration(outcome, said),
        "rate": float(outcome.mean()),
        "log_loss_of_rate": constant,
        "happened": int(outcome.sum()),
        "expected": float(said.sum()),
        "chance_in_all": in_all,
        "chance_by_group": by_group,
        "is_calibrated": min(in_all, by_group) >= LEVEL / 2 and measured["log_loss"] < constant and low > 0.5,
    }
