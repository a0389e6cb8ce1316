"""What an address says about a list: filters, order, page and columns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.directory.models import ListKind
from leads.selectors import COMPANY_SORTS, LEAD_SORTS, NEVER, NEWEST, Sort
from outreach.core.states import Text


@dataclass(frozen=True)
class Column:
    """One column that a list can show. `sort` is its order in ascending form, where an index has it."""

    name: str
    label: Text
    sort: str = ""
    is_number: bool = False


LEAD_COLUMNS = (
    Column("title", _("Title")),
    Column("company", _("Company")),
    Column("email", _("E-mail")),
    Column("phone", _("Phone")),
    Column("network", _("Network profile")),
    Column("country", _("Country")),
    Column("city", _("City")),
    Column("language", _("Language")),
    Column("industry", _("Industry")),
    Column("status", _("Status")),
    Column("tags", _("Tags")),
    Column("source", _("Source")),
    Column("contacted", _("Last contact"), "contacted"),
    Column("replied", _("Last reply"), "replied"),
    Column("added", _("Added"), "added"),
)
COMPANY_COLUMNS = (
    Column("domain", _("Domain")),
    Column("industry", _("Industry")),
    Column("country", _("Country")),
    Column("city", _("City")),
    Column("employees", _("Employees"), "employees", is_number=True),
    Column("people", _("People"), is_number=True),
    Column("phone", _("Phone")),
    Column("tax_id", _("Tax id")),
    Column("tags", _("Tags")),
    Column("added", _("Added"), "added"),
)


@dataclass(frozen=True)
class Kind:
    """One of the two lists: what can be shown, how it can be ordered, and the filters of its address."""

    columns: tuple[Column, ...]
    usual: tuple[str, ...]
    sorts: Mapping[str, Sort]
    filters: Mapping[str, str]
    """Name in the address → name of the selector's argument."""


KINDS = {
    ListKind.PEOPLE: Kind(
        LEAD_COLUMNS,
        ("title", "company", "email", "country", "status", "tags", "contacted"),
        LEAD_SORTS,
        {
            "q": "search", "country": "country", "language": "language", "title": "title", "status": "status", "tag": "tag",
            "import": "batch", "contact": "contact",
        },
    ),
    ListKind.COMPANIES: Kind(
        COMPANY_COLUMNS,
        ("domain", "industry", "country", "employees", "people"),
        COMPANY_SORTS,
        {"q": "search", "country": "country", "industry": "industry", "tag": "tag", "size": "size"},
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
        if not _is_number(filters.get("import", "1")):
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


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def heads(listing: Listing, names: list[str]) -> list[dict[str, Any]]:
    """The heads of the columns called `names`, each with the address that sorts by it and how it is sorted now."""
    known = {column.name: column for column in KINDS[listing.kind].columns}
    name = pgettext_lazy("person", "Name") if listing.kind == ListKind.PEOPLE else _("Name")
    shown = [Column("name", name, "name"), *(known[name] for name in names if name in known)]
    return [head(listing, column) for column in shown]


def head(listing: Listing, column: Column) -> dict[str, Any]:
    is_now = column.sort and listing.sort.lstrip("-") == column.sort
    direction = ("descending" if listing.sort.startswith("-") else "ascending") if is_now else ""
    query = urlencode(listing.filters | {"sort": listing.sorted_by(column)}) if column.sort else ""
    return {"column": column, "query": query, "direction": direction}
