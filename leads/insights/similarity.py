"""Leads that are about the same: over all of them by the graph index, within a narrow set exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import ProgrammingError, connection, transaction
from psycopg.errors import UndefinedFunction

from leads.insights.models import LeadEmbedding
from leads.models import Lead
from leads.segments import selectors as segments
from outreach.core.errors import Refused
from outreach.core.words import gettext as _
from outreach.llm import embeddings

NARROW = 5_000
"""Up to so many leads a filter is answered exactly: an index of neighbours loses most of them behind a narrow one."""
SEARCHED = 60
"""Candidates that the graph search keeps (`hnsw.ef_search`): recall above .95 at p95 below 5 ms."""

_SETTINGS = (
    "SELECT set_config('hnsw.ef_search', %s, true), set_config('hnsw.iterative_scan', 'relaxed_order', true),"
    " set_config('enable_seqscan', %s, true)"
)
_GLOBAL = """
SELECT e.lead_id, 1 - (e.vector <=> q.vector) AS likeness
FROM (SELECT vector, embedder FROM insights_leadembedding WHERE lead_id = %(lead)s) q,
LATERAL (
    SELECT n.lead_id, n.vector FROM insights_leadembedding n
    WHERE n.embedder = q.embedder AND n.lead_id <> %(lead)s {among}
    ORDER BY n.vector <=> q.vector LIMIT %(limit)s
) e ORDER BY likeness DESC, e.lead_id
"""
_EXACT = """
SELECT e.lead_id, 1 - (e.vector <=> q.vector) AS likeness
FROM insights_leadembedding q JOIN insights_leadembedding e ON e.embedder = q.embedder
WHERE q.lead_id = %(lead)s AND e.lead_id = ANY(%(ids)s) AND e.lead_id <> %(lead)s
ORDER BY (e.vector <=> q.vector) + 0.0, e.lead_id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Similar:
    """A lead and how much it is like the other one: 1: the same, 0: nothing in common."""

    lead: Lead
    likeness: float

    @property
    def percent(self) -> int:
        return max(0, min(100, round(self.likeness * 100)))


def similar(*, lead: Lead, limit: int = 5, criteria: dict[str, Any] | None = None) -> list[Similar]:
    """The leads most like `lead`, the likest first; with `criteria` (the segments' language) only such.

    Raises `Refused` `no_vector` when the lead has none of the current embedder yet, `no_similarity_search` where the
    database server lacks the extension, `Invalid` for bad criteria.
    """
    if not has_vector(lead):
        raise Refused(
            _("This lead has no vector yet. It gets one within a minute of its last change."), code="no_vector"
        )
    found = nearest(lead_id=lead.pk, limit=limit, criteria=criteria)
    leads = Lead.objects.alive().select_related("company").in_bulk([pk for pk, _likeness in found])
    return [Similar(leads[pk], likeness) for pk, likeness in found if pk in leads]


def has_vector(lead: Lead) -> bool:
    """Whether the lead can be compared now."""
    return LeadEmbedding.objects.filter(lead=lead, embedder=embeddings.current().id).exists()


def nearest(*, lead_id: int, limit: int, criteria: dict[str, Any] | None = None) -> list[tuple[int, float]]:
    """(id, likeness) of the nearest leads of the same embedder."""
    if criteria is None:
        return _searched(_GLOBAL.format(among=""), {"lead": lead_id, "limit": limit})
    sql, parameters = segments.lead_ids_query(criteria)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT {NARROW + 1}", parameters)
        ids = [row[0] for row in cursor.fetchall()]
    if len(ids) <= NARROW:
        return _searched(_EXACT, {"lead": lead_id, "ids": ids, "limit": limit})
    return _searched(_GLOBAL.format(among=f"AND n.lead_id IN ({sql})"), {**parameters, "lead": lead_id, "limit": limit})


def _searched(sql: str, parameters: dict[str, Any]) -> list[tuple[int, float]]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SETTINGS, [str(SEARCHED), "on"])
            cursor.execute(sql, parameters)
            return [(int(pk), float(likeness)) for pk, likeness in cursor.fetchall()]
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedFunction):
            raise
        sentence = _("The database server has no pgvector, so similar leads can't be searched.")
        raise Refused(sentence, code="no_similarity_search") from error


def criteria_of(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Criteria in the segments' language, or None without any filter."""
    entries: list[dict[str, Any]] = []
    if values.get("country"):
        entries.append({"field": "lead.country", "operator": "in", "value": [values["country"].upper()]})
    if values.get("tag"):
        entries.append({"field": "lead.tags", "operator": "has_tag", "value": values["tag"]})
    if values.get("segment") and values["segment"].current:
        entries.append(values["segment"].current.criteria)
    return {"all": entries} if entries else None
