"""Reads of verdicts: which one counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import models

from leads.models import Lead
from leads.qualification.factors import NAMES, Sentence
from leads.qualification.models import Brief, Verdict
from leads.selectors import ids_found
from outreach.core import clock
from outreach.core.words import gettext as _
from outreach.core.words import joined

LIFETIME = timedelta(days=14)
"""How long a model's verdict is reused for unchanged facts and brief."""

TRIED = 500
"""Leads that a brief is counted over while it is written."""

STRENGTH = {
    Verdict.Source.RULES: 0,
    Verdict.Source.LEARNER: 1,
    Verdict.Source.LLM: 2,
    Verdict.Source.PERSON: 3,
}


def current(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The one that counts among the verdicts of one lead and brief: a person's newest; else the strongest of those
    about the facts and the brief that the newest is about."""
    rows = sorted(verdicts, key=lambda v: -v.pk)
    by_person = next((v for v in rows if v.source == Verdict.Source.PERSON), None)
    if by_person is not None:
        return by_person
    same = [v for v in rows if (v.lead_hash, v.brief_hash) == (rows[0].lead_hash, rows[0].brief_hash)]
    return max(same, key=lambda v: (STRENGTH[Verdict.Source(v.source)], v.pk), default=None)


def latest_verdict(lead_id: int, brief_id: int) -> Verdict | None:
    """The verdict that counts for one lead and brief."""
    return current(_newest(Verdict.objects.filter(lead_id=lead_id, brief_id=brief_id)))


def latest_verdicts(lead_ids: Iterable[int], brief_id: int) -> dict[int, Verdict]:
    """The verdicts that count, by lead; one query."""
    by_lead: dict[int, list[Verdict]] = {}
    for verdict in _newest(Verdict.objects.filter(lead_id__in=list(lead_ids), brief_id=brief_id)):
        by_lead.setdefault(verdict.lead_id, []).append(verdict)
    return {lead_id: found for lead_id, rows in by_lead.items() if (found := current(rows))}


def _newest(verdicts: models.QuerySet[Verdict]) -> models.QuerySet[Verdict]:
    """The newest of each source; older ones of the same source never count."""
    return verdicts.order_by("lead_id", "source", "-id").distinct("lead_id", "source").select_related("decided_by")


def judged(
    leads: models.QuerySet[Lead], *, is_qualified: bool | None = None, min_score: float | None = None
) -> models.QuerySet[Lead]:
    """Those of `leads` whose last verdict, a person's before all others, says so, for whatever brief it was."""
    said = Verdict.objects.filter(lead=models.OuterRef("pk")).order_by(
        models.Case(models.When(source=Verdict.Source.PERSON, then=0), default=1), "-pk"
    )
    if is_qualified is not None:
        wanted = Verdict.objects.filter(is_qualified=is_qualified).values("lead")
        leads = leads.filter(pk__in=wanted).alias(said=models.Subquery(said.values("is_qualified")[:1]))
        leads = leads.filter(said=is_qualified)
    if min_score is not None:
        wanted = Verdict.objects.filter(score__gte=min_score).values("lead")
        leads = leads.filter(pk__in=wanted).alias(score=models.Subquery(said.values("score")[:1]))
        leads = leads.filter(score__gte=min_score)
    return leads


def verdicts_of(lead: Lead) -> list[Verdict]:
    """The effective verdict for each brief that `lead` was qualified by, newest first."""
    by_brief: dict[int, list[Verdict]] = {}
    rows = lead.verdicts.order_by("brief_id", "source", "-id").distinct("brief_id", "source")
    for verdict in rows.select_related("brief", "decided_by"):
        by_brief.setdefault(verdict.brief_id, []).append(verdict)
    return sorted((v for rows in by_brief.values() if (v := current(rows))), key=lambda v: -v.pk)


def is_fresh(verdict: Verdict) -> bool:
    """Whether a model's verdict may still be reused."""
    return verdict.created_at > clock.now() - LIFETIME


def factor_rows(factors: dict[str, Any]) -> list[dict[str, Any]]:
    """The five factors of a verdict for a page: name, weight, percent, sentences in the viewer's language."""
    rows = []
    for name, label in NAMES.items():
        stored = factors.get(name)
        if not stored or not stored.get("is_asked"):
            continue
        value = stored.get("value")
        rows.append(
            {
                "name": name,
                "label": _(label),
                "weight": stored["weight"],
                "value": value,
                "percent": None if value is None else round(100 * value),
                "sentences": [Sentence(s["text"], s["gaps"]).say() for s in stored.get("sentences", [])],
            }
        )
    return rows


def summary(reasons: Sequence[str]) -> str:
    """The first three reasons as one line."""
    return joined("; ", reasons[:3])


def nearest_labels(factors: dict[str, Any]) -> list[dict[str, Any]]:
    """The labelled leads that a learner's verdict rests on: lead, answer, percent of likeness."""
    stored = (factors.get("learner") or {}).get("nearest", [])
    leads = Lead.objects.alive().in_bulk([one["lead_id"] for one in stored])
    return [
        {
            "lead": leads[one["lead_id"]],
            "is_positive": one["is_positive"],
            "percent": max(0, round(100 * one["likeness"])),
        }
        for one in stored
        if one["lead_id"] in leads
    ]


def samples(query: str = "", limit: int = 6) -> list[Lead]:
    """Some leads to try a brief on: the newest, or those that `query` finds by the start of name, address, company or title."""
    leads = Lead.objects.alive().select_related("company").order_by("-id")
    if query.strip().isdigit():
        return list(leads.filter(pk=int(query.strip()))[:limit]) if len(query.strip()) < 19 else []
    if query.strip():
        start = query.strip().lower()
        titled = Lead.objects.filter(title_key__gte=start, title_key__lt=f"{start}\U0010ffff").values("pk")
        leads = leads.filter(pk__in=ids_found(query).union(titled))
    return list(leads[:limit])


def newest(limit: int = TRIED) -> list[Lead]:
    """The leads that a brief's counts are taken over."""
    return list(Lead.objects.alive().select_related("company").order_by("-id")[:limit])


def brief_list() -> models.QuerySet[Brief]:
    return Brief.objects.select_related("created_by")
