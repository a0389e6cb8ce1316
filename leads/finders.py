"""What the command palette finds of leads."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse

from leads import selectors
from leads.models import Lead
from leads.segments.models import Segment
from outreach.core.palette import Found


def people(request: HttpRequest, text: str, limit: int) -> Iterator[Found]:
    """Leads by the beginnings of their names, their address, or their company."""
    rows = Lead.objects.alive().filter(pk__in=selectors.ids_found(text)).select_related("company")
    for lead in rows[:limit]:
        detail = " · ".join(part for part in (lead.title, lead.company.name if lead.company else "") if part)
        yield Found(lead.full_name or str(lead), reverse("leads:detail", args=[lead.pk]), detail)


def companies(request: HttpRequest, text: str, limit: int) -> Iterator[Found]:
    """Companies by the beginning of their name, or by domain or tax number."""
    for company in selectors.company_query(search=text)[:limit]:
        yield Found(company.name, reverse("companies:detail", args=[company.pk]), company.domain)


def segments(request: HttpRequest, text: str, limit: int) -> Iterator[Found]:
    """Segments in use by a part of their name."""
    for segment in Segment.objects.filter(name__icontains=text, archived_at=None)[:limit]:
        yield Found(segment.name, reverse("segments:detail", args=[segment.pk]), segment.description)
