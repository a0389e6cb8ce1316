"""What an address says about a list: filters, order, page and columns; and its rows as they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any
from urllib.parse import urlencode

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads import names
from leads.bulk import COMPANY_ACTIONS, LEAD_ACTIONS, BulkAction
from leads.directory.models import ListKind
from leads.selectors import COMPANY_SORTS, LEAD_SORTS, NEVER, NEWEST, Sort, company_query, lead_query
from outreach.core.paging import as_id
from outreach.core.registry import Point
from outreach.core.states import Text
from outreach.core.templatetags.outreach import ago


@dataclass(frozen=True)
class Column:
    """One column that a list can show: `show` makes its text of a row. `sort` is its order in ascending form, where
    an index has it. The full text of a `is_long` one is its tooltip.
    """

    name: str
    label: Text
    show: Callable[[Any], Any]
    sort: str = ""
    css: str = ""
    is_long: bool = False


def _tags(tags: list[str]) -> str:
    """The first three as chips, and how many more there are."""
    chips = format_html_join("", '<span class="chip is-tag">{}</span>', ((tag,) for tag in tags[:3]))
    return chips + format_html('<span class="muted small">+{}</span>', len(tags) - 3) if len(tags) > 3 else chips


def _company(row: Any) -> str:
    if not row["company_id"]:
        return ""
    url = reverse("companies:detail", args=[row["company_id"]])
    return format_html('<a href="{}">{}</a>', url, row["company__name"])


def _contacted(row: Any) -> Any:
    return ago(row["last_contacted_at"]) if row["last_contacted_at"] else muted(_("never"))


def muted(text: Text) -> str:
    return format_html('<span class="muted">{}</span>', text)


LEAD_COLUMNS = (
    Column("title", _("Title"), itemgetter("title"), is_long=True),
    Column("company", _("Company"), _company),
    Column("email", _("E-mail"), itemgetter("email"), is_long=True),
    Column("phone", _("Phone"), itemgetter("phone")),
    Column("network", _("Network profile"), itemgetter("network")),
    Column("country", _("Country"), lambda row: names.country_name(row["country"])),
    Column("city", _("City"), itemgetter("city")),
    Column("language", _("Language"), lambda row: names.language_name(row["language"])),
    Column("industry", _("Industry"), lambda row: row["company__industry"] or ""),
    Column("status", _("Status"), itemgetter("status")),
    Column("tags", _("Tags"), lambda row: _tags(row["tags"])),
    Column("source", _("Source"), itemgetter("source")),
    Column("contacted", _("Last contact"), _contacted, "contacted"),
    Column("replied", _("Last reply"), lambda row: ago(row["last_replied_at"]) if row["last_replied_at"] else "", "replied"),
    Column("added", _("Added"), lambda row: ago(row["created_at"]), "added"),
)  # fmt: skip
COMPANY_COLUMNS = (
    Column("domain", _("Domain"), attrgetter("domain")),
    Column("industry", _("Industry"), attrgetter("industry")),
    Column("country", _("Country"), lambda row: names.country_name(row.country)),
    Column("city", _("City"), attrgetter("city")),
    Column("employees", _("Employees"), attrgetter("employees"), "employees", css="num"),
    Column("people", _("People"), lambda row: intcomma(row.people_count or ""), css="num"),
    Column("phone", _("Phone"), attrgetter("phone")),
    Column("tax_id", _("Tax id"), attrgetter("tax_id"), css="mono small"),
    Column("tags", _("Tags"), lambda row: _tags(row.tags)),
    Column("added", _("Added"), lambda row: ago(row.created_at), "added"),
)


@dataclass(frozen=True)
class Kind:
    """One of the two lists: its rows, what can be shown, how it can be ordered, what is done with a selection."""

    query: Callable[..., QuerySet[Any]]
    """Rows by the filters of the list, or by `ids`."""
    columns: tuple[Column, ...]
    usual: tuple[str, ...]
    sorts: Mapping[str, Sort]
    filters: Mapping[str, str]
    """Name in the address → name of the selector's argument."""
    actions: Point[BulkAction]
    box: str
    """The name under which ticked rows are posted."""
    nothing: Text
    """What is said when nothing is selected."""


