"""Preview and count of segments, beside one bare scan of the same leads in the same run."""

from __future__ import annotations

import io
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from leads import changes
from leads.segments import selectors
from tests.benchmarks import Row

FOUNDER = {
    "all": [
        {"field": "company.country", "operator": "in", "value": ["RU"]},
        {"field": "company.is_sme", "operator": "equals", "value": True},
        {"field": "company.industry", "operator": "any_of", "value": ["fintech"]},
        {"field": "lead.title", "operator": "any_of", "value": ["CTO", "Head of IT"]},
        {"field": "lead.last_contacted_at", "operator": "not_within_days", "value": 60},
    ]
}
WORDS = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["CTO", "Head of IT"]}]}
BROAD = {"all": [{"field": "lead.country", "operator": "in", "value": ["RU", "DE"]}]}
RARE = {"all": [{"field": "lead.title", "operator": "contains", "value": "no such title"}]}

_LEVELS = ("", "Senior ", "Junior ", "Lead ", "Deputy ", "Старший ", "Chief ", "Assistant ")
_ROLES = ("CTO", "CEO", "Head of IT", "Director", "Accountant", "Engineer", "Sales Manager", "Бухгалтер", "Менеджер", "Designer",
          "Analyst", "Recruiter", "Финансовый директор", "Marketing Manager", "Product Owner", "Architect", "Support Agent", "Buyer", "Editor", "Lawyer")  # fmt: skip
_INDUSTRIES = ("Fintech", "Retail", "Logistics", "Media", "Energy", "Food", "Health", "Education", "Games", "Travel")
_TAILS = ("", " EMEA", " II", ", R&D", " (remote)")
_COUNTRIES = ("RU", "DE", "KZ", "US", "GB")


def run(scale: int) -> list[Row]:
    """`scale` is the number of leads; there is a company for every ten."""
    _fill(scale)
    try:
        return _rows(scale)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE leads_lead, leads_company CASCADE")


def _rows(scale: int) -> list[Row]:
    scan = _scan()
    page = {"limit": 20}
    return [
        _row("segment preview, founder's example", lambda: selectors.preview(FOUNDER, **page), scan, 50),
        _row("segment preview, words in the title", lambda: selectors.preview(WORDS, **page), scan, 50),
        _row("segment preview, two countries", lambda: selectors.preview(BROAD, **page), scan, 50),
        _row("segment count, founder's example", lambda: selectors.count(FOUNDER, None), scan, 100),
        _row("segment count, words in the title", lambda: selectors.count(WORDS, None), scan, 100),
        _row("segment count up to the cap, two countries", lambda: selectors.count(BROAD), scan, 10),
        _row("segment count, nobody matches", lambda: selectors.count(RARE, None), scan, 100),
        _beside("segment count exact, two countries", lambda: selectors.count(BROAD, None), scan),
        _row("audience of 10,000 ids", _audience, scan, 150),
    ]


def _fill(scale: int) -> None:
    """Companies and leads with a spread of titles, made the same at every run."""
    dice = random.Random(20_260_101)
    companies = max(1, scale // 10)
    firms = ((n, dice.choice(_COUNTRIES), dice.choice(_INDUSTRIES), dice.choice("tf")) for n in range(1, companies + 1))
    people = (
        (n, dice.choice(_LEVELS) + dice.choice(_ROLES) + dice.choice(_TAILS), dice.choice(_COUNTRIES),
         dice.randint(1, companies), dice.randint(0, 400))
        for n in range(1, scale + 1)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE leads_lead, leads_company CASCADE")
        cursor.execute("CREATE TEMP TABLE new_company (id bigint, country text, industry text, is_sme boolean)")
        cursor.execute("CREATE TEMP TABLE new_lead (id bigint, title text, country text, company_id bigint, age int)")
        _copy(cursor, "new_company", firms)
        _copy(cursor, "new_lead", people)
        columns = {name: name for name in ("id", "country", "industry", "is_sme")}
        cursor.execute(_insert("leads_company", columns | {"name": "'Company ' || id"}, "new_company"))
        columns = {name: name for name in ("id", "country", "title", "company_id")} | {
            "title_key": "lower(title)",
            "full_name": "'Person ' || id",
            "last_contacted_at": "CASE WHEN age < 200 THEN now() - make_interval(days => age) END",
        }
        cursor.execute(_insert("leads_lead", columns, "new_lead"))
        cursor.execute("DROP TABLE new_company, new_lead")
        changes.record_selected("SELECT id FROM leads_lead")
        for table in ("leads_company", "leads_lead", "leads_title"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _copy(cursor: Any, table: str, rows: Any) -> None:
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(str(value) for value in row) + "\n")
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        copy.write(buffer.getvalue())


def _insert(table: str, given: dict[str, str], source: str) -> str:
    """INSERT … SELECT with the model's own defaults for every other column."""
    from django.apps import apps

    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    columns = dict(given)
    for field in model._meta.concrete_fields:
        if field.column in columns or field.null:
            continue
        kind = field.get_internal_type()
        default = {"DateTimeField": "now()", "JSONField": "'{}'::jsonb", "ArrayField": "'{}'::text[]"}.get(kind)
        value = field.get_default() if default is None else default
        columns[field.column] = default or ("'" + str("" if value is None else value) + "'")
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {source}"


def _scan() -> float:
    """Milliseconds of one scan of the leads that looks at the title and nothing else, on one core."""

    def scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0; SET enable_indexonlyscan = off; SET enable_indexscan = off; SET enable_bitmapscan = off")  # fmt: skip
            cursor.execute("SELECT count(*) FROM leads_lead WHERE erased_at IS NULL AND title_key LIKE '%no such%'")
            cursor.execute("RESET max_parallel_workers_per_gather; RESET enable_indexonlyscan; RESET enable_indexscan; RESET enable_bitmapscan")  # fmt: skip

    return statistics.median(_times(scan, 7))


def _audience() -> None:
    sql, parameters = selectors.lead_ids_query(BROAD)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT 10000", parameters)
        cursor.fetchall()


def _times(work: Callable[[], Any], times: int) -> list[float]:
    work()
    taken = []
    for _round in range(times):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _row(name: str, work: Callable[[], Any], scan: float, most_ms: float) -> Row:
    """p95 beside the scan; the target is in milliseconds, for a million leads."""
    p95 = statistics.quantiles(_times(work, 20), n=20)[-1]
    return Row(f"{name}, p95", p95, "ms", scan, p95 / scan, f"≤ {most_ms:g} ms", p95 <= most_ms)


def _beside(name: str, work: Callable[[], Any], scan: float) -> Row:
    median = statistics.median(_times(work, 9))
    return Row(name, median, "ms", scan, median / scan, "≤ 1 bare scan", median <= scan)
