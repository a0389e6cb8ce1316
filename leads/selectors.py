"""Reads of leads and companies: pages by keyset, the same cost at any depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet

from leads.cleaning import cells as cleaning
from leads.models import Company, Identity, Lead

COUNT_CAP = 10_001
PAGE_SIZE = 50
_LAST = "\U0010ffff"
"""Sorts after every text that starts alike, byte by byte."""
_LEAD_COLUMNS = (
    "id", "kind", "full_name", "title", "country", "city", "language", "status", "tags", "last_contacted_at",
    "last_replied_at", "created_at", "company_id", "company__name", "erased_at",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Rows and where to go on; `next_after` None on the last page."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    next_after: int | None = None


def lead_query(
    *,
    search: str = "",
    country: str = "",
    status: str = "",
    tag: str = "",
    batch: int | None = None,
    company: int | None = None,
) -> QuerySet[Lead]:
    """Leads that are not erased and fit every filter given.

    `search` finds e-mail addresses and phones by their beginning, names by the beginnings of their words, companies
    by the beginning of their name; each through an index.
    """
    query = Lead.objects.alive()
    if country:
        query = query.filter(country=country.upper())
    if status:
        query = query.filter(status=status)
    if tag:
        query = query.filter(tags__contains=[tag.lower()])
    if batch:
        query = query.filter(batch_id=batch)
    if company:
        query = query.filter(company_id=company)
    if text := cleaning.one_line(search):
        query = query.filter(pk__in=ids_found(text))
    return query


def ids_found(search: str) -> QuerySet[Any, Any]:
    """Ids of the leads that `search` finds, as in `lead_query`, for use in another query's condition.

    Found through several indexes and united before anything else is read: an OR of conditions would scan them all.
    """
    text = cleaning.one_line(search)
    lowered = text.lower()
    if "@" in text:
        return _addresses("email", lowered)
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) >= 5 and len(digits) >= len(text) / 2:
        return _addresses("sms", f"+{digits}")
    words = cleaning.key(text).split()
    if not words:
        return Lead.objects.none().values("pk")
    terms = " & ".join(f"'{word}':*" for word in words)
    found = (
        Lead.objects.annotate(words=SearchVector("name_key", config="simple"))
        .filter(words=SearchQuery(terms, search_type="raw", config="simple"))
        .values("pk")
    )
    others: list[QuerySet[Any, Any]] = []
    if prefix := cleaning.company_key(text):
        companies = Company.objects.filter(name_key__gte=prefix, name_key__lt=f"{prefix}{_LAST}").values("pk")
        others.append(Lead.objects.filter(company_id__in=companies[:1000]).values("pk"))
    if " " not in text and len(text) >= 3:
        others.append(_addresses("email", lowered))
    return found.union(*others) if others else found


def _addresses(channel: str, start: str) -> QuerySet[Identity, Any]:
    return Identity.objects.filter(channel=channel, address__gte=start, address__lt=f"{start}{_LAST}").values("lead_id")


def lead_list(*, after: int | None = None, limit: int = PAGE_SIZE, **filters: Any) -> Page:
    """One page of leads, newest first, with company name, primary e-mail and phone. `after` is the last id seen."""
    query = lead_query(**filters)
    if after:
        query = query.filter(pk__lt=after)
    rows: list[dict[str, Any]] = list(query.order_by("-pk").values(*_LEAD_COLUMNS)[: limit + 1])
    page = rows[:limit]
    by_id = {row["id"]: row for row in page}
    for row in page:
        row["email"] = row["phone"] = ""
    identities = Identity.objects.filter(lead_id__in=list(by_id)).exclude(status=Identity.Status.INVALID)
    for lead_id, channel, address in identities.order_by("is_primary", "-pk").values_list(
        "lead_id", "channel", "address"
    ):
        by_id[lead_id]["email" if channel == "email" else "phone" if channel == "sms" else "network"] = address
    return Page(rows=page, next_after=page[-1]["id"] if len(rows) > limit else None)


def lead_count(**filters: Any) -> int:
    """How many leads fit, counted up to `COUNT_CAP`."""
    return lead_query(**filters).values("pk").order_by()[:COUNT_CAP].count()


def company_query(*, search: str = "", country: str = "", industry: str = "") -> QuerySet[Company]:
    """Companies whose name starts with `search`, or whose domain or tax id is it."""
    query = Company.objects.filter(merged_into=None)
    if country:
        query = query.filter(country=country.upper())
    if industry:
        query = query.filter(industry=industry.lower())
    if text := cleaning.one_line(search):
        key = cleaning.company_key(text)
        found = Q(domain=text.lower()) & ~Q(domain="") | Q(tax_id=text.replace(" ", "").upper()) & ~Q(tax_id="")
        if key:
            found |= Q(name_key__gte=key, name_key__lt=f"{key}{_LAST}")
        query = query.filter(found)
    return query


def company_list(
    *, after: int | None = None, limit: int = PAGE_SIZE, **filters: Any
) -> tuple[list[Company], int | None]:
    """One page of companies, newest first, each with its lead count, and the id to go on after."""
    query = company_query(**filters)
    if after:
        query = query.filter(pk__lt=after)
    rows = list(query.order_by("-pk")[: limit + 1])
    page = rows[:limit]
    return page, page[-1].pk if len(rows) > limit else None


def company_count(**filters: Any) -> int:
    """How many companies fit, counted up to `COUNT_CAP`."""
    return company_query(**filters).values("pk").order_by()[:COUNT_CAP].count()


def statuses() -> list[str]:
    """The statuses in use, found by hopping through the index, not by scanning the table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE hop AS ((SELECT status FROM leads_lead WHERE status <> '' ORDER BY status LIMIT 1)"
            " UNION ALL SELECT (SELECT l.status FROM leads_lead l WHERE l.status > hop.status AND l.status <> ''"
            " ORDER BY l.status LIMIT 1) FROM hop WHERE hop.status IS NOT NULL)"
            " SELECT status FROM hop WHERE status IS NOT NULL LIMIT 50"
        )
        return [row[0] for row in cursor.fetchall()]
