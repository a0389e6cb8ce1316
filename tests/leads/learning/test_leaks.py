"""Planted leaks are found by name; strong measurements of an outcome that is easy to predict are not called leaks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from leads.learning import leaks
from leads.learning.tables import Column, Table

EASY, HARD = 0.985, 0.88
"""What the columns that are not suspect reach together: as measured on this set, and as on a history of leads."""


def tumours(**planted) -> Table:
    """Measurements of tumours (scikit-learn's), of which six reach an AUC of 0.93 alone, and columns of our own."""
    data = load_breast_cancer()
    columns = [Column(str(name), "number", data.data[:, i]) for i, name in enumerate(data.feature_names)]
    columns += [Column(name, "number", np.asarray(values, dtype=float)) for name, values in planted.items()]
    return Table(tuple(columns), data.target == 1, "benign", "1", None, len(data.target), ())


def names(table: Table, *, rest: float) -> set[str]:
    return {leak.column for leak in leaks.find(table, auc_without=lambda _gone: rest, auc_with_all=0.99)}


def test_strong_measurements_are_no_leaks_where_the_others_do_as_well():
    assert names(tumours(), rest=EASY) == set()


def test_the_same_measurements_are_suspect_where_nothing_else_comes_close():
    assert "worst perimeter" in names(tumours(), rest=HARD)


@pytest.mark.parametrize("kind", ["copy", "copy with errors", "nearly", "filled in", "days until", "number"])
def test_a_planted_leak_is_named(kind):
    random, outcome = np.random.default_rng(1), load_breast_cancer().target == 1
    count, sure = len(outcome), outcome.astype(float)
    planted = {
        "copy": sure,
        "copy with errors": np.where(random.random(count) < 0.02, 1 - sure, sure),
        "nearly": sure + random.normal(0, 0.15, count),
        "filled in": np.where(outcome, random.random(count), np.nan),
        "days until": np.where(outcome, random.exponential(5, count), random.uniform(60, 400, count)),
        "number": np.where(outcome, 10_000, 20_000) + random.permutation(count),
    }
    assert names(tumours(**{kind: planted[kind]}), rest=EASY) == {kind}


def test_a_running_number_is_a_leak_only_where_the_rows_are_in_the_order_of_the_outcome():
    random, outcome = np.random.default_rng(2), load_breast_cancer().target == 1
    by_outcome = np.argsort(np.argsort(outcome + random.random(len(outcome)) * 2))
    assert names(replace(tumours(), ids=(number(by_outcome),)), rest=EASY) == {"row"}
    assert names(replace(tumours(), ids=(number(random.permutation(len(outcome))),)), rest=EASY) == set()


def number(values) -> Column:
    return Column("row", "id", values.astype(float))


def test_a_noisy_copy_among_few_rows_is_told_by_its_order():
    random, outcome = np.random.default_rng(1), load_breast_cancer().target == 1
    copied = outcome + random.normal(0, 0.25, len(outcome))
    assert names(tumours(nearly=copied), rest=EASY) == {"nearly"}


@pytest.mark.parametrize(
    ("name", "is_leak"),
    [("duration", True), ("Call Duration", True), ("Contract date", True), ("contract", False), ("minutes", False)],
)
def test_a_name_that_speaks_of_later_makes_a_telling_column_a_leak(name, is_leak):
    random, outcome = np.random.default_rng(1), load_breast_cancer().target == 1
    telling = outcome + random.normal(0, 1, len(outcome))  # an AUC of about 0.76
    assert names(tumours(**{name: telling}), rest=EASY) == ({name} if is_leak else set())
