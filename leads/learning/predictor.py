"""The predictor of outcomes: a logistic regression and boosted trees, mixed.

The first is steady where data is scarce, the second finds what acts together; how much each counts is found on a quarter
of the rows. Everything is fitted on the rows given to `fit` alone, medians and rare categories included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leads.learning.tables import Column, Table
from outreach.core.late import late

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import Pipeline

compose = late("sklearn.compose")
ensemble = late("sklearn.ensemble")
impute = late("sklearn.impute")
linear_model = late("sklearn.linear_model")
sklearn_metrics = late("sklearn.metrics")
model_selection = late("sklearn.model_selection")
pipeline = late("sklearn.pipeline")
preprocessing = late("sklearn.preprocessing")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

LIBRARIES = ("scipy.linalg", "sklearn.ensemble")
"""What computes here with threads of its own."""

NARROW = 1_000
"""Up to this many features Newton's method is fastest and converges in a few steps; its memory grows with their square."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass
class Predictor:
    """Fitted on some rows of a table; gives probabilities for others of the same columns."""

    logistic: Pipeline
    trees: HistGradientBoostingClassifier
    categories: list[int]
    tree_share: float = 0.5

    def logistic_alone(self, cells: Floats) -> Floats:
        """The rival: what the logistic regression says by itself."""
        return np.asarray(self.logistic.predict_proba(cells)[:, 1], dtype=float)

    def predict(self, cells: Floats) -> Floats:
        """Probabilities of success, shape (rows,)."""
        return self.tree_share * self.trees_alone(cells) + (1 - self.tree_share) * self.logistic_alone(cells)

    def trees_alone(self, cells: Floats) -> Floats:
        found = self.trees.predict_proba(_for_trees(cells, self.categories))[:, 1]
        return np.asarray(found, dtype=float)


def cells_of(table: Table) -> Floats:
    """All columns side by side, shape (rows, columns)."""
    return np.column_stack([column.values for column in table.columns])


def parts(count: int, outcome: Bools, groups: Ints) -> Iterator[tuple[Ints, Ints]]:
    """So many pairs of rows to learn from and the rest, with the same share of successes; a group is never torn apart."""
    rows = np.zeros(len(outcome))
    if len(np.unique(groups)) < len(groups):
        yield from model_selection.StratifiedGroupKFold(count, shuffle=True, random_state=1).split(
            rows, outcome, groups
        )
    else:
        yield from model_selection.StratifiedKFold(count, shuffle=True, random_state=1).split(rows, outcome)


def fit(columns: tuple[Column, ...], cells: Floats, outcome: Bools, groups: Ints) -> Predictor:
    """Learn from `cells` (rows, columns) and their outcomes. Rows of one group (copies) stay on one side of any split."""
    train, test = next(parts(4, outcome, groups))
    tried = _fit(columns, cells[train], outcome[train])
    one, other = tried.trees_alone(cells[test]), tried.logistic_alone(cells[test])
    losses = {share: sklearn_metrics.log_loss(outcome[test], share * one + (1 - share) * other) for share in SHARES}
    result = _fit(columns, cells, outcome)
    result.tree_share = min(losses, key=lambda share: losses[share])
    return result


def _fit(columns: tuple[Column, ...], cells: Floats, outcome: Bools) -> Predictor:
    categories = [i for i, column in enumerate(columns) if column.is_category]
    amounts = [i for i, column in enumerate(columns) if not column.is_category]
    parts: list[tuple[str, Any, list[int]]] = []
    if amounts:
        even = preprocessing.QuantileTransformer(
            n_quantiles=min(200, len(cells)), output_distribution="normal", random_state=1
        )
        fill = impute.SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        raw = preprocessing.RobustScaler(quantile_range=(5, 95))
        both = pipeline.make_union(even, raw)  # an effect may go by rank or by amount
        parts.append(("amounts", pipeline.make_pipeline(fill, both), amounts))
    if categories:
        one_hot = preprocessing.OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5)
        parts.append(("categories", one_hot, categories))
    prepared = compose.ColumnTransformer(parts)
    width = prepared.fit_transform(cells).shape[1]
    regression = linear_model.LogisticRegression(
        C=0.5, max_iter=500, solver="newton-cholesky" if width <= NARROW else "lbfgs"
    )
    logistic = pipeline.make_pipeline(prepared, regression)
    logistic.fit(cells, outcome)
    trees = ensemble.HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=160 if len(cells) > 1_000 else 60,
        max_leaf_nodes=15,
        min_samples_leaf=20,
        l2_regularization=1.0,
        categorical_features=categories or None,
        random_state=1,
    )
    trees.fit(_for_trees(cells, categories), outcome)
    return Predictor(logistic, trees, categories)


def _for_trees(cells: Floats, categories: list[int]) -> Floats:
    """Trees take a missing category as missing, not as a category of its own number."""
    if not categories:
        return cells
    copied = cells.copy()
    copied[:, categories] = np.where(copied[:, categories] < 0, np.nan, copied[:, categories])
    return copied
