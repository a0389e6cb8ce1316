"""Similar leads by vectors: over all of them beside an exact scan and numpy, and exactly behind a narrow filter."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import connection

from leads.insights import embedding, similarity
from outreach.llm import embeddings, encoder
from tests.benchmarks import Row

QUERIES = 40
LIMIT = 10
CLUSTERS = 400
"""Leads stand in groups, as titles do; vectors at random in 512 dimensions have no neighbours at all."""
NARROW = {"all": [{"field": "lead.country", "operator": "in", "value": ["KZ"]}]}


def run(scale: int) -> list[Row]:
    """`scale` is the number of leads; one in a hundred is of the narrow country."""
    scale = max(1_000, scale)
    vectors, built = _fill(scale)
    try:
        return [*_searches(vectors), *_filtered(vectors), _built(scale, built), *_encoder()]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE leads_lead, leads_company CASCADE")


def _fill(scale: int) -> tuple[Any, float]:
    """Leads with made vectors, and how long the index took."""
    from tests.benchmarks.segments import _insert

    dice = np.random.default_rng(20_260_101)
    centres = dice.normal(size=(CLUSTERS, embeddings.DIMENSIONS))
    vectors = (
        centres[dice.integers(0, CLUSTERS, scale)] + 0.9 * dice.normal(size=(scale, embeddings.DIMENSIONS))
    ).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE leads_lead, leads_company CASCADE")
        cursor.execute("CREATE TEMP TABLE new_lead (id bigint, country text)")
        cursor.execute(
            "INSERT INTO new_lead SELECT n, CASE WHEN n %% 100 = 1 THEN 'KZ' ELSE 'DE' END FROM generate_series(1, %s) n",
            [scale],
        )
        cursor.execute(
            _insert("leads_lead", {"id": "id", "country": "country", "full_name": "'Person ' || id"}, "new_lead")
        )
        cursor.execute("DROP TABLE new_lead")
        cursor.execute("DROP INDEX lead_embedding_hnsw")
        with cursor.copy(
            "COPY insights_leadembedding (lead_id, embedder, vector, content_hash, at) FROM STDIN"
        ) as copy:
            for number, vector in enumerate(vectors, 1):
                text = "[" + ",".join(f"{x:.5f}" for x in vector) + "]"
                copy.write_row((number, "use@bench", text, "", "2026-01-01 00:00:00+00"))
        cursor.execute("SET maintenance_work_mem = '512MB'")
        started = time.perf_counter()
        cursor.execute(
            "CREATE INDEX lead_embedding_hnsw ON insights_leadembedding USING hnsw (vector halfvec_cosine_ops)"
            " WITH (m = 16, ef_construction = 64)"
        )
        built = time.perf_counter() - started
        cursor.execute("RESET maintenance_work_mem")
        for table in ("leads_lead", "insights_leadembedding"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")  # else the searches are made to write what the filling left dirty
    return vectors, built


def _timed(work: Callable[[int], Any], ids: list[int]) -> tuple[list[float], list[Any]]:
    work(ids[0])
    taken, found = [], []
    for number in ids:
        started = time.perf_counter()
        found.append(work(number))
        taken.append((time.perf_counter() - started) * 1000)
    return taken, found


def _nearest(vectors: Any, number: int, among: Any = None) -> list[int]:
    likeness = vectors @ vectors[number - 1]
    likeness[number - 1] = -2
    if among is not None:
        likeness = np.where(among, likeness, -2)
    best = np.argpartition(-likeness, LIMIT)[:LIMIT]
    return [int(i) + 1 for i in best[np.argsort(-likeness[best])]]


def _recall(found: list[list[tuple[int, float]]], wanted: list[list[int]]) -> float:
    return statistics.mean(
        len({pk for pk, _likeness in rows} & set(best)) / LIMIT for rows, best in zip(found, wanted, strict=True)
    )


def _p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def _searches(vectors: Any) -> list[Row]:
    ids = [int(n) for n in np.random.default_rng(1).integers(1, len(vectors) + 1, QUERIES)]
    by_numpy, wanted = _timed(lambda n: _nearest(vectors, n), ids)
    taken, found = _timed(lambda n: similarity.nearest(lead_id=n, limit=LIMIT), ids)
    exact, _rows = _timed(_exact_scan, ids[:5])
    recall, p95 = _recall(found, wanted), _p95(taken)
    return [
        Row("similar leads over all, p95 (beside numpy over memory)", p95, "ms", statistics.median(by_numpy),
            p95 / statistics.median(by_numpy), "≤ 5 ms", p95 <= 5),
        Row("similar leads over all, recall of 10 (beside exact)", recall, "", 1, recall, "≥ .95", recall >= 0.95),
        Row("similar leads over all, beside an exact scan", statistics.median(taken), "ms", statistics.median(exact),
            statistics.median(taken) / statistics.median(exact), "≤ ½ of the scan", statistics.median(taken) <= statistics.median(exact) / 2),
    ]  # fmt: skip


def _exact_scan(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.lead_id FROM insights_leadembedding e, insights_leadembedding q WHERE q.lead_id = %s"
            " ORDER BY (e.vector <=> q.vector) + 0.0 LIMIT 10",
            [number],
        )
        cursor.fetchall()


def _filtered(vectors: Any) -> list[Row]:
    among = np.arange(1, len(vectors) + 1) % 100 == 1
    ids = [int(n) for n in np.random.default_rng(2).integers(1, len(vectors) + 1, QUERIES)]
    by_numpy, wanted = _timed(lambda n: _nearest(vectors, n, among), ids)
    taken, found = _timed(lambda n: similarity.nearest(lead_id=n, limit=LIMIT, criteria=NARROW), ids)
    recall, p95 = _recall(found, wanted), _p95(taken)
    beside = statistics.median(by_numpy)
    return [
        Row("similar leads of one country in a hundred, p95", p95, "ms", beside, p95 / beside, "≤ 20 ms", p95 <= 20),
        Row("similar leads of one country in a hundred, recall", recall, "", 1, recall, "1 (to half precision ≥ .99)", recall >= 0.99),
    ]  # fmt: skip


def _built(scale: int, seconds: float) -> Row:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('lead_embedding_hnsw')")
        size = int(cursor.fetchone()[0])
    return Row("vectors indexed a second", scale / seconds, "/s", size / scale, scale / seconds / 1000, "≥ 300 /s (beside: bytes a vector)", scale / seconds >= 300)  # fmt: skip


def _encoder() -> list[Row]:
    """The shipped encoder and hashed words over the same texts, by processor time."""
    texts = [
        f"Head of logistics {n}, machinery, Berlin, plans supply of pumps and valves for plants" for n in range(200)
    ]
    rates = {}
    for name, work in (("use", embeddings._embed_by_sentence_encoder), ("hash", embeddings.embed_by_hash)):
        work(texts[:1])
        started = time.process_time()
        work(texts)
        rates[name] = len(texts) / (time.process_time() - started)
    encoder.release()
    assert len(texts) >= embedding.BATCH
    return [Row("texts embedded by the shipped encoder, a CPU second (beside hashed words)", rates["use"], "/s", rates["hash"], rates["use"] / rates["hash"], "≥ 100 /s", rates["use"] >= 100)]  # fmt: skip
