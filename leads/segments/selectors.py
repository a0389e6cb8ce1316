"""Reads of segments: who matches, how many, by which plan, and what values a field has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, models, transaction
from django.urls import reverse

from leads.imports.models import BATCH, Batch
from leads.segments import compiler, fields
from leads.segments.models import Segment, SegmentVersion
from leads.segments.schema import Node
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.words import gettext as _

COUNT_CAP = 10_001
STATEMENT_TIMEOUT_MS = 15_000
LISTED_TITLES = 8_000
"""Titles by whose index leads are looked for; more are hashed and every lead of the other conditions is looked at."""
FITTING_TITLES = 30_000
"""Titles that are fetched from the dictionary; when more fit, the database looks them up within the query."""
GLANCE = 30_000
"""Newest leads among which a preview looks for its page: as long as the dictionary of titles takes, which comes next."""
CHOICES = 40
CHOICES_SAMPLE = 5_000

Criteria = dict[str, Any] | Node

_FROM = "FROM leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id WHERE l.erased_at IS NULL"
_FROM_LEADS = "FROM leads_lead l WHERE l.erased_at IS NULL"
"""For criteria that ask nothing of companies: a join that the planner takes away again still keeps it from answering by an index alone."""


@dataclass(frozen=True)
class PreviewRow:
    """One matching lead, as the preview shows it."""

    id: int
    full_name: str
    title: str
    company: str
    country: str
    city: str
    last_contacted_at: datetime | None

    @property
    def name(self) -> str:
        return self.full_name or self.title or f"#{self.id}"

    @property
    def url(self) -> str:
        """The lead's page."""
        return reverse("leads:detail", args=[self.id])


@dataclass(frozen=True)
class Plan:
    """What the database is going to do: total cost in the planner's units, estimated rows, kinds of its steps."""

    cost: float
    rows: int
    steps: list[str]


def lead_ids_query(criteria: Criteria) -> tuple[str, dict[str, Any]]:
    """SQL and parameters of the ids of all leads that match; erased leads never do. Raises `Invalid`."""
    return _matching_query("l.id", criteria)


def _matching_query(what: str, criteria: Criteria) -> tuple[str, dict[str, Any]]:
    predicate = compiler.compile_criteria(criteria, now=clock.now(), titles=titles_that_fit, listed=LISTED_TITLES)
    source = _FROM if "c." in predicate.sql else _FROM_LEADS
    return f"SELECT {what} {source} AND ({predicate.sql})", predicate.parameters


def titles_that_fit(condition: str, parameters: dict[str, Any]) -> list[str] | None:
    """Titles of the dictionary for which `condition` (SQL over `t`) holds; None when they are too many to be fetched."""
    rows = _rows(
        f"SELECT DISTINCT t.title_key FROM leads_title t WHERE {condition} LIMIT {FITTING_TITLES + 1}",  # noqa: S608 - column texts of the registry
        parameters,
    )
    return [row[0] for row in rows] if len(rows) <= FITTING_TITLES else None


def count(criteria: Criteria, cap: int | None = COUNT_CAP) -> int:
    """How many leads match; counting stops at `cap` (show “more than 10,000”), None counts all."""
    sql, parameters = _matching_query("1", criteria)  # no column: an index may answer alone
    if cap is not None:
        sql = f"{sql} LIMIT {int(cap)}"
    return int(_rows(f"SELECT count(*) FROM ({sql}) matching", parameters)[0][0])  # noqa: S608 - column texts of the registry


def preview(criteria: Criteria, limit: int = 20, after: int | None = None) -> list[PreviewRow]:
    """The newest `limit` matches; `after` is the id of the last row of the page before."""
    below, parameters = ("AND l.id < %(after)s", {"after": after}) if after is not None else ("", {})
    predicate = compiler.compile_criteria(criteria, now=clock.now())
    if compiler.TITLE in predicate.sql:
        newest = f"(SELECT l.* FROM leads_lead l WHERE l.erased_at IS NULL {below} ORDER BY l.id DESC LIMIT {GLANCE})"  # noqa: S608 - a number
        rows = _page(_FROM.replace("leads_lead l", f"{newest} l"), predicate, limit, parameters)
        if len(rows) == limit:
            return rows
        predicate = compiler.compile_criteria(criteria, now=clock.now(), titles=titles_that_fit, listed=LISTED_TITLES)
        return _page(f"{_FROM} {below}", predicate, limit, parameters, order="l.id + 0")
    return _page(f"{_FROM} {below}", predicate, limit, parameters)


def from_each_place(criteria: Criteria, limit: int) -> list[int]:
    """Ids of `limit` matches at most: the newest of each time zone, country and city among `COUNT_CAP` of them."""
    sql, parameters = lead_ids_query(criteria)
    rows = _rows(
        f"SELECT max(l.id) FROM ({sql} LIMIT {COUNT_CAP}) found JOIN leads_lead l ON l.id = found.id"  # noqa: S608 - our own texts
        f" GROUP BY l.time_zone, l.country, l.city ORDER BY 1 DESC LIMIT {int(limit)}",
        parameters,
    )
    return [pk for (pk,) in rows]


