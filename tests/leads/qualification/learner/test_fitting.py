"""A learner is a function of its labels, knows how sure it is, and keeps its promise when it decides alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from leads.qualification.learner import fitting
from leads.qualification.learner.active import most_telling
from leads.qualification.learner.calibration import LEAST_LABELS, bounds, interval
from leads.qualification.learner.logistic import Logistic


@pytest.fixture(scope="module")
def digits():
    """Handwritten digits of unit length; sought are the threes, eights and nines."""
    found = load_digits()
    cells = found.data - found.data.mean(0)
    order = np.random.default_rng(3).permutation(len(cells))
    vectors = cells / np.linalg.norm(cells, axis=1, keepdims=True)
    return vectors[order], np.isin(found.target, [3, 8, 9])[order]


def fit(vectors, outcome, **options):
    marks = [f"{n}{positive}" for n, positive in enumerate(outcome)]
    return fitting.fit(vectors, outcome, marks, promised=options.pop("promised", 0.05), **options)


@pytest.mark.parametrize("count", [1, 9, 10, 57, 150])
def test_labels_one_by_one_and_all_at_once_make_the_same_learner(digits, count):
    vectors, outcome = digits
    process = fitting.start(vectors)
    for row in range(count):
        process.add(row, bool(outcome[row]))
    fitted = fit(vectors[:count], outcome[:count])
    assert process.kernel == fitted.engine.kernel
    mean, variance = fitted.engine.at(vectors)
    assert np.abs(mean - process.mean).max() < 1e-6
    assert np.abs(variance - process.variance).max() < 1e-6


def test_a_process_that_is_resumed_goes_on_as_if_it_had_never_stopped(digits):
    vectors, outcome = digits
    straight = fitting.start(vectors)
    for row in range(60):
        straight.add(row, bool(outcome[row]))
    points = fit(vectors[:50], outcome[:50]).points
    resumed = fitting.resume(vectors, range(50), outcome[:50], points)
    for row in range(50, 60):
        resumed.add(row, bool(outcome[row]))
    assert np.abs(straight.mean - resumed.mean).max() < 1e-6


def test_known_points_of_the_curve_are_reused_and_those_of_other_labels_are_not(digits):
    vectors, outcome = digits
    before = fit(vectors[:100], outcome[:100])
    after = fit(vectors[:120], outcome[:120], known=before.points)
    assert after.points == fit(vectors[:120], outcome[:120]).points
    changed = outcome[:120].copy()
    changed[3] = ~changed[3]
    assert all(point not in before.points for point in fit(vectors[:120], changed, known=before.points).points)


def test_the_curve_rises_and_its_interval_narrows(digits):
    points = fit(digits[0][:300], digits[1][:300]).points
    assert points[0].labels == 10 and points[-1].labels == 300
    assert points[-1].auc > 0.95 > points[0].auc
    assert points[-1].high - points[-1].low < points[0].high - points[0].low
    assert points[-1].low < points[-1].accuracy < points[-1].high


def test_few_labels_or_one_answer_never_decide_alone(digits):
    vectors, outcome = digits
    few = fit(vectors[: LEAST_LABELS - 1], outcome[: LEAST_LABELS - 1])
    assert (few.yes_from, few.no_to) == (None, None)
    alike = fit(vectors[:80], np.ones(80, dtype=bool))
    assert (alike.yes_from, alike.no_to) == (None, None)
    assert alike.points[-1].auc is None
    assert np.isfinite(alike.probability(vectors)).all()


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_decisions_keep_the_promised_error_rate(digits, seed):
    """150 labels asked for, two in ten of them at random; the rest is decided where the learner is sure."""
    vectors, outcome = digits
    random = np.random.default_rng(seed)
    order = random.permutation(len(outcome))
    vectors, outcome = vectors[order], outcome[order]
    process, is_labelled = fitting.start(vectors), np.zeros(len(outcome), dtype=bool)
    for number in range(150):
        row = (
            int(random.choice(np.flatnonzero(~is_labelled))) if number % 5 == 0 else most_telling(process, is_labelled)
        )
        process.add(row, bool(outcome[row]))
        is_labelled[row] = True
    fitted = fit(vectors[process.rows], outcome[process.rows])
    assert fitted.yes_from is not None and fitted.no_to is not None
    p = fitted.probability(vectors[~is_labelled])
    sure = (p >= fitted.yes_from) | (p <= fitted.no_to)
    wrong = (p[sure] >= 0.5) != outcome[~is_labelled][sure]
    assert sure.mean() > 0.3
    assert wrong.mean() <= 0.05


def test_contradicting_labels_of_alike_leads_make_it_unsure():
    vectors = np.tile(np.eye(4)[0], (80, 1))
    outcome = np.arange(80) % 2 == 0
    fitted = fit(vectors, outcome)
    assert (fitted.yes_from, fitted.no_to) == (None, None)
    assert fitted.probability(vectors[:1])[0] == pytest.approx(0.5, abs=0.05)


def test_a_bound_is_never_below_what_was_promised():
    said = np.linspace(0.5, 0.9, 100)
    outcome = np.ones(100, dtype=bool)
    outcome[:10] = False
    yes_from, _no_to = bounds(said, outcome, 0.05)
    assert yes_from == 0.95


def test_the_interval_of_a_share():
    low, high = interval(0.5, 10)
    assert (round(low, 3), round(high, 3)) == (0.237, 0.763)
    assert interval(0.5, 0) == (0.0, 1.0)


class TestLogistic:
    def test_its_mode_is_that_of_scikit_learn(self, digits):
        vectors, outcome = digits
        ours = Logistic.fit(vectors[:500], outcome[:500], precision=1.0)
        theirs = LogisticRegression(C=1.0, tol=1e-8, max_iter=1_000).fit(vectors[:500], outcome[:500])
        assert np.abs(ours.weights[:-1] - theirs.coef_[0]).max() < 0.02

    def test_leaving_one_out_is_what_leaving_it_out_would_give(self, digits):
        vectors, outcome = digits[0][:200], digits[1][:200]
        whole = Logistic.fit(vectors, outcome, precision=1.0)
        claimed, _variance = whole.left_out()
        for row in (0, 7, 50, 120):
            rest = np.arange(200) != row
            mean, _spread = Logistic.fit(vectors[rest], outcome[rest], precision=1.0).at(vectors[row : row + 1])
            assert claimed[row] == pytest.approx(mean[0], abs=0.03)

    def test_it_takes_over_with_many_labels_and_is_no_worse(self, digits, monkeypatch):
        vectors, outcome = digits
        process = fit(vectors[:600], outcome[:600])
        monkeypatch.setattr(fitting, "SWITCH", 600)
        logistic = fit(vectors[:600], outcome[:600])
        assert isinstance(logistic.engine, Logistic)
        rest = slice(600, None)
        auc = [roc_auc_score(outcome[rest], one.probability(vectors[rest])) for one in (process, logistic)]
        assert min(auc) > 0.93
        assert logistic.yes_from is not None

    def test_far_from_the_labels_it_is_less_sure(self, digits):
        vectors, outcome = digits
        fitted = Logistic.fit(vectors[:100], outcome[:100])
        _mean, variance = fitted.at(np.vstack([vectors[:50], vectors[1000:1050] * 5]))
        assert variance[:50].mean() < variance[50:].mean()
