"""Erases a person: everything this wing knows is deleted at once; the wings above follow on `lead.erased`."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q

from leads import changes
from leads.imports.retention import files_of, forget_leads
from leads.insights.models import Document, Fact, Insight
from leads.insights.services import forget as forget_insights
from leads.keepers import Holding, keepers
from leads.models import Identity, Lead
from leads.qualification.models import Feedback, Label, Verdict
from leads.sources.models import CrawlPage, RawRecord
from outreach.core import audit, clock
from outreach.core.audit import record
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.rest import idempotency
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.llm import keeping as llm
from outreach.webhooks import delivering as webhooks

_TEXTS = (
    "first_name", "last_name", "full_name", "name_key", "title", "title_key", "description", "url", "region", "city",
    "postal_code", "status", "content_hash",
)  # fmt: skip


def holdings(lead: Lead) -> list[Holding]:
    """What is deleted when `lead` is erased, in this wing and those above; only non-zero counts."""
    leads = Lead.objects.filter(Q(pk=lead.pk) | Q(merged_into=lead))
    ids = list(leads.values_list("pk", flat=True))
    uploads, exports = files_of(ids)
    rows = [
        Holding(_("Records that were merged into this one"), len(ids) - 1),
        Holding(_("Addresses"), Identity.objects.filter(lead__in=ids).count()),
        *(holding for keeper in reversed(keepers()) for holding in keeper.holdings(leads)),
        Holding(_("Labels that a learner learns from"), Label.objects.filter(lead__in=ids).count()),
        Holding(_("Reasons of verdicts"), Verdict.objects.filter(lead__in=ids).count()),
        Holding(_("Insights, facts and documents"), sum(
            model._default_manager.filter(lead__in=ids).count() for model in (Insight, Fact, Document)
        )),
        Holding(_("Pages kept by crawls"), RawRecord.objects.filter(lead__in=ids).count()),
        Holding(_("Uploaded files of the imports they came from"), uploads),
        Holding(_("Stored exports, no matter who is in them"), exports),
    ]  # fmt: skip
    return [row for row in rows if row.count]


@transaction.atomic
def erase(*, lead: Lead, actor: Actor, reason: str = "") -> None:
    """Blank personal data and delete the addresses; the row and its numbers stay. Opt-outs survive as hashes.

    The leads that were merged into it go too, with the uploaded files and exports that it is in, what imports and
    crawls remember of it, and the rows that were rejected with one of its addresses. Messages, drafts and model calls
    about it follow on `lead.erased`. Raises `Refused` `lead_merged` for one that was merged into another lead.
    """
    if lead.merged_into_id:
        raise Refused(
            _("#%(number)s was merged into #%(kept)s: erase that one, both go together.")
            % {"number": lead.pk, "kept": lead.merged_into_id},
            code="lead_merged",
        )
    _forget(lead)
    record("lead.erased", subject=lead, actor=actor, reason=reason)
    publish("lead.changed", lead_id=lead.pk)
    lead.refresh_from_db()


def _forget(lead: Lead) -> None:
    """Blank all that is personal of `lead` and of those that were merged into it."""
    leads = list(Lead.objects.filter(Q(pk=lead.pk) | Q(merged_into=lead)))
    ids = [row.pk for row in leads]
    addresses = list(Identity.objects.filter(lead__in=ids).values_list("address", flat=True))
    forget_leads(lead_ids=ids, addresses=addresses)
    idempotency.blank_bodies()
    _forget_pages(leads)
    now = clock.now()
    blanks: dict[str, Any] = dict.fromkeys(_TEXTS, "")
    Lead.objects.filter(pk__in=ids).update(**blanks, tags=[], attributes={}, research={}, erased_at=now, updated_at=now)
    for row in leads:
        if row.external_id in addresses:
            Lead.objects.filter(pk=row.pk).update(external_id=address_digest(row.external_id))
    Identity.objects.filter(lead__in=ids).delete()
    changes.record(ids)
    changes.forget_titles([row.title_key for row in leads])
    verdicts = Verdict.objects.filter(lead__in=ids)
    asked: set[Any] = set(verdicts.exclude(interaction=None).values_list("interaction", flat=True))
    insights = Insight.objects.filter(lead__in=ids).exclude(interaction=None)
    asked |= set(insights.values_list("interaction", flat=True))
    llm.forget(lead_ids=ids, interaction_ids=asked)
    webhooks.forget_lead(ids)
    forget_insights(lead_ids=ids)
    verdicts.update(reasons=[], flags=[], factors={})
    Label.objects.filter(lead__in=ids).delete()
    Feedback.objects.filter(lead__in=ids).delete()
    audit.forget_reasons(Lead, ids)
    digests = " ".join(address_digest(address) for address in addresses)
    for number in ids:
        publish("lead.erased", lead_id=number, digests=digests)


def _forget_pages(leads: list[Lead]) -> None:
    """The records of the leads, and the pages of crawls that they were read from."""
    records = RawRecord.objects.filter(lead__in=leads)
    for source, external_id, job_id in records.values_list("source", "external_id", "job_id"):
        if job_id is not None and external_id:
            pages = CrawlPage.objects.filter(job=job_id, source=source, external_id=external_id)
            for page in pages:
                CrawlPage.objects.filter(pk=page.pk).update(
                    url=f"erased:{page.pk}", data={}, external_id=address_digest(external_id), remark="", error=""
                )
    records.delete()
