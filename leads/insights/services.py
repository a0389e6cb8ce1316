"""Use cases of this room: research a company or a lead, many of them as a job, and forget what was found out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.translation import get_language

from leads.insights import extraction, selectors, writing
from leads.insights.documents import reading
from leads.insights.extraction import Statement, Written
from leads.insights.keywords import search_keywords, wanted_words
from leads.insights.models import Document, EmbeddingDue, Fact, Insight, LeadEmbedding, ResearchAnswer
from leads.insights.research.asking import Answered, ask
from leads.insights.research.base import Finding, Question, findings
from leads.insights.research.registry import researchers
from leads.models import Company, Lead
from leads.qualification import expectations
from leads.qualification import services as qualification
from leads.qualification.models import Brief
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.hashing import canonical_hash, joined_hash
from outreach.core.words import gettext as _
from outreach.jobs.models import Job
from outreach.jobs.services import start_job
from outreach.llm import configured
from outreach.llm import services as llm
from outreach.prompts import services as packs
from outreach.prompts.rendering import render

if TYPE_CHECKING:
    from leads.segments.models import Segment
    from outreach.access.models import User

__all__ = ["forget", "research_company", "research_lead", "search_keywords", "start_research"]

PACK = "insight"
ROUTE = "research"
MOST_LEADS = 2_000
"""Of one job over a segment."""
RECORDS = "records"
"""What our own records say: descriptions, research texts of lists, files."""


def start_research(
    *,
    lead: Lead | None = None,
    company: Company | None = None,
    segment: Segment | None = None,
    brief: Brief | None = None,
    limit: int = 200,
    started_by: User | None = None,
) -> Job:
    """Research a lead (with its company), a company, or the newest `limit` leads of a segment, as a job.

    One that is under way for the same is given back instead of a second. Raises `Invalid` and `Refused`.
    """
    subject = next((row for row in (lead, company, segment) if row is not None), None)
    if subject is None or sum(row is not None for row in (lead, company, segment)) > 1:
        raise Invalid("subject", _("Choose a lead, a company or a segment."), code="subject_missing")
    if lead is not None and lead.erased_at:
        raise Refused(_("This lead was erased."), code="lead_erased")
    if not 1 <= limit <= MOST_LEADS:
        raise Invalid("limit", _("Enter a number from %(low)s to %(high)s.") % {"low": 1, "high": MOST_LEADS})
    if (open_job := selectors.open_job(subject)) is not None:
        return open_job
    arguments: dict[str, Any] = {"brief": brief.pk if brief else None}
    if lead is not None:
        arguments["leads"] = [lead.pk]
    elif company is not None:
        arguments["companies"] = [company.pk]
    elif segment is not None:
        arguments["leads"] = selectors.newest_of_segment(segment, limit)
    return start_job(
        kind="research",
        task="leads.insights.tasks.research",
        arguments=arguments,
        subject=subject,
        started_by=started_by,
        lane="web",
        total_count=len(arguments.get("leads") or arguments.get("companies") or []),
    )


def research_company(*, company: Company, brief: Brief | None = None) -> Insight:
    """Research a company and write its insight. Waits for the web and a model, so not in a transaction."""
    question = Question(
        kind="company", name=company.name, domain=company.domain, website=company.website, city=company.city,
        country=company.country, profile=_profile(company.attributes),
    )  # fmt: skip
    remarks = _gather(question, company=company)
    _keep(RECORDS, findings("", company.research_text, title=_("Our own records")), company=company)
    return _write(company=company, brief=brief, names=[company.name], remarks=remarks)


def research_lead(*, lead: Lead, brief: Brief | None = None) -> Insight:
    """Research a person and their company and write the insights. Blocks like `research_company`."""
    company = lead.company
    if company is not None and not Insight.objects.filter(company=company).exists():
        research_company(company=company, brief=brief)
    files = reading.read_all(lead=lead)
    remarks = [f"{row.url}: {row.problem}" for row in files if row.problem]
    if lead.kind == Lead.Kind.PERSON and lead.full_name:
        question = Question(
            kind="person", name=lead.full_name, company=company.name if company else "", title=lead.title, city=lead.city,
            country=lead.country, profile=lead.address("network") or _profile(lead.attributes),
        )  # fmt: skip
        remarks += _gather(question, lead=lead)
    _keep(RECORDS, _recorded(lead), lead=lead)
    names = [name for name in (lead.full_name, company.name if company else "") if name]
    return _write(lead=lead, brief=brief or selectors.latest_brief(lead), names=names, remarks=remarks)


def _profile(attributes: dict[str, Any]) -> str:
    value = attributes.get("linkedin_url") or attributes.get("network_url") or ""
    return value if isinstance(value, str) and value.startswith("http") else ""


def _gather(question: Question, *, company: Company | None = None, lead: Lead | None = None) -> list[str]:
    """Ask every researcher and store what it found; returns what could not be asked, as sentences."""
    remarks = []
    for researcher in researchers():
        answered = ask(researcher, question, lead_id=lead.pk if lead else None)
        if answered.problem:
            remarks.append(f"{answered.researcher}: {answered.problem}")
        else:
            _keep_answer(answered, company=company, lead=lead)
    return remarks


def _keep_answer(answered: Answered, *, company: Company | None, lead: Lead | None) -> None:
    _keep(answered.researcher, answered.findings, company=company, lead=lead, fetched_at=answered.fetched_at)


@transaction.atomic
def _keep(
    researcher: str,
    found: Iterable[Finding],
    *,
    company: Company | None = None,
    lead: Lead | None = None,
    fetched_at: Any = None,
) -> None:
    """Update a researcher's facts to its latest answer: known ones keep their ids, missing ones are deleted."""
    if lead is not None and not Lead.objects.alive().select_for_update().filter(pk=lead.pk).exists():
        return  # erased meanwhile
    rows = {}
    for finding in found:
        key = joined_hash(finding.url, finding.quote)
        rows[key] = Fact(
            company=company, lead=lead, researcher=researcher, url=finding.url, title=finding.title, quote=finding.quote,
            published=finding.published, fetched_at=fetched_at or clock.now(), key=key,
        )  # fmt: skip
    Fact.objects.filter(company=company, lead=lead, researcher=researcher).exclude(key__in=list(rows)).delete()
    Fact.objects.bulk_create(rows.values(), ignore_conflicts=True)


