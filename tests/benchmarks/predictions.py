"""Predictions of outcomes: one candidate asked as a page does, and people in bulk (CPU time: nothing is waited for)."""

from __future__ import annotations

import time
from statistics import median

from campaigns.models import Candidate
from campaigns.predictions import services, training
from campaigns.predictions.encoding import Known
from campaigns.scoring.features import FEATURES
from leads.qualification.factors import NAMES
from tests.benchmarks import Row
from tests.campaigns.factories import make_campaign, make_candidate
from tests.campaigns.predictions.histories import Past, write_history

SINGLE_MS, BULK = 5.0, 50_000
PEOPLE = 5_000


def run(scale: int) -> list[Row]:
    """`scale` people in bulk (CPU time: nothing is waited for)."""
    write_history(Past(people=PEOPLE, campaigns=20))
    started = time.perf_counter()
    training.learn()
    learned = time.perf_counter() - started
    candidate = make_candidate(make_campaign())
    single = median(_timed(candidate) for _n in range(50)) * 1000
    knowledge = services.in_force()
    assert knowledge is not None
    facts = Known(dict.fromkeys(FEATURES, 1.0), dict.fromkeys(NAMES, 0.7), 0.7)
    people = {pk: (pk % 20, facts) for pk in range(scale)}
    started = time.process_time()
    found = services.chances(knowledge, people)
    bulk = len(found) / (time.process_time() - started)
    ids = list(Candidate.objects.values_list("pk", flat=True)[:PEOPLE])
    started = time.perf_counter()
    read = len(services.predict(ids, knowledge)) / (time.perf_counter() - started)
    return [
        _row(
            "a prediction for one candidate, with its queries", single, "ms", SINGLE_MS, "≤ 5 ms", single <= SINGLE_MS
        ),
        _row("predictions in bulk, from facts", bulk, "/s", BULK, "≥ 50,000/s", bulk >= BULK),
        _row("predictions in bulk, read from the database", read, "/s", BULK, "told", True),
        _row(f"a night of predictions from {PEOPLE:,} people", learned, "s", 60, "told", True),
    ]


def _timed(candidate: Candidate) -> float:
    started = time.perf_counter()
    assert services.predict([candidate.pk])[candidate.pk].reply is not None
    return time.perf_counter() - started


def _row(name: str, measured: float, unit: str, reference: float, target: str, holds: bool) -> Row:
    ratio = measured / reference
    return Row(
        name=name, measured=measured, unit=unit, reference=reference, ratio=ratio, target=target, holds=holds
    )  # fmt: skip
