"""Labels: given, taken back, and which one of each lead counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models.functions import Coalesce

from leads.models import Lead
from leads.qualification.labelling import checks
from leads.qualification.learner.calibration import LEAST_LABELS
from leads.qualification.models import Brief, Label, Verdict
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.words import gettext as _


@dataclass(frozen=True)
class Given:
    """The label that counts for one lead."""

    pk: int
    lead_id: int
    is_positive: bool
    is_by_person: bool


def give(
    *,
    brief: Brief,
    lead: Lead,
    is_positive: bool,
    source: str,
    user: User | None,
    reason: str = "",
    verdict: Verdict | None = None,
) -> Label:
    """Record a person's label. One about a merged lead is about the lead that was kept. Raises `Refused` `lead_erased`."""
    kept = lead.merged_into if lead.merged_into_id else lead
    if kept is None or kept.erased_at is not None:
        raise Refused(_("This lead was erased."), code="lead_erased")
    checks.answer(brief=brief, answers={kept.pk: is_positive}, is_by_person=True)
    return Label.objects.create(
        brief=brief, lead=kept, is_positive=is_positive, source=source, reason=reason, given_by=user, verdict=verdict
    )


def give_by_model(*, brief: Brief, answers: Mapping[int, bool]) -> None:
    """Record what a language model answered, by lead."""
    checks.answer(brief=brief, answers=answers, is_by_person=False)
    Label.objects.bulk_create(
        Label(brief=brief, lead_id=lead_id, is_positive=is_positive, source=Label.Source.MODEL)
        for lead_id, is_positive in answers.items()
    )


def last_of(*, brief: Brief, user: User) -> Label | None:
    """The newest label that `user` gave on the labelling page and did not take back."""
    mine = Label.objects.in_force().filter(brief=brief, given_by=user, source=Label.Source.LABELLING)
    return mine.select_related("lead__company", "verdict").order_by("-pk").first()


def withdraw(label: Label) -> None:
    """Take a label back; an earlier one about the same lead counts again."""
    label.withdrawn_at = clock.now()
    label.save(update_fields=["withdrawn_at"])
    checks.reopen(brief_id=label.brief_id, lead_id=label.lead_id)


def in_force(brief_id: int) -> list[Given]:
    """The label that counts of each lead, in the order in which they were given; labels follow a merged lead."""
    rows = (
        Label.objects.in_force()
        .filter(brief=brief_id)
        .order_by("pk")
        .values_list("pk", Coalesce("lead__merged_into", "lead"), "is_positive", "source")
    )
    found: dict[int, Given] = {}
    for pk, lead_id, is_positive, source in rows:
        is_by_person = source != Label.Source.MODEL
        before = found.get(lead_id)
        if before is None or is_by_person or not before.is_by_person:
            found[lead_id] = Given(pk, lead_id, is_positive, is_by_person)
    return sorted(found.values(), key=lambda given: given.pk)


def are_many(brief_id: int) -> bool:
    """Whether there can be enough labels for the learner to decide alone; one cheap query."""
    rows = Label.objects.in_force().filter(brief=brief_id).order_by("pk")
    return rows[LEAST_LABELS - 1 : LEAST_LABELS].exists()


def contradicted(brief_id: int) -> int:
    """How many leads people gave both answers to; the newer one counts."""
    rows = Label.objects.in_force().filter(brief=brief_id).exclude(source=Label.Source.MODEL)
    answers: dict[int, set[bool]] = {}
    for lead_id, is_positive in rows.values_list(Coalesce("lead__merged_into", "lead"), "is_positive"):
        answers.setdefault(lead_id, set()).add(is_positive)
    return sum(len(given) == 2 for given in answers.values())
