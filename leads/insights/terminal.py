"""What the research commands share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from leads.insights import selectors, services
from leads.insights.models import Insight
from leads.models import Company, Lead
from leads.qualification.models import Brief
from outreach.core.errors import Invalid
from outreach.core.terminal import found

BriefName = Annotated[str, typer.Option(help="Number or name of the brief to judge the fit by")]


def brief_named(text: str) -> Brief | None:
    """A brief by number or name; None for an empty text. Raises `Invalid`."""
    return found(Brief.objects.all(), text, "brief", "name") if text else None


def researched(*, lead: Lead | None = None, company: Company | None = None, brief: Brief | None) -> dict[str, Any]:
    """Research in this process and print the result."""
    if lead is not None:
        insight = services.research_lead(lead=lead, brief=brief)
    elif company is not None:
        insight = services.research_company(company=company, brief=brief)
    else:
        raise Invalid("subject", "Choose a lead or a company.")
    return described(insight)


def described(insight: Insight) -> dict[str, Any]:
    """An insight for the terminal: points with the numbers of their sources, then these."""
    shown = selectors.shown(lead=insight.lead, company=insight.company)
    assert shown is not None
    parts = {
        part: [f"{point['text']} {[s.number for s in shown.sources if s.fact.pk in point['facts']]}" for point in rows]
        for part in Insight.PARTS
        if (rows := getattr(insight, part))
    }
    sources = [f"[{s.number}] {s.fact.url or s.fact.title} ({s.fact.researcher})" for s in shown.sources]
    return {
        "about": str(insight), "fit_score": insight.fit_score, **parts, "sources": sources, "provider": insight.provider,
        "remarks": insight.remarks,
    }  # fmt: skip