def _recorded(lead: Lead) -> list[Finding]:
    """What our records say about a lead: its description, research columns of lists, and text of its files."""
    found = findings(lead.url, lead.description, title=lead.title)
    for name, value in sorted(lead.research.items()):
        if isinstance(value, str):
            found += findings("", value, title=name)
    for document in Document.objects.filter(lead=lead).exclude(text="").order_by("pk"):
        found += findings(document.url, document.text, title=document.get_kind_display())
    return extraction.most_telling(found, 40)


def _write(
    *,
    brief: Brief | None,
    names: list[str],
    remarks: list[str],
    company: Company | None = None,
    lead: Lead | None = None,
) -> Insight:
    """The insight about one subject from its facts; unchanged facts and brief keep it as it is."""
    statements = [Statement(fact.pk, fact.quote) for fact in selectors.facts_about(lead=lead, company=company)]
    inputs = canonical_hash(
        {"facts": [[row.id, row.quote] for row in statements], "brief": brief.content_hash if brief else "",
         "route": configured.chain(ROUTE)}
    )  # fmt: skip
    known = Insight.objects.filter(lead=lead, company=company).first()
    if known is not None and known.inputs_hash == inputs:
        known.remarks = remarks
        known.save(update_fields=["remarks", "updated_at"])
        return known
    own = extraction.extract(statements, wanted=wanted_words(brief), name=names[0] if names else "")
    if lead is not None and brief is not None:
        score = qualification.assess(lead=lead, wanted=expectations.parse(brief.factors)).score
        own.fit_score = round(100 * score) if score is not None else None
    written, interaction, provider = _asked(statements, own, brief=brief, names=names, lead=lead)
    values: dict[str, Any] = {part: [p.as_json() for p in getattr(written, part)] for part in Insight.PARTS}
    values |= {
        "fit_score": written.fit_score if brief is not None else None,
        "brief": brief,
        "provider": provider,
        "remarks": [*remarks, *written.remarks],
        "inputs_hash": inputs,
        "interaction": interaction,
    }
    with transaction.atomic():
        if lead is not None and not Lead.objects.alive().select_for_update().filter(pk=lead.pk).exists():
            raise Refused(_("This lead was erased."), code="lead_erased")
        insight, _is_new = Insight.objects.update_or_create(lead=lead, company=company, defaults=values)
    return insight


def _asked(
    statements: Sequence[Statement], own: Written, *, brief: Brief | None, names: list[str], lead: Lead | None
) -> tuple[Written, Any, str]:
    """The model's answer as far as it rests on facts, else our own; with the interaction that proves which."""
    text, given = writing.facts_text(row for row in statements if extraction.is_quotable(row.quote))
    if not given:
        return own, None, "builtin"
    version = packs.current(PACK)
    question = render(
        version,
        language="ru" if get_language() == "ru" else "en",
        trusted={
            "kind": "person" if lead is not None else "company",
            "brief": (brief.description or brief.name) if brief else "(no brief)",
        },
        untrusted={"name": ", ".join(names) or "(not known)", "facts": text},
    )
    trace = llm.open_trace("research", lead_id=lead.pk if lead else None)
    answer = llm.complete(
        llm.Call(
            trace=trace,
            step="insight",
            route=ROUTE,
            messages=question.messages,
            schema=writing.InsightAnswer,
            builtin=lambda: writing.as_answer(own),
            pack_sha=version.sha,
        )
    )
    llm.close_trace(trace)
    if answer.is_builtin:
        return own, answer.interaction, "builtin"
    written = writing.checked(answer.output, given, names=names)
    return written, answer.interaction, f"{answer.interaction.provider}/{answer.interaction.model}"


def forget(*, lead_ids: Iterable[int]) -> None:
    """Delete everything found out about these leads: they are being erased."""
    ids = list(lead_ids)
    for model in (LeadEmbedding, Insight, Fact, Document, ResearchAnswer):
        rows: models.QuerySet[Any] = model._default_manager.filter(lead__in=ids)
        rows.delete()
    EmbeddingDue.objects.filter(lead_id__in=ids).delete()
