"""What the page of a lead shows beside its facts. Rooms of all wings contribute panels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from leads.models import Company, Lead
from outreach.core.registry import Point


@dataclass(frozen=True)
class Panel:
    """One box: a template with its context."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)


LEAD_PANELS: Point[Callable[[HttpRequest, Lead], Panel | None]] = Point("leads.panels")
COMPANY_PANELS: Point[Callable[[HttpRequest, Company], Panel | None]] = Point("leads.company_panels")


def collect(request: HttpRequest, lead: Lead) -> list[Panel]:
    """The panels that the rooms have to show about `lead`."""
    return [panel for source in LEAD_PANELS.entries() if (panel := source(request, lead)) is not None]


def collect_for_company(request: HttpRequest, company: Company) -> list[Panel]:
    """The same for the page of a company."""
    return [panel for source in COMPANY_PANELS.entries() if (panel := source(request, company)) is not None]
