"""The text behind a lead's vector: what someone does and where, never who they are. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

MOST = 1_500
"""Characters; an encoder averages over what it gets, and the beginning of a text says what it is about."""
_ATTRIBUTES = ("skills", "category", "seniority", "employment_type", "specialties", "headline", "summary")


def of_lead(lead: Any) -> str:
    """Title, description, place, and the firm's field (any object with the attributes of `leads.models.Lead`)."""
    company = lead.company
    parts: list[str] = [lead.title, _line(lead.description)[:800]]
    parts += [_listed(lead.attributes.get(name)) for name in _ATTRIBUTES]
    parts += [", ".join(lead.tags[:20]), _place(lead.city, lead.country)]
    if company is not None:
        parts += [company.industry, company.segment, _line(company.research_text)[:400]]
        if not lead.city:
            parts.append(_place(company.city, company.country))
    return ". ".join(part for part in parts if part)[:MOST]


def _place(city: str, country: str) -> str:
    return ", ".join(part for part in (city, country) if part)


def _listed(value: Any) -> str:
    if isinstance(value, str):
        return _line(value)[:200]
    if isinstance(value, Iterable):
        return ", ".join(_line(part) for part in value if isinstance(part, str))[:200]
    return ""


def _line(text: str) -> str:
    return " ".join(text.split())
