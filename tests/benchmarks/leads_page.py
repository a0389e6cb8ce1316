"""The leads page at any depth beside a raw fetch of the same rows by a prepared statement."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from django.db import connection

from leads import selectors
from leads.models import Lead
from tests.benchmarks import Row
from tests.benchmarks.intake import empty

PAGE = 100
RAW = (
    "SELECT l.id, l.kind, l.full_name, l.title, l.country, l.city, l.language, l.status, l.tags, l.last_contacted_at, l.created_at,"
    " l.company_id, c.name FROM leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id"
    " WHERE l.erased_at IS NULL AND l.id < %s ORDER BY l.id DESC LIMIT 101"
)
RAW_ADDRESSES = "SELECT lead_id, channel, address FROM leads_identity WHERE lead_id = ANY(%s)"


def fill(rows: int) -> tuple[int, int]:
    """`rows` leads with company and e-mail, made by the database; the lowest and highest id."""
    empty()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_company (name, name_key, domain, website, country, city, industry, segment, tax_id, registration_number,"
            " phone, status, research_text, tags, attributes, source, external_id, session_key, created_at, updated_at)"
            " SELECT 'Firm ' || n, 'firm ' || n, '', '', 'DE', '', 'fintech', '', '', '', '', '', '', '{}', '{}', '', '', '', now(), now()"
            " FROM generate_series(1, %s) n",
            [max(1, rows // 10)],
        )
        cursor.execute(
            "INSERT INTO leads_lead (kind, company_id, first_name, last_name, full_name, name_key, title, title_key, description, url,"
            " country, region, city, postal_code, time_zone, language, status, tags, attributes, research, source, external_id,"
            " session_key, content_hash, created_at, updated_at)"
            " SELECT 'person', (SELECT min(id) FROM leads_company) + n %% %s, 'P', 'N' || n, 'Person N' || n, 'person n' || n, 'CTO', 'cto',"
            " '', '', (ARRAY['DE','RU','US','FR'])[1 + n %% 4], '', 'City', '', '', 'de', CASE WHEN n %% 50 = 0 THEN 'warm' ELSE '' END,"
            " '{}', '{}', '{}', '', '', '', '', now(), now() FROM generate_series(1, %s) n",
            [max(1, rows // 10), rows],
        )
        cursor.execute(
            "INSERT INTO leads_identity (lead_id, channel, address, is_primary, status, status_reason, created_at, updated_at)"
            " SELECT id, 'email', 'p' || id || '@x.example', true, 'unknown', '', now(), now() FROM leads_lead"
        )
        for table in ("leads_company", "leads_lead", "leads_identity"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    ids = Lead.objects.order_by("pk").values_list("pk", flat=True)
    return ids.first() or 0, ids.last() or 0


def percentiles(work: Callable[[int], object], depths: list[int]) -> tuple[float, float]:
    """(p50, p95) in ms."""
    for depth in depths[:10]:
        work(depth)
    times = []
    for depth in depths:
        start = time.perf_counter()
        work(depth)
        times.append((time.perf_counter() - start) * 1000)
    cuts = statistics.quantiles(times, n=20)
    return statistics.median(times), cuts[18]


def raw(after: int) -> list[tuple[object, ...]]:
    connection.ensure_connection()
    rows = connection.connection.execute(RAW, [after], prepare=True).fetchall()
    connection.connection.execute(RAW_ADDRESSES, [[row[0] for row in rows]], prepare=True).fetchall()
    return rows  # type: ignore[no-any-return]


def run(scale: int) -> list[Row]:
    """At ten times `scale` leads: any depth, the deepest pages, a count."""
    low, high = fill(scale * 10)
    dice = random.Random(3)
    anywhere = [dice.randint(low + PAGE, high) for _ in range(150)]
    deepest = [low + PAGE + dice.randint(0, 500) for _ in range(60)]

    def page(after: int) -> object:
        return selectors.lead_list(after=after, limit=PAGE)

    raw50, _raw95 = percentiles(raw, anywhere)
    p50, p95 = percentiles(page, anywhere)
    deep50, _deep95 = percentiles(page, deepest)
    count50, _count95 = percentiles(lambda _depth: selectors.lead_count(), anywhere[:30])
    found50, _found95 = percentiles(
        lambda depth: selectors.lead_list(search=f"n{depth - low}", limit=PAGE), anywhere[:30]
    )
    empty()
    return [
        Row(
            "leads page, any depth, p50",
            p50,
            "ms",
            raw50,
            p50 / raw50,
            "≤ 8 ms and ≤ 4 × raw",
            p50 <= 8 and p50 <= 4 * raw50,
        ),
        Row("leads page, any depth, p95", p95, "ms", raw50, p95 / raw50, "≤ 15 ms", p95 <= 15),
        Row("leads page, deepest beside any", deep50, "ms", p50, deep50 / p50, "≤ 1.5 ×", deep50 <= 1.5 * p50),
        Row("leads, count capped at 10,001", count50, "ms", p50, count50 / p50, "≤ 10 ms", count50 <= 10),
        Row("leads, search by a name", found50, "ms", p50, found50 / p50, "≤ 50 ms", found50 <= 50),
    ]
