"""One edit for all texts that came from the same wording: the fixed words change, every value stays.

Texts that a person edited by hand are left alone. What is about to happen is shown first, with counts and samples.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from campaigns.drafts import likeness
from campaigns.drafts.models import DRAFT, Draft
from campaigns.drafts.services import (
    back_to_review,
    check_seen,
    checked_text,
    full_rows,
    keep_text,
    locked,
    recheck,
    set_text,
)
from campaigns.journey.advancing import lock_candidate
from campaigns.review import stacking
from campaigns.review.many import BulkResult
from campaigns.review.services import step_back
from campaigns.review.wording import fact_name
from outreach.access.models import User
from outreach.core import audit
from outreach.core.errors import Invalid, OutreachError
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import joined, ngettext
from outreach.jobs.models import Job
from outreach.jobs.services import advance, start_job
from outreach.prompts.rendering import Text

SAMPLES = 3
AT_ONCE = 200
"""Texts that are changed while the person waits; more go to a job."""
KIND = "campaign.reword_drafts"


@dataclass(frozen=True)
class Rewording:
    """The new words, with `{{ name }}` where a value stands, for all texts like the one that was seen."""

    draft_id: int
    version: int
    subject: str
    body: str


@dataclass(frozen=True)
class Sample:
    lead: str
    before: Text
    after: Text


@dataclass
class Preview:
    """What would change."""

    count: int = 0
    approved_count: int = 0
    """Of these, approved ones: they return to review, since the approval was for other words."""
    edited_count: int = 0
    """Edited by hand, so left alone."""
    samples: list[Sample] = field(default_factory=list)


def words_of(draft: Draft) -> Text:
    """The draft's text with its values taken out, as it is edited."""
    return Text(likeness.template_of(draft.subject, draft.values), likeness.template_of(draft.body, draft.values))


def preview(wanted: Rewording) -> Preview:
    """Raises `ChangedMeanwhile` when the draft was changed since it was seen, `Invalid` for words that cannot be sent."""
    draft, words = _checked(wanted)
    rows = stacking.similar(draft)
    ours = rows.filter(edited_by=None)
    found = Preview(
        count=ours.count(),
        approved_count=ours.filter(state__in=DRAFT.final).count(),
        edited_count=rows.exclude(edited_by=None).count(),
    )
    for row in ours.select_related("candidate__lead").order_by("pk")[:SAMPLES]:
        found.samples.append(Sample(str(row.candidate.lead), Text(row.subject, row.body), _filled(words, row)))
    return found


def apply(wanted: Rewording, *, user: User) -> BulkResult | Job:
    """Change all of them. Raises as `preview`."""
    draft, words = _checked(wanted)
    ids = list(stacking.similar(draft).filter(edited_by=None).order_by("pk").values_list("pk", flat=True))
    if len(ids) <= AT_ONCE:
        return _change(ids, words, user)
    return start_job(
        kind=KIND,
        task="campaigns.review.tasks.reword",
        arguments={"ids": ids, "subject": words.subject, "body": words.body},
        subject=draft.candidate.campaign,
        started_by=user,
        total_count=len(ids),
    )


def apply_in_job(job: Job) -> BulkResult:
    """The same for many, with progress; what was changed already stays as it is."""
    words = Text(job.arguments["subject"], job.arguments["body"])
    if job.started_by is None:
        raise Invalid("user", _("The user who started this no longer exists."))
    result = BulkResult()
    ids = job.arguments["ids"]
    for start in range(0, len(ids), AT_ONCE):
        part = _change(ids[start : start + AT_ONCE], words, job.started_by)
        result.done += part.done
        result.skipped += part.skipped
        advance(job, start + len(ids[start : start + AT_ONCE]), len(ids))
    return result


def told(result: BulkResult) -> str:
    """What was changed, in a sentence, with the reasons of what stayed."""
    count = len(result.done)
    said = ngettext("%(count)s draft changed.", "%(count)s drafts changed.", count) % {"count": count}
    return joined(" ", [said, *result.told()])


def _checked(wanted: Rewording) -> tuple[Draft, Text]:
    draft = full_rows().get(pk=wanted.draft_id)
    check_seen(draft, wanted.version, DRAFT.open)
    words = Text(*checked_text(wanted.subject, wanted.body))
    known = likeness.slots_in(f"{words_of(draft).subject}\n{words_of(draft).body}")
    unknown = [name for name in likeness.slots_in(f"{words.subject}\n{words.body}") if name not in known]
    if unknown:
        raise Invalid(
            "body",
            _("“%(unknown)s” is not filled in here. Use: %(known)s.")
            % {"unknown": unknown[0], "known": ", ".join(f"{{{{ {name} }}}} ({fact_name(name)})" for name in known)},
        )
    if words == words_of(draft):
        raise Invalid("body", _("Change some words first."))
    return draft, words


def _filled(words: Text, row: Draft) -> Text:
    return Text(likeness.fill(words.subject, row.values), likeness.fill(words.body, row.values))


def _change(ids: list[int], words: Text, user: User) -> BulkResult:
    result = BulkResult()
    for row in full_rows().filter(pk__in=ids).order_by("pk"):
        try:
            if _reword(row, words, user):
                result.done.append(row.pk)
        except OutreachError as error:
            result.skipped.append((row.pk, error.reason))
    return result


@transaction.atomic
def _reword(draft: Draft, words: Text, user: User) -> bool:
    """One text; False when it has these words already, or somebody edited it by hand meanwhile."""
    lock_candidate(draft.candidate_id)
    row = locked(draft, draft.version, DRAFT.open)
    text = _filled(words, row)
    if row.edited_by_id or (text.subject, text.body) == (row.subject, row.body):
        return False
    keep_text(row, reason="alike", author=None)
    set_text(row, *checked_text(text.subject, text.body))
    recheck(row)
    row.save()
    if row.state in DRAFT.decided:
        back_to_review(row, Actor.of(user), _("The wording was changed for all similar drafts."))
        step_back(row)
    audit.record("draft.reworded", subject=row, actor=Actor.of(user), data={"version": row.version})
    return True
