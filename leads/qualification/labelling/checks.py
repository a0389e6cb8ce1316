"""The audit of the learner: a share of its sure decisions is made by a person or a model all the same, and compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F

from leads.qualification.models import Brief, LearnerCheck

WINDOW = 100
"""Checks that are counted: the newest with an answer."""
LEAST = 20
"""A share is taken of at least so many, so that one mistake among the first few stops nothing."""


@dataclass(frozen=True)
class Measured:
    """How often the learner was wrong where it was sure."""

    answered: int
    wrong: int
    waiting: int
    promised: float

    @property
    def rate(self) -> float | None:
        return self.wrong / self.answered if self.answered else None

    @property
    def is_stopped(self) -> bool:
        """Wrong more often than promised: it decides nothing alone until the newest checks say otherwise."""
        return self.wrong / max(self.answered, LEAST) > self.promised


def measured(brief: Brief) -> Measured:
    """From the newest checks; two queries by index."""
    rows = LearnerCheck.objects.filter(brief=brief)
    newest = list(rows.exclude(answer=None).order_by("-pk").values_list("said", "answer")[:WINDOW])
    wrong = sum(said != answer for said, answer in newest)
    return Measured(len(newest), wrong, rows.filter(answer=None).count(), brief.promised_error)


def is_drawn(brief: Brief, lead_id: int) -> bool:
    """Whether this lead is in the share that is checked: drawn by a hash, so that asking again draws the same."""
    drawn = hashlib.sha256(f"check:{brief.pk}:{lead_id}".encode()).digest()
    return int.from_bytes(drawn[:8]) / 2**64 < brief.checked_share


def remember(*, brief: Brief, decisions: Iterable[tuple[int, float, bool]]) -> None:
    """Note what the learner would have decided, as (lead, probability, answer); who is noted already stays."""
    rows = [LearnerCheck(brief=brief, lead_id=lead, probability=p, said=said) for lead, p, said in decisions]
    LearnerCheck.objects.bulk_create(rows, ignore_conflicts=True)


def answer(*, brief: Brief, answers: Mapping[int, bool], is_by_person: bool) -> None:
    """What was decided instead; a model's answer never replaces a person's."""
    rows = LearnerCheck.objects.filter(brief=brief, lead_id__in=list(answers))
    if not is_by_person:
        rows = rows.filter(is_by_person=False)
    for value in (True, False):
        leads = [lead for lead, given in answers.items() if given is value]
        if leads:
            rows.filter(lead_id__in=leads).update(answer=value, is_by_person=is_by_person)


def reopen(*, brief_id: int, lead_id: int) -> None:
    """The answer was taken back."""
    LearnerCheck.objects.filter(brief=brief_id, lead=lead_id).update(answer=None, is_by_person=False)


def waiting(brief: Brief) -> list[int]:
    """Leads whose check waits for an answer, oldest first."""
    rows = LearnerCheck.objects.filter(brief=brief, answer=None, lead__erased_at=None).order_by(F("pk"))
    return list(rows.values_list("lead_id", flat=True)[:WINDOW])