KINDS = {
    ListKind.PEOPLE: Kind(
        lead_query,
        LEAD_COLUMNS,
        ("title", "company", "email", "country", "status", "tags", "contacted"),
        LEAD_SORTS,
        {
            "q": "search", "country": "country", "language": "language", "title": "title", "status": "status", "tag": "tag",
            "import": "batch", "contact": "contact",
        },
        LEAD_ACTIONS,
        "lead",
        _("Select at least one person."),
    ),
    ListKind.COMPANIES: Kind(
        company_query,
        COMPANY_COLUMNS,
        ("domain", "industry", "country", "employees", "people"),
        COMPANY_SORTS,
        {"q": "search", "country": "country", "industry": "industry", "tag": "tag", "size": "size"},
        COMPANY_ACTIONS,
        "company",
        _("Select at least one company."),
    ),
}  # fmt: skip
SIZES = (("1-10", "1–10"), ("11-50", "11–50"), ("51-200", "51–200"), ("201-1000", "201–1,000"), ("1001-", "1,001+"))
CONTACTS: tuple[tuple[str, Text], ...] = (
    (NEVER, _("Never written to")),
    ("30", _("Not in the last 30 days")),
    ("60", _("Not in the last 60 days")),
    ("90", _("Not in the last 90 days")),
)


@dataclass(frozen=True)
class Listing:
    """One list as an address asks for it."""

    kind: ListKind
    filters: dict[str, str]
    sort: str = NEWEST
    after: str = ""

    @classmethod
    def read(cls, kind: ListKind, given: Mapping[str, Any]) -> Listing:
        """The list of an address (`request.GET`, or what was saved of one); unknown parts are left out."""
        parts = KINDS[kind]
        filters = {name: text for name in parts.filters if (text := str(given.get(name) or "").strip()[:200])}
        if batch := str(given.get("batch") or "").strip():  # addresses from before imports had names
            filters.setdefault("import", batch[:18])
        if not as_id(filters.get("import", "1")):
            del filters["import"]
        sort = str(given.get("sort") or "")
        return cls(kind, filters, sort if sort in parts.sorts else NEWEST, str(given.get("after") or "")[:600])

    @property
    def arguments(self) -> dict[str, Any]:
        """The filters as the selectors take them."""
        names = KINDS[self.kind].filters
        found: dict[str, Any] = {names[name]: text for name, text in self.filters.items()}
        if "batch" in found:
            found["batch"] = int(found["batch"])
        if "country" in found:
            found["country"] = found["country"].upper()
        return found

    @property
    def query(self) -> str:
        """Filters and order as an address; empty for the plain list."""
        order = {"sort": self.sort} if self.sort != NEWEST else {}
        return urlencode(self.filters | order)

    def sorted_by(self, column: Column) -> str:
        """The order that a click on the head of `column` asks for: ascending first, then the other way."""
        return f"-{column.sort}" if self.sort == column.sort else column.sort


@dataclass(frozen=True)
class Head:
    """The head of a column: the address that sorts by it, and how the list is sorted by it now."""

    column: Column
    query: str
    direction: str


def heads(listing: Listing, chosen: list[str]) -> list[Head]:
    """The heads of the name and of the columns called `chosen`."""
    known = {column.name: column for column in KINDS[listing.kind].columns}
    name = pgettext_lazy("person", "Name") if listing.kind == ListKind.PEOPLE else _("Name")
    return [_head(listing, c) for c in (Column("name", name, str, "name"), *(known[n] for n in chosen if n in known))]


def _head(listing: Listing, column: Column) -> Head:
    is_now = column.sort and listing.sort.lstrip("-") == column.sort
    direction = ("descending" if listing.sort.startswith("-") else "ascending") if is_now else ""
    query = urlencode(listing.filters | {"sort": listing.sorted_by(column)}) if column.sort else ""
    return Head(column, query, direction)


@dataclass(frozen=True)
class Shown:
    """A row as the list shows it: id, name, and (column, text) of the rest."""

    pk: int
    name: str
    cells: list[tuple[Column, Any]]


def shown(listing: Listing, rows: Iterable[Any], of_columns: list[Head]) -> list[Shown]:
    """The rows of a page, in the columns of `of_columns` behind the name."""
    columns = [head.column for head in of_columns[1:]]
    if listing.kind == ListKind.PEOPLE:
        named = [(r["id"], str(r["full_name"] or r["email"] or r["title"] or r["id"]), r) for r in rows]
    else:
        named = [(row.pk, row.name, row) for row in rows]
    return [Shown(pk, name, [(column, column.show(row)) for column in columns]) for pk, name, row in named]
