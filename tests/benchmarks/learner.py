"""One decision of the active learner (label in, next pick out) beside scikit-learn's classifier fitted again; the same
from the database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF
from threadpoolctl import threadpool_limits

from leads.insights.models import LeadEmbedding
from leads.models import Lead
from leads.qualification import services as briefs
from leads.qualification.labelling import labels, queue
from leads.qualification.learner.active import Learner
from leads.qualification.models import Label
from outreach.llm import embeddings
from tests.benchmarks import Row
from tests.campaigns.factories import make_user

CANDIDATES, DIMENSIONS, LABELS = 5_000, 384, 1_000
LIMIT_MS = 50.0


def run(scale: int) -> list[Row]:
    """Sizes are those of the target; `scale` has no say."""
    del scale
    with threadpool_limits(1):
        return [_decision(), _labelling()]


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


def _labelling() -> Row:
    """CPU of the whole choice for the labelling page, queries included, after the queue was made."""
    user = make_user("reviewer")
    brief = briefs.save_brief(name="CTOs", description="", factors={}, use_model=False, created_by=user)
    leads = Lead.objects.bulk_create(Lead(full_name=f"Lead {n}") for n in range(CANDIDATES))
    random = np.random.default_rng(1)
    vectors = random.normal(size=(CANDIDATES, embeddings.DIMENSIONS)).astype(np.float32)
    outcome = vectors @ random.normal(size=embeddings.DIMENSIONS) > 0
    LeadEmbedding.objects.bulk_create(
        (
            LeadEmbedding(
                lead=lead, embedder=embeddings.current().id, vector=vector / np.linalg.norm(vector), content_hash="h"
            )
            for lead, vector in zip(leads, vectors, strict=True)
        ),
        batch_size=500,
    )
    Label.objects.bulk_create(
        Label(brief=brief, lead=lead, is_positive=bool(yes), source="labelling", given_by=user)
        for lead, yes in zip(leads[:LABELS], outcome, strict=False)
    )
    queue.next_choice(brief)
    taken = []
    for number in range(10):
        choice = queue.next_choice(brief)
        assert choice is not None
        labels.give(brief=brief, lead=choice.lead, is_positive=number % 2 == 0, source="labelling", user=user)
        taken.append(_cpu_ms(lambda: queue.next_choice(brief)))
    ours = statistics.median(taken)
    return Row(
        name=f"learner: the next person to label, from the database, at {LABELS:,} labels of {CANDIDATES:,} candidates",
        measured=ours,
        unit="ms CPU",
        reference=LIMIT_MS,
        ratio=ours / LIMIT_MS,
        target=f"≤ {LIMIT_MS:.0f} ms",
        holds=ours <= LIMIT_MS,
    )


def _cpu_ms(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000
