"""How well a history of leads predicts their outcomes: measured on rows that were not learned from.

In random parts (five folds; rows that are alike stay together) or, where a column of times is named, the way it would
be used: learned from the past, measured on what came later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leads.learning import leaks, metrics, predictor
from leads.learning.tables import Table
from outreach.core.errors import Invalid
from outreach.core.late import late, on_one_core
from outreach.core.words import gettext as _

sklearn_metrics = late("sklearn.metrics")

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
FOLDS = 5
FIRST_SHARE = 0.4
"""The oldest rows that are only learned from, where time splits."""
WINDOWS = 3
DRIFT = 0.05
COPIED = 0.1
"""Copies of other rows are told of from this share on."""
RICH = 100
"""Different values of a column with which rows that are alike are the same lead twice, and not two of a kind."""


@dataclass(frozen=True)
class Report:
    """What was measured without the leaking columns; `rival` is the logistic regression alone on the same rows."""

    measures: dict[str, float]
    rival: dict[str, float]
    auc_interval: tuple[float, float]
    calibration: list[dict[str, Any]]
    gains: list[tuple[float, float]]
    roc: list[tuple[float, float]]
    leaks: list[leaks.Leak]
    auc_with_leaks: float | None
    rows: int
    rows_measured: int
    success_rate: float
    split: str
    positive: str
    columns: list[str]
    left_out: dict[str, str]
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain values with stable keys."""
        own = vars(self) | {
            "auc_interval": list(self.auc_interval),
            "leaks": [leak.column for leak in self.leaks],
            "leak_reasons": {leak.column: leak.reason for leak in self.leaks},
            "logistic_regression": self.rival,
        }
        return self.measures | {name: value for name, value in own.items() if name not in {"measures", "rival"}}


def evaluate(table: Table) -> Report:
    """Measure the predictor on `table`; leaking columns are named and left out."""
    with on_one_core(*predictor.LIBRARIES):
        return _evaluate(table)


def find_leaks(table: Table) -> list[leaks.Leak]:
    """The columns that seem to know the outcome."""
    with on_one_core(*predictor.LIBRARIES):
        splits = _splits(table)
        return _leaks(table, splits, _auc(table, splits))


def _leaks(table: Table, splits: list[tuple[Rows, Rows]], auc_with_all: float) -> list[leaks.Leak]:
    return leaks.find(table, auc_without=lambda names: _auc(table.without(names), splits), auc_with_all=auc_with_all)


def _evaluate(table: Table) -> Report:
    splits = _splits(table)
    everything = _measured(table, splits)
    auc_with_all = float(sklearn_metrics.roc_auc_score(everything.outcome, everything.said))
    found = _leaks(table, splits, auc_with_all)
    names = [leak.column for leak in found]
    kept = table.without(names)
    warnings = list(table.warnings)
    if not kept.columns:
        warnings.append(_("Every column seems to know the outcome; the figures include them."))
        kept, names = table, []
    result = _measured(kept, splits) if names else everything
    measures = metrics.measures(result.outcome, result.said)
    warnings += _copies(table) + _contradictions(kept) + _drift(table, result, splits)
    interval = metrics.auc_interval(result.outcome, result.said)
    if interval[1] < 0.5:
        warnings.append(
            _("The predictor is worse than guessing: what held for the rows it learned from didn't hold here.")
        )
    return Report(
        measures=measures,
        rival=metrics.measures(result.outcome, result.rival),
        auc_interval=interval,
        calibration=metrics.calibration(result.outcome, result.said),
        gains=metrics.gains(result.outcome, result.said),
        roc=metrics.roc(result.outcome, result.said),
        leaks=found,
        auc_with_leaks=auc_with_all if names else None,
        rows=table.row_count,
        rows_measured=len(result.outcome),
        success_rate=float(table.outcome.mean()),
        split="time" if table.time is not None else "random",
        positive=table.positive,
        columns=[column.name for column in kept.columns],
        left_out={name: reason for name, reason in table.left_out if name not in {leak.column for leak in found}},
        warnings=warnings,
    )


@dataclass(frozen=True)
class _Measured:
    outcome: NDArray[np.bool_]
    said: Floats
    rival: Floats
    parts: list[int]


