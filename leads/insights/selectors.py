"""Queries of this room: facts, insights with their sources, and what drafts may use."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection, models
from django.db.models import Q

from leads.insights.models import Fact, Insight
from leads.models import Company, Lead
from leads.qualification.models import Brief, Verdict
from leads.segments import selectors as segments
from leads.segments.models import Segment
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.jobs.models import Job

MOST_FACTS = 80
FOR_DRAFTS = (("triggers", "trigger"), ("angles", "angle"), ("pains", "pain"))
MOST_FOR_DRAFTS = 4
LONGEST_FOR_DRAFTS = 240


@dataclass(frozen=True)
class Source:
    """A fact as it is cited: its number on the page, what it says and where."""

    number: int
    fact: Fact


@dataclass(frozen=True)
class Line:
    """A point with its citations."""

    text: str
    sources: list[Source]


@dataclass(frozen=True)
class Shown:
    """An insight as a page shows it."""

    insight: Insight
    parts: list[tuple[str, list[Line]]]
    sources: list[Source]

    @property
    def is_builtin(self) -> bool:
        return self.insight.provider == "builtin"


def facts_about(*, lead: Lead | None = None, company: Company | None = None) -> list[Fact]:
    """Facts about a lead and its company, or about a company alone: the lead's own first."""
    if lead is None:
        return list(Fact.objects.filter(company=company).order_by("pk")[:MOST_FACTS])
    about = Q(lead=lead) | Q(company=lead.company_id) if lead.company_id else Q(lead=lead)
    return list(Fact.objects.filter(about).order_by(models.F("lead").asc(nulls_last=True), "pk")[:MOST_FACTS])


def shown(*, lead: Lead | None = None, company: Company | None = None) -> Shown | None:
    """The insight about a subject with numbered sources, or None."""
    insight = Insight.objects.select_related("brief").filter(lead=lead, company=company).first()
    if insight is None:
        return None
    cited = [fact for part in Insight.PARTS for point in getattr(insight, part) for fact in point.get("facts", [])]
    facts = Fact.objects.in_bulk(list(dict.fromkeys(cited)))
    sources = {pk: Source(n, facts[pk]) for n, pk in enumerate((pk for pk in dict.fromkeys(cited) if pk in facts), 1)}
    labels = {
        "summary": _("Summary"),
        "fit": _("Fit"),
        "pains": _("Pains"),
        "triggers": _("Triggers"),
        "angles": _("Angles"),
    }
    parts = []
    for part in Insight.PARTS:
        lines = [
            Line(str(point["text"]), found)
            for point in getattr(insight, part)
            if (found := [sources[pk] for pk in point.get("facts", []) if pk in sources])
        ]
        if lines:
            parts.append((labels[part], lines))
    return Shown(insight, parts, list(sources.values()))


ForDrafts = list[tuple[str, str, str]]
"""(id, name, value) of what a message may refer to."""


def for_drafts(lead: Lead) -> ForDrafts:
    """What a message to `lead` may refer to: the quotes themselves, never a model's words for them."""
    return for_drafts_to([lead])[lead.pk]


def for_drafts_to(leads: Collection[Lead]) -> dict[int, ForDrafts]:
    """The same for many, by lead, in two queries."""
    companies = {lead.company_id for lead in leads if lead.company_id}
    about = Q(lead__in=[lead.pk for lead in leads]) | Q(company__in=companies)
    insights = list(Insight.objects.filter(about).order_by(models.F("lead").asc(nulls_last=True)))
    chosen = (
        {
            lead.pk: _cited(
                i for i in insights if i.lead_id == lead.pk or (i.company_id and i.company_id == lead.company_id)
            )
            for lead in leads
        }
        if insights
        else {}
    )
    wanted = {pk for cited in chosen.values() for pk in cited}
    facts = Fact.objects.filter(pk__in=wanted).in_bulk() if wanted else {}
    return {lead.pk: _quotes(chosen.get(lead.pk, {}), facts) for lead in leads}


def _cited(insights: Iterable[Insight]) -> dict[int, str]:
    """What the insights rest on: the name of the part by fact, a person's own before their company's."""
    chosen: dict[int, str] = {}
    for insight in insights:
        for part, name in FOR_DRAFTS:
            for point in getattr(insight, part):
                for pk in point.get("facts", []):
                    chosen.setdefault(pk, name)
    return chosen


def _quotes(cited: dict[int, str], facts: dict[int, Fact]) -> ForDrafts:
    rows = [
        (f"fact:{pk}", f"insight.{name}", facts[pk].quote)
        for pk, name in cited.items()
        if pk in facts and len(facts[pk].quote) <= LONGEST_FOR_DRAFTS
    ]
    return rows[:MOST_FOR_DRAFTS]


def latest_brief(lead: Lead) -> Brief | None:
    """The brief by which the lead was judged last."""
    verdict = Verdict.objects.filter(lead=lead).select_related("brief").order_by("-pk").first()
    return verdict.brief if verdict else None


def open_job(subject: models.Model) -> Job | None:
    """The research about `subject` that is under way."""
    return Job.objects.open().about(subject).filter(kind="research").order_by("-pk").first()


def newest_of_segment(segment: Segment, limit: int) -> list[int]:
    """The ids of a segment's newest leads. Raises `Invalid` for a segment without matches."""
    version = segment.current
    if version is None:
        return []
    sql, parameters = segments.lead_ids_query(version.criteria)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY l.id DESC LIMIT {int(limit)}", parameters)
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        raise Invalid("segment", _("No one is in this segment right now."), code="segment_empty")
    return ids
