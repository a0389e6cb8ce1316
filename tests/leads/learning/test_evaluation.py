"""The figures are those of rows that were not learned from; columns that know the outcome are named and left out."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from leads.learning import evaluation, metrics, tables
from outreach.core.errors import Invalid
from tests.leads.learning import histories


@cache
def report(*, with_leaks: bool = False, time: str = "", drift: float = 0.0) -> evaluation.Report:
    data = histories.school(1_500, with_leaks=with_leaks, drift=drift)
    return evaluation.evaluate(tables.read(io.BytesIO(data), target="Converted", time=time))


def test_leaking_columns_are_named_and_change_nothing():
    leaking = report(with_leaks=True)
    assert {leak.column for leak in leaking.leaks} == {"Tags", "Lead Quality", "Contract date"}
    assert leaking.auc_with_leaks > 0.98
    assert abs(leaking.measures["auc"] - report().measures["auc"]) < 0.02


def test_honest_columns_are_never_called_leaks():
    assert report().leaks == []
    assert report().auc_with_leaks is None


def test_it_is_as_good_as_a_logistic_regression_or_better():
    honest = report()
    assert honest.measures["auc"] > honest.rival["auc"] - 0.01
    assert honest.measures["brier"] < honest.rival["brier"] + 0.003
    assert honest.measures["auc"] > 0.84


def test_what_is_said_is_what_happens():
    assert report().measures["calibration_error"] < 0.04


def test_chance_is_called_chance():
    data = histories.school(2_000, with_leaks=False)
    lines = data.decode().splitlines()
    labels = np.random.default_rng(5).permutation([line.rsplit(",", 1)[1] for line in lines[1:]])
    mixed = [line.rsplit(",", 1)[0] + f",{label}" for line, label in zip(lines[1:], labels, strict=True)]
    found = evaluation.evaluate(tables.read(io.BytesIO("\n".join([lines[0], *mixed]).encode()), target="Converted"))
    low, high = found.auc_interval
    assert low < 0.5 < high or abs(found.measures["auc"] - 0.5) < 0.04


def test_with_times_the_past_predicts_what_came_later():
    later = report(time="Created")
    assert later.split == "time"
    assert later.rows_measured < later.rows
    assert later.measures["auc"] > 0.82


def test_a_changing_world_is_told():
    assert any("share of successes changed" in warning for warning in report(time="Created", drift=5.0).warnings)


def test_alike_rows_do_not_fall_into_two_parts():
    """Every row ten times: were twins in both parts, a column of chance would predict the outcome."""
    random = np.random.default_rng(2)
    noise = [f"{value:.6f}" for value in random.random(300) * 1e6]
    won = random.integers(0, 2, 300)
    data = histories.written({"noise": noise * 10, "won": list(won) * 10})
    assert evaluation.evaluate(tables.read(io.BytesIO(data), target="won")).measures["auc"] < 0.6


def test_contradicting_rows_are_told():
    data = histories.written({"size": ["1", "2"] * 200, "won": ["1"] * 200 + ["0"] * 200})
    assert any("twin" in w for w in evaluation.evaluate(tables.read(io.BytesIO(data), target="won")).warnings)


def test_the_json_has_its_documented_keys():
    found = report(with_leaks=True).as_json()
    assert {"auc", "average_precision", "log_loss", "brier", "leaks", "calibration", "lift_at_10"} <= set(found)
    assert "Tags" in found["leaks"]


def test_the_same_file_gives_the_same_figures():
    data = histories.school(600, with_leaks=False)
    one, two = (evaluation.evaluate(tables.read(io.BytesIO(data), target="Converted")) for _ in range(2))
    assert one.measures == two.measures


@pytest.mark.parametrize("share", [0.1, 0.2])
def test_lift_counts_the_best(share):
    outcome = np.array([1] * 20 + [0] * 80, dtype=bool)
    assert metrics.lift(outcome, np.linspace(1, 0, 100), share) == pytest.approx(1 / 0.2)


def test_the_interval_holds_the_figure():
    random = np.random.default_rng(3)
    cells = random.normal(size=(400, 2))
    outcome = cells[:, 0] + random.normal(size=400) > 0
    said = LogisticRegression().fit(cells, outcome).predict_proba(cells)[:, 1]
    low, high = metrics.auc_interval(outcome, said)
    assert low < roc_auc_score(outcome, said) < high


@pytest.mark.parametrize("kind", ["one day", "outcome turns once"])
def test_dates_that_leave_no_split_are_explained(kind):
    days = ["2026-01-01"] * 400 if kind == "one day" else [f"2026-01-{1 + i // 20:02d}" for i in range(400)]
    won = [i % 2 for i in range(400)] if kind == "one day" else [int(i >= 200) for i in range(400)]
    data = histories.written({"day": days, "size": [i % 37 for i in range(400)], "won": won})
    with pytest.raises(Invalid) as refused:
        evaluation.evaluate(tables.read(io.BytesIO(data), target="won", time="day"))
    assert refused.value.code == "no_split"


def test_absurd_amounts_do_no_harm():
    random = np.random.default_rng(4)
    sizes = random.normal(size=400)
    data = histories.written(
        {"absurd": ["1e308", "-1e308"] * 200, "size": sizes.round(4), "won": (sizes > 0).astype(int)}
    )
    assert np.isfinite(evaluation.evaluate(tables.read(io.BytesIO(data), target="won")).measures["log_loss"])


def test_copies_stay_on_one_side_of_every_split_and_are_told():
    """A coin toss for each lead, every lead ten times: whoever meets a copy again knows the answer."""
    random = np.random.default_rng(1)
    size, won = random.normal(size=150), random.random(150) < 0.5
    data = histories.written({"size": np.repeat(size, 10), "won": np.repeat(won, 10).astype(int)})
    report = evaluation.evaluate(tables.read(io.BytesIO(data), target="won"))
    assert 0.3 < report.measures["auc"] < 0.65
    assert any("repeat another row" in warning for warning in report.warnings)
