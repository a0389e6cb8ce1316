"""The filters of a list of people as criteria, so that what is on the screen can become a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leads import names
from leads.cleaning import cells
from leads.imports.models import Batch
from outreach.core.errors import Invalid

NEVER = "never"
Filters = Mapping[str, Any]


def criteria_of(filters: Filters) -> dict[str, Any] | None:
    """Criteria for the filters that are set; None for none. Those that no field answers to are left out."""
    found = [
        condition for name, make in _MAKERS.items() if (text := _text(filters, name)) and (condition := make(text))
    ]
    return {"all": found} if found else None


def name_of(filters: Filters) -> str:
    """A name to start with: the import, or what is filtered by."""
    batch = Batch.objects.filter(pk=_number(_text(filters, "import"))).first()
    parts = [batch.title if batch else "", names.country_name(_text(filters, "country"))]
    parts += [_text(filters, name) for name in ("title", "status", "tag", "q")]
    return ", ".join(part for part in parts if part)[:200]


def _text(filters: Filters, name: str) -> str:
    return str(filters.get(name) or "").strip()[:200]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _country(text: str) -> dict[str, Any] | None:
    try:
        return {"field": "lead.country", "operator": "in", "value": [cells.country(text)]}
    except Invalid:
        return None


def _import(text: str) -> dict[str, Any] | None:
    return {"field": "lead.batch", "operator": "equals", "value": text} if _number(text) else None


def _contact(text: str) -> dict[str, Any] | None:
    if text == NEVER:
        return {"field": "lead.last_contacted_at", "operator": "missing"}
    days = _number(text)
    return {"field": "lead.last_contacted_at", "operator": "not_within_days", "value": days} if days else None


def _search(text: str) -> dict[str, Any] | None:
    if "@" in text:
        return None
    fields = ("lead.full_name", "company.name")
    return {"any": [{"field": field, "operator": "contains", "value": text} for field in fields]}


_MAKERS = {
    "import": _import,
    "country": _country,
    "title": lambda text: {"field": "lead.title", "operator": "any_of", "value": [text]},
    "status": lambda text: {"field": "lead.status", "operator": "equals", "value": text},
    "tag": lambda text: {"field": "lead.tags", "operator": "has_tag", "value": text.lower()},
    "contact": _contact,
    "q": _search,
}
