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


@dataclass(frozen=True)
class NextStep:
    """What can be done with a list of people: the words of the button and where it leads."""

    label: str
    url: str


NEXT_STEPS: Point[Callable[[str, int], NextStep]] = Point("leads.next_steps")
"""Sources are called with `import` or `segment` and its number; the page shows them to operators."""
LEAD_PANELS: Point[Callable[[HttpRequest, Lead], Panel | None]] = Point("leads.panels")
COMPANY_PANELS: Point[Callable[[HttpRequest, Company], Panel | None]] = Point("leads.company_panels")


def collect(request: HttpRequest, lead: Lead) -> list[Panel]:
    """The panels that the rooms have to show about `lead`; campaigns and conversations, the highest wings, come first."""
    return [panel for source in LEAD_PANELS.entries()[::-1] if (panel := source(request, lead)) is not None]


def collect_for_company(request: HttpRequest, company: Company) -> list[Panel]:
    """The same for the page of a company."""
    return [panel for source in COMPANY_PANELS.entries()[::-1] if (panel := source(request, company)) is not None]


def next_steps(kind: str, number: int) -> list[NextStep]:
    """What the rooms offer to do with the people of an `import` or a `segment`."""
    return [source(kind, number) for source in NEXT_STEPS.entries()]
