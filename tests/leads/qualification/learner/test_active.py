"""Few labels: the incremental process equals the whole one, and asking well beats asking at random."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import spearmanr
from sklearn.datasets import load_digits
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.metrics import roc_auc_score

from leads.qualification.learner import active
from leads.qualification.learner.bald import bald
from leads.qualification.learner.gaussian_process import Process


@pytest.fixture(scope="module")
def digits():
    """Handwritten digits of unit length; sought are the threes, eights and nines."""
    found = load_digits()
    cells = found.data - found.data.mean(0)
    return cells / np.linalg.norm(cells, axis=1, keepdims=True), np.isin(found.target, [3, 8, 9])


def labelled(vectors, outcome, count: int) -> Process:
    process = Process.over(vectors)
    for row in np.random.default_rng(4).choice(len(vectors), count):
        process.add(int(row), bool(outcome[row]))
    return process


@pytest.mark.parametrize("count", [1, 7, 63, 64, 65, 200])
def test_label_by_label_equals_everything_at_once(digits, count):
    process = labelled(*digits, count)
    mean, variance = process.mean.copy(), process.variance.copy()
    process.refit()
    assert np.abs(mean - process.mean).max() < 1e-8
    assert np.abs(variance - process.variance).max() < 1e-8


def test_it_agrees_with_scikit_learn(digits):
    vectors, outcome = digits
    process = labelled(vectors, outcome, 80)
    kernel = process.kernel
    theirs = GaussianProcessRegressor(
        ConstantKernel(kernel.signal) * RBF(kernel.length) + ConstantKernel(kernel.bias) + WhiteKernel(kernel.noise),
        optimizer=None,
    ).fit(vectors[process.rows], process.labels)
    mean, deviation = theirs.predict(vectors, return_std=True)
    assert np.abs(mean - process.mean).max() < 1e-6
    assert np.abs(deviation**2 - kernel.noise - process.variance).max() < 1e-6


def test_what_a_label_would_be_without_itself(digits):
    """The closed form of leaving one out equals leaving it out."""
    vectors, outcome = digits
    process = labelled(vectors, outcome, 30)
    mean, variance = process.left_out()
    without = Process(vectors, process.kernel, searched_at=1_000)
    for row, label in zip(process.rows[1:], process.labels[1:], strict=True):
        without.add(row, label > 0)
    assert mean[0] == pytest.approx(without.mean[process.rows[0]], abs=1e-8)
    assert variance[0] == pytest.approx(without.variance[process.rows[0]] + process.kernel.noise, abs=1e-8)


def by_quadrature(mean, variance, points=80):
    nodes, weights = np.polynomial.hermite_e.hermegauss(points)
    latent = mean[:, None] + np.sqrt(variance)[:, None] * nodes
    expected = (entropy(ndtr(latent)) * weights).sum(1) / weights.sum()
    return entropy(ndtr(mean / np.sqrt(variance + 1))) - expected


def entropy(probability):
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))


def test_the_closed_form_of_bald_is_as_good_as_quadrature():
    random = np.random.default_rng(0)
    mean, variance = random.normal(0, 1.2, 2_000), random.gamma(1, 0.5, 2_000)
    assert spearmanr(bald(mean, variance), by_quadrature(mean, variance)).statistic > 0.99


def test_asking_for_the_most_telling_label_beats_asking_at_random(digits):
    ours, theirs = (
        active.curve(*digits, pick=pick, at=[50, 100], repeats=2) for pick in (active.most_telling, active.at_random)
    )
    assert ours.auc[1] > theirs.auc[1] > 0.9


def test_probabilities_fit_what_happens(digits):
    vectors, outcome = digits
    learner = active.Learner(vectors)
    for row in np.random.default_rng(1).choice(len(vectors), 150, replace=False):
        learner.learn(int(row), bool(outcome[row]))
    rest = ~learner.is_labelled
    said = learner.probability()
    assert roc_auc_score(outcome[rest], said[rest]) > 0.95
    assert abs(said[rest].mean() - outcome[rest].mean()) < 0.05


def test_no_candidate_is_asked_for_twice(digits):
    vectors, outcome = digits
    learner = active.Learner(vectors[:30])
    asked = []
    for _ in range(30):
        asked.append(learner.next())
        learner.learn(asked[-1], bool(outcome[asked[-1]]))
    assert len(set(asked)) == 30
    with pytest.raises(ValueError, match="labelled"):
        learner.next()


def test_one_class_only_does_no_harm(digits):
    learner = active.Learner(digits[0][:200])
    for _ in range(40):
        learner.learn(learner.next(), True)
    assert np.isfinite(learner.probability()).all()


def test_alike_candidates_do_no_harm():
    learner = active.Learner(np.ones((50, 4)) / 2)
    for number in range(20):
        learner.learn(learner.next(), number % 2 == 0)
    assert np.isfinite(learner.probability()).all()


def test_covariances_are_what_a_label_would_take_from_the_variance(digits):
    vectors, outcome = digits
    process = Process.over(vectors[:60])
    for row in range(5):
        process.add(row, bool(outcome[row]))
    before, everyone = process.variance.copy(), np.arange(60)
    lowered = process.covariance(np.array([40]), everyone)[0] ** 2 / (before[40] + process.kernel.noise)
    process.add(40, True)
    assert process.variance == pytest.approx(before - lowered)


def test_with_few_labels_a_candidate_like_no_other_can_wait():
    random = np.random.default_rng(0)
    crowd = np.array([1.0, 0, 0, 0, 0]) + random.normal(0, 0.05, (60, 5))
    other = np.array([0, 1.0, 0, 0, 0]) + random.normal(0, 0.05, (60, 5))
    vectors = np.vstack([crowd, other, [[-1.0, 0, 0, 0, 1.0]]])
    learner = active.Learner(vectors / np.linalg.norm(vectors, axis=1)[:, None])
    learner.learn(learner.next(), True)
    told = bald(learner.process.mean, learner.process.variance)
    assert told.argmax() == 120
    assert learner.next() != 120
