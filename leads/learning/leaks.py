"""Columns that know the outcome because they were filled in after it.

They make every figure look wonderful and every prediction useless: on the day when a lead comes in, they are empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leads.learning.tables import Column, Table
from outreach.core.late import late
from outreach.core.words import gettext as _

sklearn_metrics = late("sklearn.metrics")

Floats = NDArray[np.float64]
ALONE, CERTAINLY = 0.93, 0.995
"""A single column that reaches this AUC is suspect; from the second on it is a leak in any history."""
FEW_VALUES = 12
"""A column of so few values that is suspect mirrors the outcome; an amount may just be what the outcome depends on."""
EASY = 0.03
"""Amounts are no leaks where the columns that are not suspect come this close to them: the outcome is easy to predict."""
FILLED = 0.8
"""The AUC of whether a cell is filled in at all."""
CERTAIN, CERTAIN_SHARE = 0.96, 0.04
"""Values after which nearly all succeed, in at least this share of all rows."""
DOMINANT, DOMINANT_LOSS = 0.78, 0.015
"""Alone this strong, and the rest loses this much AUC without it."""
NAMED = 0.68
"""With a name that speaks of what happened later, this is enough."""
LATER_WORDS = re.compile(
    r"\b(?:status|stage|outcome|result|closed?|won|lost|converted|conversion|signed|invoice|contract[ _](?:date|sent|number|value|start|end)|revenue|paid|"
    r"churn\w*|cancel\w*|refund\w*|tags?|quality|rating|disposition|feedback|call[ _]duration|"
    r"duration|meeting|booked|demo[ _]held|reason|after|final)\b",
    re.IGNORECASE,
)
BINS = 20
FOLDS = 5


@dataclass(frozen=True)
class Leak:
    """A column that seems to know the outcome, and why."""

    column: str
    reason: str
    auc_alone: float


def find(table: Table, *, auc_without: Callable[[list[str]], float], auc_with_all: float) -> list[Leak]:
    """The leaking columns, the most telling first. `auc_without(names)` measures the predictor without some columns."""
    strength = {column.name: alone(column, table.outcome) for column in table.columns}
    found = {leak.column: leak for leak in _in_order(table)}
    count_in_order = len(found)
    suspects: list[Column] = []
    for column in table.columns:
        auc = strength[column.name]
        if ALONE <= auc < CERTAINLY and _is_amount(column):
            suspects.append(column)
        elif reason := _reason(column, table, auc):
            found[column.name] = Leak(column.name, reason, auc)
    count = len(table.columns) + count_in_order
    for column in _not_easy(suspects, strength, auc_without, list(found), count):
        found[column.name] = Leak(column.name, _("It gives the outcome away by itself."), strength[column.name])
    cleared = {column.name for column in suspects} - set(found)
    strong = [
        c for c in table.columns if strength[c.name] >= DOMINANT and c.name not in found and c.name not in cleared
    ]
    if strong:
        base = auc_without(list(found)) if found else auc_with_all
        for column in sorted(strong, key=lambda c: -strength[c.name])[:4]:
            rest = auc_without([*found, column.name])
            outweighs = not _is_amount(column) or strength[column.name] > rest
            if outweighs and base - rest >= DOMINANT_LOSS and base >= ALONE - 0.03:
                reason = _("It outweighs all other columns together.")
                found[column.name] = Leak(column.name, reason, strength[column.name])
                base = rest
    return sorted(found.values(), key=lambda leak: -leak.auc_alone)


def _is_amount(column: Column) -> bool:
    """Whether the column measures something, in many different values."""
    known = column.values[~np.isnan(column.values)]
    return not column.is_category and len(np.unique(known)) > FEW_VALUES


def _not_easy(
    suspects: list[Column],
    strength: dict[str, float],
    auc_without: Callable[[list[str]], float],
    found: list[str],
    count: int,
) -> list[Column]:
    """The suspects that the other columns together do not come close to; all of them where no other column is left."""
    names = [column.name for column in suspects]
    if not suspects or len(found) + len(names) == count:
        return suspects
    rest = auc_without([*found, *names])
    return [column for column in suspects if strength[column.name] - rest > EASY]


def _reason(column: Column, table: Table, auc: float) -> str:
    if auc >= ALONE:
        return _("It gives the outcome away by itself.")
    missing = column.values < 0 if column.is_category else np.isnan(column.values)
    if 0 < missing.mean() < 1 and _one_sided(sklearn_metrics.roc_auc_score(table.outcome, ~missing)) >= FILLED:
        return _("Being filled in gives the outcome away.")
    if column.is_category and _certain_share(column, table) >= CERTAIN_SHARE:
        return _("Some of its values occur only with a success.")
    if auc >= NAMED and LATER_WORDS.search(column.name.replace("_", " ")):
        return _("Its name suggests that it is filled in later, and it says a lot about the outcome.")
    return ""


def _in_order(table: Table) -> list[Leak]:
    """Running numbers, which are never learned from, where the rows are in the order of the outcome."""
    reason = _("It numbers the rows, and they are in the order of the outcome.")
    strength = ((column.name, alone(column, table.outcome)) for column in table.ids)
    return [Leak(name, reason, auc) for name, auc in strength if auc >= NAMED]


def _certain_share(column: Column, table: Table) -> float:
    """The share of rows with a value after which nearly all succeed, where that is rare otherwise."""
    if table.outcome.mean() > 0.8:
        return 0.0
    rows = 0
    for code in range(len(column.categories)):
        chosen = column.values == code
        if chosen.sum() >= 30 and table.outcome[chosen].mean() >= CERTAIN:
            rows += int(chosen.sum())
    return rows / len(table.outcome)


def alone(column: Column, outcome: NDArray[np.bool_]) -> float:
    """The AUC of the column by itself: by mean outcomes of its values or of twenty bins, on rows not counted in them; of
    an amount by its order as well, which on few rows tells more than bins."""
    groups = column.values.astype(int) if column.is_category else _binned(column.values)
    fold = np.random.default_rng(1).integers(0, FOLDS, len(outcome))
    score, mean = np.zeros(len(outcome)), outcome.mean()
    groups = groups - groups.min()
    size = groups.max() + 1
    for number in range(FOLDS):
        train, test = fold != number, fold == number
        count = np.bincount(groups[train], minlength=size)
        hits = np.bincount(groups[train], weights=outcome[train], minlength=size)
        score[test] = ((hits + 10 * mean) / (count + 10))[groups[test]]
    found = float(sklearn_metrics.roc_auc_score(outcome, score))
    if column.is_category:
        return found
    order = np.nan_to_num(column.values, nan=float(np.nanmedian(column.values)))
    return max(found, _one_sided(float(sklearn_metrics.roc_auc_score(outcome, order))))


def _binned(values: Floats) -> NDArray[np.int64]:
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.where(np.isnan(values), -1, np.searchsorted(edges, values)).astype(np.int64)


def _one_sided(auc: float) -> float:
    return max(auc, 1 - auc)
