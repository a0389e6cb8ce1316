"""One decision of the active learner (label in, next pick out) beside scikit-learn's classifier fitted again."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF
from threadpoolctl import threadpool_limits

from leads.qualification.learner.active import Learner
from tests.benchmarks import Row

CANDIDATES, DIMENSIONS, LABELS = 5_000, 384, 1_000
LIMIT_MS = 50.0


def run(scale: int) -> list[Row]:
    """Sizes are those of the target; `scale` has no say."""
    del scale
    with threadpool_limits(1):
        return [_decision()]


def _decision() -> Row:
    random = np.random.default_rng(20_260_101)
    vectors = random.normal(size=(CANDIDATES, DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    outcome = vectors @ random.normal(size=DIMENSIONS) > 0
    learner = Learner(vectors)
    for _ in range(LABELS):
        row = learner.next()
        learner.learn(row, bool(outcome[row]))

    def decide() -> None:
        row = learner.next()
        learner.learn(row, bool(outcome[row]))

    ours = statistics.median(_cpu_ms(decide) for _ in range(20))
    known = learner.process.rows[:LABELS]
    rival = _cpu_ms(
        lambda: (
            GaussianProcessClassifier(RBF(learner.process.kernel.length), optimizer=None)
            .fit(vectors[known], outcome[known])
            .predict_proba(vectors)
        )
    )
    return Row(
        name=f"learner: a decision at {LABELS:,} labels, {CANDIDATES:,} candidates (beside scikit-learn fitted again)",
        measured=ours,
        unit="ms CPU",
        reference=rival,
        ratio=ours / rival,
        target=f"≤ {LIMIT_MS:.0f} ms",
        holds=ours <= LIMIT_MS,
    )


def _cpu_ms(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000
