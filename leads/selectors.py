"""Reads of leads and companies: pages by keyset in any offered order, the same cost at any depth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection, models
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from leads.cleaning import cells as cleaning
from leads.cleaning import names
from leads.models import Company, Identity, Lead, Title
from outreach.core import clock

COUNT_CAP = 10_001
COMMON = 5_000
"""Names from which on a search walks the list, instead of finding everyone first."""
PAGE_SIZE = 50
NEVER = "never"
"""The filter of last contact for people who were never written to."""
_LAST = "\U0010ffff"
"""Sorts after every text that starts alike, byte by byte."""
_WORDS = SearchVector("name_key", config="simple")
_LEAD_COLUMNS = (
    "id", "kind", "full_name", "name_key", "title", "country", "region", "city", "language", "status", "tags", "source", "last_contacted_at",
    "last_replied_at", "created_at", "company_id", "company__name", "company__industry", "erased_at",
)  # fmt: skip


@dataclass(frozen=True)
class Sort:
    """One order of a list, which an index has; rows without a value come last."""

    column: str
    is_descending: bool = False
    is_nullable: bool = False

    @property
    def by(self) -> list[Any]:
        sign = "-" if self.is_descending else ""
        return [f"{sign}{self.column}"] if self.column == "id" else [f"{sign}{self.column}", f"{sign}id"]


NEWEST = "-added"
LEAD_SORTS: Mapping[str, Sort] = {
    NEWEST: Sort("id", is_descending=True),
    "added": Sort("id"),
    "name": Sort("name_key"),
    "-name": Sort("name_key", is_descending=True),
    "contacted": Sort("last_contacted_at", is_nullable=True),
    "-contacted": Sort("last_contacted_at", is_descending=True, is_nullable=True),
    "replied": Sort("last_replied_at", is_nullable=True),
    "-replied": Sort("last_replied_at", is_descending=True, is_nullable=True),
}
COMPANY_SORTS: Mapping[str, Sort] = {
    NEWEST: Sort("id", is_descending=True),
    "added": Sort("id"),
    "name": Sort("name_key"),
    "-name": Sort("name_key", is_descending=True),
    "employees": Sort("employee_count", is_nullable=True),
    "-employees": Sort("employee_count", is_descending=True, is_nullable=True),
}


@dataclass(frozen=True)
class Page:
    """Rows and where to go on: `next_after` is empty on the last page."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    next_after: str = ""


def _sorted_page(query: QuerySet[Any], sort: Sort, after: str, limit: int) -> tuple[list[Any], str]:
    """`limit` rows of `query` (models or dicts) after the row that `after` names, and the name of the last one.

    A row's name is `<id>` or `<id>:<value>`. Rows without a value are a second query, so that each is one range of an index.
    """
    pk, has_value, text = after.partition(":")
    number = int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else None
    value = _value(query.model, sort.column, text) if has_value else None
    rows: list[Any] = []
    known = query.exclude(**{sort.column: None}) if sort.is_nullable else query
    if not (sort.is_nullable and number is not None and value is None):
        rows = list(known.filter(_behind(sort, number, value)).order_by(*sort.by)[: limit + 1])
        number = None
    if sort.is_nullable and len(rows) <= limit:
        unknown = query.filter(**{sort.column: None}).filter(_behind(Sort("id", sort.is_descending), number, None))
        rows += unknown.order_by("-id" if sort.is_descending else "id")[: limit + 1 - len(rows)]
    return rows[:limit], _name_of(rows[limit - 1], sort) if len(rows) > limit else ""


def _behind(sort: Sort, number: int | None, value: Any) -> Q:
    if number is None:
        return Q()
    beyond = "lt" if sort.is_descending else "gt"
    if sort.column == "id" or value is None:
        return Q(**{f"id__{beyond}": number})
    within = Q(**{f"{sort.column}__{beyond}": value}) | Q(**{sort.column: value, f"id__{beyond}": number})
    return Q(**{f"{sort.column}__{beyond}e": value}) & within


def _name_of(row: Any, sort: Sort) -> str:
    pk, value = (row["id"], row[sort.column]) if isinstance(row, dict) else (row.pk, getattr(row, sort.column))
    if sort.column == "id" or value is None:
        return str(pk)
    return f"{pk}:{value.isoformat() if isinstance(value, date) else value}"


def _value(model: type[models.Model], column: str, text: str) -> Any:
    """The text of a row's name as the column's own type; None for what is none."""
    try:
        kind = model._meta.get_field(column)
        if isinstance(kind, models.DateTimeField):
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else None
        return int(text) if isinstance(kind, models.IntegerField) else text
    except ValueError:
        return None


