"""Background work of this room."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from leads.insights import embedding
from leads.models import Company, Lead
from leads.qualification.models import Brief
from outreach.core.errors import Refused
from outreach.core.words import gettext as _
from outreach.core.words import ngettext
from outreach.jobs.models import Job
from outreach.jobs.services import advance, enqueue

if TYPE_CHECKING:
    from leads.insights.models import Insight


def embed() -> str:
    """Make vectors of leads that changed, for a while; then make room for others and come back."""
    if not embedding.is_due():
        return _("Nothing due")
    count = embedding.embed_due()
    if embedding.is_due():
        enqueue("leads.insights.tasks.embed", lane="llm", priority=-5, key="insights.embed")
    return ngettext("%(count)s lead", "%(count)s leads", count) % {"count": count}


def research(job: Job) -> str:
    """Research the companies or leads of a job, one after another. Repeating it asks nothing twice: answers are cached."""
    from leads.insights import services  # much to load for a lane that only looks whether a vector is due

    brief = Brief.objects.filter(pk=job.arguments.get("brief")).first()
    lead_ids: list[int] = job.arguments.get("leads", [])
    company_ids: list[int] = job.arguments.get("companies", [])
    total, count = len(lead_ids) + len(company_ids), 0
    points = 0
    advance(job, 0, total)
    for number, company_id in enumerate(company_ids, 1):
        company = Company.objects.filter(pk=company_id, merged_into=None).first()
        if company is not None:
            points += _count(services.research_company(company=company, brief=brief))
            count += 1
        advance(job, number)
    for number, lead_id in enumerate(lead_ids, 1):
        lead = Lead.objects.alive().select_related("company").filter(pk=lead_id).first()
        if lead is not None:
            with suppress(Refused):  # erased while it was looked at
                points += _count(services.research_lead(lead=lead, brief=brief))
                count += 1
        advance(job, number)
    return _("%(count)s researched, %(points)s points with sources.") % {"count": count, "points": points}


def _count(insight: Insight) -> int:
    return sum(len(getattr(insight, part)) for part in insight.PARTS)