def _page(
    source: str, predicate: compiler.Predicate, limit: int, parameters: dict[str, Any], *, order: str = "l.id"
) -> list[PreviewRow]:
    """The first rows; with an `order` that no index has, the few that match are found first and put in order then."""
    rows = _rows(
        "SELECT l.id, l.full_name, l.title, coalesce(c.name, ''), coalesce(nullif(l.country, ''), c.country, ''),"
        f" l.city, l.last_contacted_at {source} AND ({predicate.sql}) ORDER BY {order} DESC LIMIT {int(limit)}",
        {**predicate.parameters, **parameters},
    )
    return [PreviewRow(*row) for row in rows]


def matching(criteria: Criteria, lead_ids: list[int]) -> set[int]:
    """Those of `lead_ids` that match."""
    predicate = compiler.compile_criteria(criteria, now=clock.now())
    sql = f"SELECT l.id {_FROM} AND l.id = ANY(%(ids)s) AND ({predicate.sql})"
    return {row[0] for row in _rows(sql, {**predicate.parameters, "ids": lead_ids})}


def explain(criteria: Criteria) -> Plan:
    """The planner's estimate for counting all matches, without running it."""
    sql, parameters = lead_ids_query(criteria)
    plan = _rows(f"EXPLAIN (FORMAT JSON) {sql}", parameters)[0][0][0]["Plan"]
    return Plan(plan["Total Cost"], plan["Plan Rows"], list(_steps(plan)))


def _steps(plan: dict[str, Any]) -> Iterator[str]:
    where = plan.get("Index Name") or plan.get("Relation Name") or ""
    yield f"{plan['Node Type']} {where}".strip()
    for inner in plan.get("Plans", []):
        yield from _steps(inner)


@contextmanager
def _bounded() -> Iterator[Any]:
    """A cursor whose statements end after a while: criteria are written by people and may be dear."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}")
        yield cursor
        cursor.execute("SET LOCAL statement_timeout = 0")


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    try:
        with _bounded() as cursor:
            cursor.execute(sql, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        raise Refused(
            _("This definition takes too long to evaluate. Add a condition for country, industry or last outreach."),
            code="too_slow",
        ) from error


def choices(field: fields.Field) -> list[tuple[str, str]]:
    """(value, label) suggestions for `field`: values of the newest rows, the commonest first; bounded in cost."""
    if field.choices.startswith("static:"):
        return [(value, _(value.capitalize())) for value in field.choices.removeprefix("static:").split(",")]
    if field.choices == "lead.batch":
        batches = Batch.objects.only("file_name", "created_at").filter(state__in=BATCH.imported)
        return [(str(batch.pk), batch.title) for batch in batches[:CHOICES]]
    if not field.choices:
        return []
    noun, _dot, column = field.choices.partition(".")
    table = {"lead": "leads_lead", "company": "leads_company"}[noun]
    value = f"unnest({column})" if field.type is fields.Type.TAGS else column
    rows = _rows(
        f"SELECT value FROM (SELECT {value} AS value FROM {table} ORDER BY id DESC LIMIT {CHOICES_SAMPLE}) newest"  # noqa: S608
        f" WHERE value <> '' GROUP BY value ORDER BY count(*) DESC, value LIMIT {CHOICES}",
        {},
    )
    return [(field.shown(row[0]), field.shown(row[0])) for row in rows]


def segment_list(*, with_archived: bool = False) -> models.QuerySet[Segment]:
    """All segments with the number of their current version (`number`) and of its criteria (`criteria`)."""
    newest = SegmentVersion.objects.filter(segment=models.OuterRef("pk")).order_by("-number")
    segments = Segment.objects.select_related("created_by").annotate(
        number=models.Subquery(newest.values("number")[:1]),
        criteria=models.Subquery(newest.values("criteria")[:1], output_field=models.JSONField()),
        changed_at=models.Subquery(newest.values("created_at")[:1]),
    )
    return segments if with_archived else segments.filter(archived_at=None)


def versions_between(segment: Segment, old: int | None, new: int | None) -> tuple[SegmentVersion, SegmentVersion]:
    """Two versions by number: `new` is the newest when it is None, `old` the one before `new`.

    Raises `Invalid` for a number that the segment has no version of, and where there is nothing to compare with.
    """
    versions = segment.versions.order_by("-number")
    later = versions.filter(number=new).first() if new is not None else versions.first()
    if later is None:
        raise Invalid("to", _("This version doesn't exist."), code="version_unknown")
    earlier = versions.filter(number=old if old is not None else later.number - 1).first()
    if earlier is None:
        reason = (
            _("This version doesn't exist.")
            if old is not None
            else _("This is the first version; there is no earlier one.")
        )
        raise Invalid("from", reason, code="version_unknown")
    return earlier, later


def users_of(segment: Segment) -> list[str]:
    """What uses a version of `segment`, as names; upper wings are found by their foreign keys alone."""
    names: list[str] = []
    for relation in SegmentVersion._meta.related_objects:
        rows = relation.related_model._default_manager.filter(**{f"{relation.field.name}__segment": segment})
        names.extend(str(row) for row in rows[:20])
    return names