def lead_query(
    *,
    search: str = "",
    ids: Iterable[int] = (),
    company: int | None = None,
    batch: int | None = None,
    title: str = "",
    contact: str = "",
    **equal: str,
) -> QuerySet[Lead]:
    """Leads that are not erased and fit every filter given; `equal` may hold `country`, `language`, `status` and `tag`.

    `search` finds e-mail addresses and phones by their beginning, names by the beginnings of their words, companies
    by the beginning of their name; each through an index. `title` is part of a title, `contact` is `never` or a number
    of days without a message.
    """
    query = Lead.objects.alive()
    for name in ("country", "language", "status"):
        if value := equal.get(name):
            query = query.filter(**{name: value.upper() if name == "country" else value})
    if tag := equal.get("tag"):
        query = query.filter(tags__contains=[tag.lower()])
    if ids:
        query = query.filter(pk__in=list(ids))
    if batch:
        query = query.filter(batch_id=batch)
    if company:
        query = query.filter(company_id=company)
    if title:
        titles = Title.objects.filter(title_key__contains=title.lower()).values("title_key")
        query = query.filter(title_key__in=titles)
    if contact == NEVER:
        query = query.filter(last_contacted_at=None)
    elif contact.isascii() and contact.isdigit():
        since = clock.now() - timedelta(days=int(contact[:5]))
        query = query.filter(Q(last_contacted_at=None) | Q(last_contacted_at__lt=since))
    return matching(query, search)


def matching(query: QuerySet[Any], search: str, *, lead: str = "") -> QuerySet[Any]:
    """Those rows of `query` whose lead, itself or at the path `lead`, is found as `ids_found` does.

    A common name is a condition on each row, for a walk in the order of a list meets it soon; else the leads come first.
    """
    text = cleaning.one_line(search)
    if not text:
        return query
    return _walked(query, text, lead) if _is_common(text) else query.filter(**{f"{lead}pk__in": ids_found(text)})


def _is_common(text: str) -> bool:
    """Whether so many names have these words that a walk over all leads in the order of a list meets them soon."""
    names = _names(text)
    return names is not None and names[:COMMON].count() >= COMMON


def _terms(text: str) -> SearchQuery | None:
    """What names are searched for; None where the text is an address or has no words."""
    words = cleaning.key(text).split()
    if "@" in text or _phone(text) or not words:
        return None
    return SearchQuery(" & ".join(f"'{word}':*" for word in words), search_type="raw", config="simple")


def _names(text: str) -> QuerySet[Any, Any] | None:
    """Ids of the leads whose names have these words; None as in `_terms`."""
    terms = _terms(text)
    return Lead.objects.alias(words=_WORDS).filter(words=terms).order_by().values("pk") if terms else None


def _walked(query: QuerySet[Any], text: str, lead: str) -> QuerySet[Any]:
    """Those of `query` that `ids_found` finds, by a condition on each lead. The few others are named, so that an index can be used."""
    condition = Q(words=_terms(text))
    for other in _beside_names(text):
        ids = list(other.values_list("pk" if other.model is Lead else "lead_id", flat=True)[: COMMON + 1])
        condition |= Q(**{f"{lead}pk__in": ids if len(ids) <= COMMON else other})
    found: QuerySet[Any] = query.alias(words=SearchVector(f"{lead}name_key", config="simple")).filter(condition)
    return found


def _phone(text: str) -> str:
    """The digits of what is looked for as a phone number."""
    digits = "".join(c for c in text if c.isdigit())
    return digits if len(digits) >= 5 and len(digits) >= len(text) / 2 else ""


def ids_found(search: str) -> QuerySet[Any, Any]:
    """Ids of the leads that `search` finds, as in `lead_query`, for use in another query's condition.

    Found through several indexes and united before anything else is read: an OR of conditions would scan them all.
    """
    text = cleaning.one_line(search)
    if "@" in text:
        return _addresses("email", text.lower())
    if digits := _phone(text):
        return _addresses("sms", f"+{digits}")
    names = _names(text)
    if names is None:
        return Lead.objects.none().values("pk")
    others = _beside_names(text)
    return names.union(*others) if others else names


def _beside_names(text: str) -> list[QuerySet[Any, Any]]:
    """Ids of the leads whose company or e-mail address begins with `text`."""
    others: list[QuerySet[Any, Any]] = []
    if prefix := names.company_key(text):
        companies = Company.objects.filter(name_key__gte=prefix, name_key__lt=f"{prefix}{_LAST}").values("pk")
        others.append(Lead.objects.filter(company_id__in=companies[:1000]).values("pk"))
    if " " not in text and len(text) >= 3:
        others.append(_addresses("email", text.lower()))
    return others


