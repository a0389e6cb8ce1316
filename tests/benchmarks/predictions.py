"""Predictions of outcomes: one candidate asked as a page does, and people in bulk, each beside the plain way of doing it.

The rivals run in the same minute on the same data: scikit-learn's logistic regression over rows that Django's ORM loads.
By the clock the best of a few runs counts, the others say how busy the machine is.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from django.db import connection
from sklearn.linear_model import LogisticRegression

from campaigns.models import Candidate
from campaigns.predictions import services, training
from campaigns.predictions.encoding import COLUMNS, Known, encode
from campaigns.predictions.facts import Facts, facts_of
from campaigns.scoring.features import FEATURES
from campaigns.scoring.models import ScoredFeatures
from leads.qualification.factors import NAMES
from leads.qualification.models import Verdict
from leads.qualification.services import save_brief
from tests.benchmarks import Row
from tests.campaigns.factories import make_campaign, make_candidate
from tests.campaigns.predictions.histories import Past, write_history

SINGLE_MS, BULK = 5.0, 50_000
PEOPLE = 5_000
CAMPAIGNS = 20


def run(scale: int) -> list[Row]:
    """`scale` people in bulk, all of them with a verdict and kept features."""
    campaigns = write_history(Past(people=PEOPLE, campaigns=CAMPAIGNS))
    started = time.perf_counter()
    training.learn()
    learned = time.perf_counter() - started
    candidate = make_candidate(make_campaign())
    knowledge = services.in_force()
    assert knowledge is not None
    rival = LogisticRegression().fit(np.random.default_rng(1).normal(size=(100, len(COLUMNS))), [0, 1] * 50)
    single = _cpu_ms(lambda: services.predict([candidate.pk])[candidate.pk].reply)
    plain = _cpu_ms(lambda: _by_rows(rival, [candidate.pk]))
    people = Facts(
        list(range(scale)), [n % CAMPAIGNS for n in range(scale)], np.tile(facts_of([candidate.pk]).cells, (scale, 1))
    )
    bulk = scale / _seconds(lambda: services.chances(knowledge, people), time.process_time)
    ids = _judged(scale, campaigns)
    read = scale / min(_seconds(lambda: services.predict(ids, knowledge), time.perf_counter) for _n in range(5))
    by_rows = scale / min(_seconds(lambda: _by_rows(rival, ids), time.perf_counter) for _n in range(2))
    return [
        Row(name="a prediction for one candidate, with its queries, CPU (beside: rows by the ORM, scikit-learn)",
            measured=single, unit="ms", reference=plain, ratio=single / plain, target="≤ 5 ms", holds=single <= SINGLE_MS),
        Row(name="predictions in bulk, from facts, CPU", measured=bulk, unit="/s", reference=BULK, ratio=bulk / BULK,
            target="≥ 50,000/s", holds=bulk >= BULK),
        Row(name=f"{scale:,} predictions read from the database (beside: rows by the ORM, scikit-learn)", measured=read,
            unit="/s", reference=by_rows, ratio=read / by_rows, target="≥ 50,000/s", holds=read >= BULK),
        Row(name=f"a night of predictions from {PEOPLE:,} people", measured=learned, unit="s", reference=60,
            ratio=learned / 60, target="told", holds=True),
    ]  # fmt: skip


def _judged(count: int, campaigns: list[Any]) -> list[int]:
    """So many candidates with verdicts whose factors have sentences, as real ones have, and with kept features."""
    draw = random.Random(2)
    brief = save_brief(name="b", description="", factors={}, use_model=False, created_by=None)
    leads = list(Candidate.objects.order_by("pk").values_list("lead", flat=True)[:PEOPLE])
    each = -(-count // len(leads))
    new = [make_campaign(state="sending") for _n in range(each)]
    factors = {
        name: {"value": 0.7, "weight": 1.0, "reason": "Names two of the words that you are looking for"}
        for name in NAMES
    }
    verdicts = Verdict.objects.bulk_create(
        [Verdict(lead_id=lead, brief=brief, brief_hash="h", version="1", source="rules", score=draw.random(), factors=factors, is_qualified=True, lead_hash="h", coverage=1.0)
         for lead in leads]
    )  # fmt: skip
    rows = Candidate.objects.bulk_create(
        [Candidate(campaign=one, lead_id=v.lead_id, stage="qualified", verdict=v) for one in new for v in verdicts][
            :count
        ]
    )
    values = dict.fromkeys(FEATURES, 1.0)
    taken_at = campaigns[0].created_at
    ScoredFeatures.objects.bulk_create(
        [ScoredFeatures(candidate=row, values=values, taken_at=taken_at) for row in rows]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [row.pk for row in rows]


def _by_rows(model: Any, ids: list[int]) -> Any:
    """The plain way: whole rows by the ORM, cells made one by one."""
    rows = Candidate.objects.filter(pk__in=ids).select_related("verdict", "scored_features", "campaign")
    people = []
    for row in rows:
        kept = getattr(row, "scored_features", None)
        factors = row.verdict.factors if row.verdict else {}
        values = {name: part["value"] for name, part in factors.items()}
        people.append(Known(kept.values if kept else None, values, row.verdict.score if row.verdict else None))
    return model.predict_proba(encode(people))


def _cpu_ms(work: Callable[[], Any], *, times: int = 50) -> float:
    return median(_seconds(work, time.process_time) for _n in range(times)) * 1000


def _seconds(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    started = clock()
    work()
    return clock() - started
