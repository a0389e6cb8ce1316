# ruff: noqa: S608  (statements are put together from our own texts, values are parameters)
"""Finds probable duplicates: a few statements over what changed, each by an index, never over the whole table."""

from __future__ import annotations

from typing import Any

from django.db import connection

from leads.duplicates.likeness import is_one_name, may_be_one
from leads.duplicates.models import Kind, Reason
from leads.models import Lead
from outreach.core.addresses import FREE_MAIL, is_free_mail_sql

MOST_PAIRS_EACH = 5
"""A name that half a firm shares says nothing: of each record so many partners are looked at."""

LEADS_OF_BATCH = (
    "SELECT id FROM leads_lead WHERE batch_id = %(batch)s UNION"
    " SELECT coalesce(lead_id, row_id) FROM imports_change WHERE batch_id = %(batch)s AND model IN ('lead', 'identity')"
)
COMPANIES_OF_BATCH = (
    "SELECT id FROM leads_company WHERE batch_id = %(batch)s UNION"
    " SELECT row_id FROM imports_change WHERE batch_id = %(batch)s AND model = 'company'"
)
THESE = "SELECT unnest(%(ids)s::bigint[])"

_IS_FREE_ADDRESS = is_free_mail_sql("split_part(i.address, '@', 2)", "%(free)s")
_SWAPPED = "CASE WHEN a.name_key LIKE '%% %%' AND a.name_key NOT LIKE '%% %% %%' THEN split_part(a.name_key, ' ', 2) || ' ' || split_part(a.name_key, ' ', 1) ELSE a.name_key END"
_LEADS: tuple[tuple[Reason, float, str], ...] = (
    (
        Reason.TAGGED_ADDRESS,
        0.95,
        (
            "SELECT i.lead_id, o.lead_id FROM these t JOIN leads_identity i ON i.lead_id = t.id AND i.channel = 'email'"
            " AND position('+' IN i.address) > 1"
            " JOIN leads_identity o ON o.channel = 'email' AND o.address = regexp_replace(i.address, '\\+[^@]*@', '@')"
        ),
    ),
    (
        Reason.SAME_NAME_AND_COMPANY,
        0.9,
        (
            "SELECT a.id, b.id FROM these t JOIN leads_lead a ON a.id = t.id AND a.name_key <> '' AND a.company_id IS NOT NULL"
            " CROSS JOIN LATERAL (SELECT l.id FROM leads_lead l WHERE l.company_id = a.company_id AND l.id <> a.id"
            f" AND l.name_key IN (a.name_key, {_SWAPPED}) AND l.erased_at IS NULL LIMIT %(most)s) b"
        ),
    ),
    (
        Reason.SAME_NAME_AND_DOMAIN,
        0.85,
        (
            "SELECT a.id, b.id FROM these t JOIN leads_lead a ON a.id = t.id AND a.name_key LIKE '%% %%'"
            " JOIN leads_identity i ON i.lead_id = a.id AND i.channel = 'email'"
            f" AND NOT {_IS_FREE_ADDRESS}"
            " CROSS JOIN LATERAL (SELECT l.id FROM leads_lead l JOIN leads_identity o ON o.lead_id = l.id AND o.channel = 'email'"
            f" WHERE l.name_key IN (a.name_key, {_SWAPPED}) AND l.id <> a.id AND l.erased_at IS NULL"
            " AND split_part(o.address, '@', 2) = split_part(i.address, '@', 2) LIMIT %(most)s) b"
        ),
    ),
)
_COLLEAGUES = """
WITH these(id) AS MATERIALIZED ({these})
SELECT a.id, b.id, a.name_key, b.name_key, a.title_key, b.title_key FROM these t
JOIN leads_lead a ON a.id = t.id AND a.name_key LIKE '%% %%' AND a.company_id IS NOT NULL AND a.erased_at IS NULL
CROSS JOIN LATERAL (
    SELECT l.id, l.name_key, l.title_key FROM leads_lead l WHERE l.company_id = a.company_id AND l.id <> a.id AND l.erased_at IS NULL
    AND l.name_key <> a.name_key AND string_to_array(l.name_key, ' ') && string_to_array(a.name_key, ' ') LIMIT 20
) b
WHERE (SELECT count(*) FROM (SELECT 1 FROM leads_lead x WHERE x.company_id = a.company_id LIMIT {most}) n) < {most}
"""
"""Colleagues who share a word of their names; not in firms so large that everybody shares one."""
LARGE_FIRM = 300
SIMILAR = 0.7
_NO_CONFLICT = (
    "(l.tax_id = '' OR a.tax_id = '' OR l.tax_id = a.tax_id)"
    " AND (l.registration_number = '' OR a.registration_number = '' OR l.registration_number = a.registration_number)"
)
_COMPANIES: tuple[tuple[Reason, float, str], ...] = (
    (
        Reason.SAME_TAX_ID,
        0.95,
        (
            "SELECT a.id, b.id FROM these t JOIN leads_company a ON a.id = t.id AND a.tax_id <> ''"
            " CROSS JOIN LATERAL (SELECT l.id FROM leads_company l WHERE l.id <> a.id AND l.merged_into_id IS NULL AND l.tax_id IN"
            " (a.tax_id, a.country || a.tax_id, CASE WHEN a.tax_id ~ '^[A-Z]{2}[0-9]' THEN substr(a.tax_id, 3) ELSE a.tax_id END)"
            " LIMIT %(most)s) b"
        ),
    ),
    (
        Reason.SAME_DOMAIN,
        0.8,
        (
            "SELECT a.id, b.id FROM these t JOIN leads_company a ON a.id = t.id AND a.domain <> ''"
            f" AND NOT {is_free_mail_sql('a.domain', '%(free)s')}"
            " CROSS JOIN LATERAL (SELECT l.id FROM leads_company l WHERE l.domain = a.domain AND l.domain <> '' AND l.id <> a.id"
            f" AND l.merged_into_id IS NULL AND {_NO_CONFLICT} LIMIT %(most)s) b"
        ),
    ),
    (
        Reason.SAME_NAME,
        0.75,
        (
            "SELECT a.id, b.id FROM these t JOIN leads_company a ON a.id = t.id AND a.name_key <> ''"
            " CROSS JOIN LATERAL (SELECT l.id FROM leads_company l WHERE l.name_key = a.name_key AND l.id <> a.id"
            f" AND l.merged_into_id IS NULL AND {_NO_CONFLICT}"
            " AND (l.country = a.country OR l.country = '' OR a.country = '') LIMIT %(most)s) b"
        ),
    ),
)
_LIVING = {
    Kind.LEAD: "JOIN leads_lead x ON x.id = p.low AND x.erased_at IS NULL JOIN leads_lead y ON y.id = p.high AND y.erased_at IS NULL",
    Kind.COMPANY: "JOIN leads_company x ON x.id = p.low AND x.merged_into_id IS NULL"
    " JOIN leads_company y ON y.id = p.high AND y.merged_into_id IS NULL",
}


