"""What is known of candidates now, as columns of numbers.

SQL by hand, because `python -m tests.benchmarks predictions` earns it: the database takes the JSON apart and answers
with one array for each column, in its binary form, so that no verdict is loaded whole and no number becomes text.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from campaigns.models import Candidate
from campaigns.predictions.encoding import CHANNELS, centred
from campaigns.scoring.features import FEATURES, FROM
from campaigns.scoring.models import ScoredFeatures
from campaigns.steps.models import Step
from leads.qualification.factors import NAMES
from leads.qualification.models import Verdict

MOST = 20_000
"""Candidates of one query: its arrays are held whole."""
_CELLS = [
    *(f"COALESCE((f.values->>'{name}')::float8, n.{name}, 0)" for name in FEATURES),
    "(f.id IS NOT NULL OR n.id IS NOT NULL)::int::float8",
    *(f"(v.factors->'{name}'->>'value')::float8" for name in NAMES),
    "v.score",
    "(v.score IS NOT NULL)::int::float8",
    *(f"(COALESCE(s.channel, '') = '{name}')::int::float8" for name in CHANNELS),
]
_COLUMNS = ["k.id::float8", "k.campaign_id::float8", *(f"COALESCE({cell}, 'NaN')" for cell in _CELLS)]
_ARRAY_HEADER_BYTES = 20
_ELEMENT = np.dtype([("size", ">i4"), ("value", ">f8")])
"""An array of one dimension without NULLs, as PostgreSQL's `array_send` writes it."""
_SQL = f"""
    SELECT {", ".join(f"array_send(array_agg({column}))" for column in _COLUMNS)}
    FROM {Candidate._meta.db_table} k
    LEFT JOIN {Verdict._meta.db_table} v ON v.id = k.verdict_id
    LEFT JOIN {ScoredFeatures._meta.db_table} f ON f.candidate_id = k.id
    LEFT JOIN LATERAL (
        SELECT l.id, {", ".join(f"{feature.sql} AS {name}" for name, feature in FEATURES.items())}
        FROM {FROM} WHERE f.id IS NULL AND l.id = k.lead_id
        OFFSET 0 -- asked for one by one, where nothing was kept; joined as a whole it would read all leads
    ) n ON true
    LEFT JOIN LATERAL (
        SELECT t.channel FROM {Step._meta.db_table} t WHERE t.campaign_id = k.campaign_id ORDER BY t.number LIMIT 1
    ) s ON true
    WHERE k.id = ANY(%s)
"""  # noqa: S608


@dataclass(frozen=True)
class Facts:
    """Candidates that there are, their campaigns, and their cells, shape (candidates, columns), as `encode` gives them."""

    ids: list[int]
    campaigns: list[int]
    cells: NDArray[np.float64]


def facts_of(ids: Collection[int]) -> Facts:
    """One query for 20,000 candidates: verdict, features kept or else present ones, channel of the first step."""
    wanted = list(ids)
    parts = [np.empty((0, len(_COLUMNS)))]
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), MOST):
            cursor.execute(_SQL, [wanted[start : start + MOST]])
            parts.append(np.column_stack([_numbers(column) for column in cursor.fetchone() or ()]))
    found = np.concatenate(parts)
    ids_found, campaigns = found[:, :2].astype(int).T.tolist()
    return Facts(ids_found, campaigns, centred(found[:, 2:]))


def _numbers(array: bytes | None) -> NDArray[np.float64]:
    """The numbers of an array in binary form; no row: none."""
    if array is None:
        return np.empty(0)
    return np.frombuffer(array, _ELEMENT, offset=_ARRAY_HEADER_BYTES)["value"].astype(float)