def _measured(table: Table, splits: list[tuple[Rows, Rows]]) -> _Measured:
    """Probabilities for the rows of every test part, each from the rows that it was not in."""
    cells = predictor.cells_of(table)
    groups = _alike(table)
    said, rival, outcome = [], [], []
    for train, test in splits:
        fitted = predictor.fit(table.columns, cells[train], table.outcome[train], groups[train])
        said.append(fitted.predict(cells[test]))
        rival.append(fitted.logistic_alone(cells[test]))
        outcome.append(table.outcome[test])
    parts = [len(part) for part in outcome]
    return _Measured(np.concatenate(outcome), np.concatenate(said), np.concatenate(rival), parts)


def _auc(table: Table, splits: list[tuple[Rows, Rows]]) -> float:
    if not table.columns:
        return 0.5
    result = _measured(table, splits[:2])
    return float(sklearn_metrics.roc_auc_score(result.outcome, result.said))


def _splits(table: Table) -> list[tuple[Rows, Rows]]:
    """Pairs of rows to learn from and rows to measure on. Raises `Invalid` where time leaves none."""
    if table.time is not None:
        windows = list(_windows(table, table.time))
        if not windows:
            raise Invalid(
                "time",
                _(
                    "The dates leave no earlier and later rows with both outcomes each. Measure without the column of dates."
                ),
                code="no_split",
            )
        return windows
    return list(predictor.parts(FOLDS, table.outcome, _alike(table)))


def _are_twins_told(table: Table) -> bool:
    return any(len(np.unique(column.values)) >= RICH for column in table.columns)


def _windows(table: Table, time: Floats) -> Iterator[tuple[Rows, Rows]]:
    """Learn from everything before a window, measure on the window. Rows of one moment are never torn apart, and later
    copies of a row that was learned from are not measured."""
    groups = _alike(table)
    order = np.argsort(time, kind="stable")
    edges = np.quantile(time, np.linspace(FIRST_SHARE, 1, WINDOWS + 1))
    for low, high in pairwise(edges):
        train = order[time[order] <= low]
        test = order[(time[order] > low) & (time[order] <= high)]
        test = test[~np.isin(groups[test], groups[train])]
        if len(test) and _has_both(table.outcome[train]) and _has_both(table.outcome[test]):
            yield train, test


def _has_both(outcome: NDArray[np.bool_]) -> bool:
    return bool(0 < outcome.sum() < len(outcome))


def _alike(table: Table) -> Rows:
    """A number for each row, the same for copies; where no column is rich enough to tell copies, each has its own."""
    return _twins(table) if _are_twins_told(table) else np.arange(len(table.outcome), dtype=np.int64)


def _twins(table: Table) -> Rows:
    """A number for each row, the same for rows that are alike in all columns."""
    cells = np.nan_to_num(predictor.cells_of(table), nan=-9e15)
    _unique, groups = np.unique(cells, axis=0, return_inverse=True)
    return np.asarray(groups, dtype=np.int64).ravel()


def _copies(table: Table) -> list[str]:
    count = len(table.outcome)
    copied = count - len(np.unique(_alike(table)))
    if copied < COPIED * count:
        return []
    return [
        _("%(share)s%% of the rows repeat another row. No copy is used both for training and for testing.")
        % {"share": round(100 * copied / count)}
    ]


def _contradictions(table: Table) -> list[str]:
    groups = _twins(table)
    count, hits = np.bincount(groups), np.bincount(groups, weights=table.outcome)
    torn = int(count[(hits > 0) & (hits < count)].sum())
    if torn < 0.02 * len(groups):
        return []
    return [
        _("%(share)s%% of the rows have a twin with the other outcome: no column tells them apart.")
        % {"share": round(100 * torn / len(groups))}
    ]


def _drift(table: Table, result: _Measured, splits: list[tuple[Rows, Rows]]) -> list[str]:
    """Whether the last window differs from the first."""
    if table.time is None or len(splits) < 2:
        return []
    edges = np.cumsum([0, *result.parts])
    windows = [slice(low, high) for low, high in pairwise(edges)]
    aucs = [float(sklearn_metrics.roc_auc_score(result.outcome[w], result.said[w])) for w in windows]
    rates = [float(result.outcome[w].mean()) for w in windows]
    warnings = []
    if aucs[0] - aucs[-1] > DRIFT:
        warnings.append(
            _("It gets worse with time: AUC %(first).3f in the first window, %(last).3f in the last.")
            % {"first": aucs[0], "last": aucs[-1]}
        )
    if abs(rates[0] - rates[-1]) > DRIFT:
        warnings.append(
            _("The share of successes changed from %(first).0f%% to %(last).0f%%.")
            % {"first": 100 * rates[0], "last": 100 * rates[-1]}
        )
    return warnings