def find(*, kind: str, these: str, parameters: dict[str, Any]) -> int:
    """Put the pairs of the records selected by the SQL `these` into the queue; how many are new there."""
    rules = _LEADS if kind == Kind.LEAD else _COMPANIES
    count = sum(_run(kind, reason, score, these, sql, parameters) for reason, score, sql in rules)
    if kind == Kind.LEAD:
        pairs = _similar_colleagues(these, parameters)
        count += _add(kind=kind, pairs=pairs, reason=Reason.SIMILAR_NAME_AND_COMPANY, score=SIMILAR)
    return count


def _similar_colleagues(these: str, parameters: dict[str, Any]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_COLLEAGUES.format(these=these, most=LARGE_FIRM), parameters)
        return [
            (one, other)
            for one, other, name, other_name, title, other_title in cursor.fetchall()
            if is_one_name(name, other_name) and not _are_different_jobs(title, other_title)
        ]


def _are_different_jobs(one: str, other: str) -> bool:
    """Two titles without a word in common speak against one person whose name is merely similar."""
    words, other_words = set(one.split()), set(other.split())
    return bool(words and other_words) and words.isdisjoint(other_words)


def _run(kind: str, reason: str, score: float, these: str, sql: str, parameters: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH these(id) AS MATERIALIZED ({these}), found(one, other) AS ({sql}),"
            " p AS (SELECT DISTINCT least(one, other) AS low, greatest(one, other) AS high FROM found WHERE one <> other)"
            f" INSERT INTO duplicates_duplicate (kind, low_{kind}_id, high_{kind}_id, reason, score, state, decided_by,"
            " created_at, updated_at) SELECT %(kind)s, p.low, p.high, %(reason)s, %(score)s, 'open', '', now(), now()"
            f" FROM p {_LIVING[Kind(kind)]} ON CONFLICT DO NOTHING",
            {
                "kind": kind,
                "reason": str(reason),
                "score": score,
                "most": MOST_PAIRS_EACH,
                "free": list(FREE_MAIL),
                **parameters,
            },
        )
        return int(cursor.rowcount)


def propose(*, pairs: list[tuple[int, int]], reason: str, score: float) -> int:
    """Add pairs of people found elsewhere to the queue, where their names allow it; returns how many are new.

    A switchboard's number or a profile link that two people share says nothing by itself.
    """
    ids = {pk for pair in pairs for pk in pair}
    names = dict(Lead.objects.filter(pk__in=ids).values_list("pk", "name_key"))
    alike = [pair for pair in pairs if may_be_one(names.get(pair[0], ""), names.get(pair[1], ""))]
    return _add(kind=Kind.LEAD, pairs=alike, reason=reason, score=score)


def _add(*, kind: str, pairs: list[tuple[int, int]], reason: str, score: float) -> int:
    sql = "SELECT * FROM unnest(%(ones)s::bigint[], %(others)s::bigint[])"
    columns = {"ones": [one for one, _other in pairs], "others": [other for _one, other in pairs]}
    return _run(kind, reason, score, "SELECT 0", sql, columns) if pairs else 0