def _addresses(channel: str, start: str) -> QuerySet[Identity, Any]:
    return Identity.objects.filter(channel=channel, address__gte=start, address__lt=f"{start}{_LAST}").values("lead_id")


def lead_list(
    *, after: str = "", limit: int = PAGE_SIZE, sort: str = NEWEST, company: int | None = None, **filters: Any
) -> Page:
    """One page of leads with their addresses."""
    query = lead_query(company=company, **filters).values(*_LEAD_COLUMNS)
    rows, next_after = _sorted_page(query, LEAD_SORTS.get(sort, LEAD_SORTS[NEWEST]), after, limit)
    by_id = {row["id"]: row for row in rows}
    for row in rows:
        row["email"] = row["phone"] = row["network"] = ""
    identities = Identity.objects.filter(lead_id__in=list(by_id)).exclude(status=Identity.Status.INVALID)
    for lead_id, channel, address in identities.order_by("is_primary", "-pk").values_list(
        "lead_id", "channel", "address"
    ):
        by_id[lead_id]["email" if channel == "email" else "phone" if channel == "sms" else "network"] = address
    return Page(rows, next_after)


def lead_count(**filters: Any) -> int:
    """How many leads fit, counted up to `COUNT_CAP`."""
    return lead_query(**filters).order_by().values("pk")[:COUNT_CAP].count()


def company_query(
    *, search: str = "", ids: Iterable[int] = (), country: str = "", industry: str = "", tag: str = "", size: str = ""
) -> QuerySet[Company]:
    """Companies whose name starts with `search`, or whose domain or tax id is it. `size` is `11-50` or `1001-`."""
    query = Company.objects.filter(merged_into=None)
    if country:
        query = query.filter(country=country.upper())
    if industry:
        query = query.alias(industry_key=Lower("industry")).filter(industry_key=industry.lower())
    if tag:
        query = query.filter(tags__contains=[tag.lower()])
    if ids:
        query = query.filter(pk__in=list(ids))
    low, has_range, high = size.partition("-")
    if has_range and low.isdecimal():
        query = query.filter(employee_count__gte=int(low[:9]))
        query = query.filter(employee_count__lte=int(high[:9])) if high.isdecimal() else query
    if text := cleaning.one_line(search):
        key = names.company_key(text)
        found = Q(domain=text.lower()) & ~Q(domain="") | Q(tax_id=text.replace(" ", "").upper()) & ~Q(tax_id="")
        if key:
            found |= Q(name_key__gte=key, name_key__lt=f"{key}{_LAST}")
        query = query.filter(found)
    return query


def company_list(
    *, after: str = "", limit: int = PAGE_SIZE, sort: str = NEWEST, **filters: Any
) -> tuple[list[Company], str]:
    """One page of companies, each with its number of people (`people_count`), and where to go on."""
    people = Lead.objects.alive().filter(company=models.OuterRef("pk")).order_by().values("company")
    query = company_query(**filters).annotate(
        people_count=models.Subquery(people.annotate(n=models.Count("pk")).values("n"))
    )
    return _sorted_page(query, COMPANY_SORTS.get(sort, COMPANY_SORTS[NEWEST]), after, limit)


def company_count(**filters: Any) -> int:
    """How many companies fit, counted up to `COUNT_CAP`."""
    return company_query(**filters).values("pk").order_by()[:COUNT_CAP].count()


def in_use(model: type[models.Model], column: str, *, limit: int = 300) -> list[str]:
    """The values of an indexed text column, found by hopping through the index, not by scanning the table."""
    table, name = model._meta.db_table, column
    alive = " AND t.erased_at IS NULL" if model is Lead else ""
    hop = f"(SELECT t.{name} FROM {table} t WHERE t.{name} > %s{alive} ORDER BY t.{name} LIMIT 1)"  # noqa: S608 - names of the model
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE hop(value) AS ({hop} UNION ALL"  # noqa: S608 - names of the model
            f" SELECT (SELECT t.{name} FROM {table} t WHERE t.{name} > hop.value{alive} ORDER BY t.{name} LIMIT 1)"
            " FROM hop WHERE hop.value IS NOT NULL) SELECT value FROM hop WHERE value IS NOT NULL LIMIT %s",
            ["", limit],
        )
        return [row[0] for row in cursor.fetchall()]
