"""What the page of a lead shows beside its facts. Upper wings bring panels by name in `settings.LEAD_PANELS`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from leads.models import Company, Lead


@dataclass(frozen=True)
class Panel:
    """One box: a template with its context. Sources are `def panel(request, lead) -> Panel | None`."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)


def collect(request: HttpRequest, lead: Lead) -> list[Panel]:
    """The panels that the rooms have to show about `lead`, in the order of the setting."""
    sources = (import_string(name) for name in settings.LEAD_PANELS)
    return [panel for source in sources if (panel := source(request, lead)) is not None]


def collect_for_company(request: HttpRequest, company: Company) -> list[Panel]:
    """The same for the page of a company: `settings.COMPANY_PANELS`, sources `def panel(request, company)`."""
    sources = (import_string(name) for name in settings.COMPANY_PANELS)
    return [panel for source in sources if (panel := source(request, company)) is not None]
