"""A history of leads as a world: the columns as numbers, the rows as days, and the score that its beginning teaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leads.learning.policies.base import Leads
from leads.learning.policies.bayes import Belief, with_constant
from leads.learning.policies.worlds import WRITTEN_TO, World, learned, states_of, waiting
from leads.learning.tables import Column, Table
from outreach.core.late import late

sklearn_metrics = late("sklearn.metrics")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

A_DAY = 100
FEWEST_A_DAY = 10
FEWEST_DAYS, MOST_DAYS = 60, 180
"""Days that a history without real days is cut into."""
FEWEST_REAL, MOST_REAL = 20, 400
RARE = 0.005
"""Categories and gaps of a smaller share get no feature."""
MOST_FEATURES = 120
SPREAD = 0.5
FAR = 3.0
"""Amounts beyond so many deviations count as that many."""


@dataclass(frozen=True)
class Start:
    """How a simulation begins: the share of the rows that teaches the first score, and the seed of all chance."""

    history: float = 0.2
    seed: int = 1


def world_of(table: Table, start: Start) -> World:
    """The rows after the history, by day. Without a column of times their order is drawn: nothing changes with time."""
    random = np.random.default_rng(start.seed)
    count = len(table.outcome)
    order = random.permutation(count) if table.time is None else np.argsort(table.time, kind="stable")
    past = round(start.history * count)
    known, rows = order[:past], order[past:]
    sample = known if past else rows[:A_DAY]
    cells = np.column_stack([part for column in table.columns for part in _features(column, sample)])[:, :MOST_FEATURES]
    belief = Belief.around(np.zeros(cells.shape[1] + 1), spread=SPREAD)
    if past:
        belief = learned(with_constant(cells[known]), table.outcome[known], spread=SPREAD)
    day = _days(None if table.time is None else table.time[rows], len(rows))
    telling = _most_telling(cells[known], table.outcome[known])
    return World(
        leads=Leads(with_constant(cells[rows]), states_of(cells[rows][:, telling], cells[sample][:, telling])),
        outcome=table.outcome[rows],
        day=day,
        waited=waiting(random, len(rows)),
        start=belief,
        budget=max(1, round(WRITTEN_TO * len(rows) / (int(day.max()) + 1))),
    )


def _features(column: Column, sample: Ints) -> list[Floats]:
    """A column as features around zero; what is missing is zero and, where that is common, a feature itself."""
    if column.is_category:
        codes = range(len(column.categories))
        shares = [float((column.values[sample] == code).mean()) for code in codes]
        return [(column.values == code) - share for code, share in zip(codes, shares, strict=True) if share > RARE]
    missing = np.isnan(column.values)
    known = column.values[sample][~missing[sample]]
    found: list[Floats] = []
    if len(known):
        middle, (low, high) = np.median(known), np.quantile(known, [0.05, 0.95])
        width = (high - low) / 3.3 or float(known.std()) or 1.0
        found.append(np.where(missing, 0.0, np.clip((column.values - middle) / width, -FAR, FAR)))
    if RARE < (share := float(missing[sample].mean())) < 1:
        found.append(missing - share)
    return found


def _days(time: Floats | None, count: int) -> Ints:
    """The day of each row, from 0: the real ones where there are enough leads in each, else parts of equal size."""
    if time is not None:
        moments, day, sizes = np.unique(np.floor(time), return_inverse=True, return_counts=True)
        if FEWEST_REAL <= len(moments) <= MOST_REAL and np.median(sizes) >= FEWEST_A_DAY:
            return day.astype(np.int64)
    a_day = max(FEWEST_A_DAY, min(max(A_DAY, count // MOST_DAYS), count // FEWEST_DAYS))
    return np.arange(count) // a_day


def _most_telling(cells: Floats, outcome: Bools) -> list[int]:
    """The five features that tell most by themselves; the first five where nothing is known yet."""
    if not 0 < outcome.sum() < len(outcome):
        return list(range(min(5, cells.shape[1])))
    telling = [abs(sklearn_metrics.roc_auc_score(outcome, cells[:, i]) - 0.5) for i in range(cells.shape[1])]
    return sorted(range(cells.shape[1]), key=lambda i: -telling[i])[:5]
