"""How good probabilities are. Arrays of outcomes (0/1) and of probabilities in (0, 1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from outreach.core.late import late

sklearn_metrics = late("sklearn.metrics")
stats = late("scipy.stats")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
BINS = 10


def measures(outcome: Bools, probability: Floats) -> dict[str, float]:
    """AUC, average precision, log-loss, Brier score and lift; accuracy is left out, because "always no" often wins it."""
    return {
        "auc": float(sklearn_metrics.roc_auc_score(outcome, probability)),
        "average_precision": float(sklearn_metrics.average_precision_score(outcome, probability)),
        "log_loss": float(sklearn_metrics.log_loss(outcome, probability)),
        "brier": float(sklearn_metrics.brier_score_loss(outcome, probability)),
        "lift_at_10": lift(outcome, probability, 0.1),
        "lift_at_20": lift(outcome, probability, 0.2),
        "calibration_error": calibration_error(outcome, probability),
    }


def lift(outcome: Bools, probability: Floats, share: float) -> float:
    """How many times more successes the best `share` of the rows has than all rows."""
    count = max(1, round(share * len(outcome)))
    best = np.argsort(-probability, kind="stable")[:count]
    return float(outcome[best].mean() / outcome.mean())


def gains(outcome: Bools, probability: Floats, *, steps: int = 20) -> list[tuple[float, float]]:
    """Share of the rows taken, best first, and the share of all successes among them."""
    found = np.concatenate([[0.0], np.cumsum(outcome[np.argsort(-probability, kind="stable")]) / outcome.sum()])
    taken = np.round(np.linspace(0, len(outcome), steps + 1)).astype(int)
    return [(float(n / len(outcome)), float(found[n])) for n in taken]


def roc(outcome: Bools, probability: Floats, *, points: int = 40) -> list[tuple[float, float]]:
    """False and true positive rates along all cut-offs, thinned to about `points`."""
    false, true, _cuts = sklearn_metrics.roc_curve(outcome, probability)
    kept = np.unique(np.round(np.linspace(0, len(false) - 1, min(points, len(false)))).astype(int))
    return [(float(false[i]), float(true[i])) for i in kept]


def calibration(outcome: Bools, probability: Floats) -> list[dict[str, Any]]:
    """Ten groups of equal size by probability: what was said, what happened, how many."""
    order = np.argsort(probability, kind="stable")
    return [
        {
            "said": float(probability[rows].mean()),
            "happened": float(outcome[rows].mean()),
            "count": len(rows),
        }
        for rows in np.array_split(order, BINS)
        if len(rows)
    ]


def disagreement(outcome: Bools, probability: Floats) -> tuple[float, float]:
    """How likely right probabilities miss by as much, on rows that they were not learned from: in all, and by group.

    In all: (observed − expected) / √Σ p(1 − p) is nearly standard normal. By group: the sum over ten groups of
    (observed − expected)² / Σ p(1 − p) is nearly χ² with ten degrees of freedom, none lost to fitting. Source: D. W. Hosmer,
    S. Lemeshow and R. X. Sturdivant, "Applied Logistic Regression", 3rd ed. (2013), section 5.2; calibration in the large:
    D. R. Cox, "Two further applications of a model for binary regression", Biometrika 45 (1958), 562-565.
    """
    groups = np.array_split(np.argsort(probability, kind="stable"), BINS)
    variance = probability * (1 - probability)
    missed = outcome.astype(float) - probability
    in_all = float(missed.sum() / np.sqrt(variance.sum()))
    by_group = sum(missed[rows].sum() ** 2 / variance[rows].sum() for rows in groups if len(rows))
    return float(2 * stats.norm.sf(abs(in_all))), float(stats.chi2.sf(by_group, sum(len(rows) > 0 for rows in groups)))


def calibration_error(outcome: Bools, probability: Floats) -> float:
    """The mean distance between what was said and what happened over the groups of `calibration`."""
    groups = calibration(outcome, probability)
    return float(sum(abs(g["said"] - g["happened"]) * g["count"] for g in groups) / len(outcome))


def auc_interval(outcome: Bools, probability: Floats, *, draws: int = 200) -> tuple[float, float]:
    """95% interval of the AUC by bootstrap over the rows; the same for the same rows."""
    random = np.random.default_rng(1)
    found = []
    for _draw in range(draws):
        rows = random.integers(0, len(outcome), len(outcome))
        if 0 < outcome[rows].sum() < len(rows):
            found.append(sklearn_metrics.roc_auc_score(outcome[rows], probability[rows]))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)
