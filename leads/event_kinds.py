"""This wing's events as other systems see them, and what their ids stand for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.imports.models import Batch
from leads.models import Channel, Lead
from leads.qualification.models import Brief, Verdict
from leads.sources.models import CrawlJob
from outreach.events.kinds import EventKind, Subject, page


def lead(pk: int) -> dict[str, Any] | None:
    """What is told of a lead; nothing of one that was erased or merged into another."""
    row = Lead.objects.alive().filter(pk=pk).select_related("company").prefetch_related("identities").first()
    if row is None:
        return None
    company = row.company
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": str(row),
        "first_name": row.first_name,
        "last_name": row.last_name,
        "title": row.title,
        "email": row.address(Channel.EMAIL),
        "phone": row.address(Channel.SMS),
        "company": company.name if company else "",
        "domain": company.domain if company else "",
        "country": row.country,
        "city": row.city,
        "tags": row.tags,
        "url": page("leads:detail", row.pk),
    }


def brief(pk: int) -> dict[str, Any] | None:
    row = Brief.objects.filter(pk=pk).first()
    return {"id": row.pk, "name": row.name} if row else None


def verdict(pk: int) -> dict[str, Any] | None:
    row = Verdict.objects.filter(pk=pk).first()
    if row is None:
        return None
    return {"id": row.pk, "is_qualified": row.is_qualified, "score": row.score, "grade": row.grade, "by": row.source}


def crawl_job(pk: int) -> dict[str, Any] | None:
    row = CrawlJob.objects.filter(pk=pk).first()
    return (
        {"id": row.pk, "name": row.name, "new": row.new_count, "url": page("sources:detail", row.pk)} if row else None
    )


def batch(pk: int) -> dict[str, Any] | None:
    row = Batch.objects.filter(pk=pk).first()
    if row is None:
        return None
    return {"id": row.pk, "file": row.file_name, "counts": row.counts, "url": page("imports:detail", row.pk)}


LEAD: dict[str, Any] = {
    "id": 4821,
    "kind": "person",
    "name": "Anna Nowak",
    "first_name": "Anna",
    "last_name": "Nowak",
    "title": "Head of Operations",
    "email": "anna@firm.example",
    "phone": "",
    "company": "Firm",
    "domain": "firm.example",
    "country": "PL",
    "city": "Gdańsk",
    "tags": ["logistics"],
    "url": "https://outreach.example/leads/4821/",
}

SUBJECTS = [
    Subject("lead_id", "lead", lead, LEAD),
    Subject("brief_id", "brief", brief, {"id": 3, "name": "Logistics in Poland"}),
    Subject(
        "verdict_id", "verdict", verdict,
        {"id": 991, "is_qualified": True, "score": 0.82, "grade": "A", "by": "rules"},
    ),
    Subject(
        "job_id", "job", crawl_job,
        {"id": 12, "name": "Flats in Gdańsk", "new": 38, "url": "https://outreach.example/sources/12/"},
    ),
    Subject(
        "batch_id", "import", batch,
        {"id": 7, "file": "people.csv", "counts": {"rows": 1200, "created": 1164, "rejected": 36},
         "url": "https://outreach.example/imports/7/"},
    ),
]  # fmt: skip

KINDS = [
    EventKind("lead.created", _("A person or listing was added by hand, by the API or by a source."), {"lead_id": 4821}),
    EventKind("leads.imported", _("A file was imported; one event for all its rows."), {"batch_id": 7}),
    EventKind("lead.qualified", _("A lead was judged for a brief."), {"lead_id": 4821, "brief_id": 3, "verdict_id": 991}),
    EventKind("lead.merged", _("Two records turned out to be the same person."), {"kept_id": 4821, "lost_id": 4822, "merge_id": 5}),
    EventKind("lead.opted_out", _("Someone asked not to be written to."), {"lead_id": 4821, "suppression_id": 64}),
    EventKind("lead.erased", _("A person's data was erased. Erase what you copied."), {"lead_id": 4821}),
    EventKind("scraper.progress", _("A search of a source moved on."), {"job_id": 12, "done": 40, "total": 100, "state": "running"}),
]  # fmt: skip
