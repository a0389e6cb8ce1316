"""Ask a researcher once: from the cache if it answered recently, within the daily budget if it costs money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from leads.insights import extraction
from leads.insights.models import ResearchAnswer
from leads.insights.research.base import MOST_FINDINGS, Finding, Question, Researcher
from outreach.core import clock
from outreach.core.errors import OutreachError, Refused
from outreach.core.hashing import joined_hash
from outreach.core.words import gettext as _


@dataclass(frozen=True)
class Answered:
    """The result of asking one researcher. `problem` says why there is none."""

    researcher: str
    findings: tuple[Finding, ...] = ()
    fetched_at: datetime | None = None
    is_cached: bool = False
    problem: str = ""


def ask(researcher: Researcher, question: Question, *, lead_id: int | None = None) -> Answered:
    """The researcher's findings. Never raises for a failing researcher or service; the result says so.

    `lead_id` is the person that the question is about, so that the answer is erased with the person.
    """
    if problem := researcher.objection(question):
        return Answered(researcher.name, problem=problem)
    key, now = joined_hash(researcher.name, question.hash()), clock.now()
    cached = ResearchAnswer.objects.filter(key=key, expires_at__gt=now).first()
    if cached is not None:
        found = tuple(Finding(**finding) for finding in cached.findings)
        return Answered(researcher.name, found, cached.fetched_at, is_cached=True)
    try:
        if researcher.is_paid:
            spend(researcher.name)
        found = tuple(extraction.most_telling(researcher.ask(question), MOST_FINDINGS))
    except OutreachError as error:
        return Answered(researcher.name, problem=error.reason)
    days = settings.OUTREACH.research.cache_days
    ResearchAnswer.objects.update_or_create(
        key=key,
        defaults={
            "researcher": researcher.name,
            "lead_id": lead_id,
            "findings": [finding.as_json() for finding in found],
            "fetched_at": now,
            "expires_at": now + timedelta(days=days),
        },
    )
    return Answered(researcher.name, found, now)


def spend(name: str) -> None:
    """Take one call from a service's budget for today (UTC). Raises `Refused` `budget_spent`."""
    most = getattr(settings.OUTREACH.research, name).calls_per_day
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO insights_researchspending AS s (researcher, day, calls) SELECT %s, %s, 1 WHERE %s > 0"
            " ON CONFLICT (researcher, day) DO UPDATE SET calls = s.calls + 1 WHERE s.calls < %s RETURNING calls",
            [name, clock.now().date(), most, most],
        )
        if cursor.fetchone() is None:
            raise Refused(
                _("Today's budget of %(count)s calls to %(name)s is used up.") % {"count": most, "name": name},
                code="budget_spent",
            )
