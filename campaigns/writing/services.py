"""Save what a step says, and write again what is not sent and no one edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from campaigns.drafts import services as drafts
from campaigns.drafts.models import DRAFT, Draft, DraftQuerySet
from campaigns.journey.advancing import lock_candidate
from campaigns.models import CAMPAIGN, Outcome
from campaigns.review.many import BulkResult
from campaigns.review.received import Change, difference
from campaigns.review.services import step_back
from campaigns.steps.models import Step
from campaigns.writing import previews, words
from campaigns.writing.words import StepText
from outreach.access.models import User
from outreach.core import audit
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.intervals import Rate, wilson
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import joined, ngettext
from outreach.jobs.models import Job
from outreach.jobs.services import advance, start_job
from outreach.prompts import liquid_text, rendering
from outreach.prompts import services as packs
from outreach.prompts.models import PRODUCTION, PackLabel, PackVersion
from outreach.prompts.pack import Pack
from outreach.prompts.parser import to_source

KIND = "campaign.apply_text"
AT_ONCE = 100
"""Drafts that are written again while the person waits; more go to a job."""
SAMPLES = 5


@dataclass(frozen=True)
class Sample:
    """One draft and what would become of it."""

    draft: Draft
    changes: list[Change]


@dataclass
class Effect:
    """What applying the step's text would change."""

    count: int = 0
    approved_count: int = 0
    edited_count: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True)
class Version:
    """A state of a template, with what came of it."""

    version: PackVersion
    is_current: bool
    campaign_count: int
    sent_count: int
    replies: Rate

    @property
    def low(self) -> int:
        """The lower end of the reply rate's interval, in percent."""
        return round(100 * (self.replies.low or 0))

    @property
    def high(self) -> int:
        return round(100 * (self.replies.high or 0))


def save(*, step: Step, text: StepText, user: User, name: str = "") -> PackVersion:
    """Store the text as a new version of the step's template, which the step then uses. Nothing is written again yet.

    A shipped template is never changed: the campaign gets one of its own. Raises `Invalid` naming the field, `Refused`
    when the campaign is over.
    """
    if step.campaign.state in CAMPAIGN.over:
        raise Refused(_("This campaign has ended, so its texts can no longer be changed."), code="campaign_over")
    before = rendering.pack_of(step.pack)
    pack = words.changed(before, text, name=name.strip() or _name(step, before))
    if PackLabel.objects.filter(name=pack.name, label=packs.SHIPPED).exists():
        raise Invalid("name", _("“%(name)s” is a shipped template. Choose another name.") % {"name": pack.name})
    with transaction.atomic():
        version = packs.save_version(pack, source=to_source(pack))
        packs.set_label(version, PRODUCTION)
        Step.objects.filter(pk=step.pk).update(pack_version=version)
        data = {"step": step.number, "before": step.pack.sha, "after": version.sha}
        audit.record("campaign.text_changed", subject=step.campaign, actor=Actor.of(user), data=data)
    step.pack_version = version
    return version


def _name(step: Step, pack: Pack) -> str:
    if PackLabel.objects.filter(name=pack.name, label=packs.SHIPPED).exists():
        return words.own_name(step.campaign.name, step.campaign_id, step.number)
    return pack.name


def open_drafts(step: Step) -> DraftQuerySet:
    """Drafts of the step that are not sent and that no one edited."""
    return Draft.objects.filter(step=step, state__in=DRAFT.open, edited_by=None)


def effect(step: Step) -> Effect:
    """What applying would change, with samples of the difference. For a text by a model there are no samples."""
    rows = open_drafts(step)
    found = Effect(
        count=rows.count(),
        approved_count=rows.filter(state__in=DRAFT.decided).count(),
        edited_count=Draft.objects.filter(step=step, state__in=DRAFT.open).exclude(edited_by=None).count(),
    )
    pack = rendering.pack_of(step.pack)
    if not words.text_of(pack, pack.languages[0]).is_by_model:
        for row in drafts.full_rows().filter(pk__in=rows.order_by("pk").values("pk")[:SAMPLES]).order_by("pk"):
            changes = _difference(step, pack, row)
            if any(change.kind for change in changes):
                found.samples.append(Sample(row, changes))
    return found


def _difference(step: Step, pack: Pack, row: Draft) -> list[Change]:
    known = previews.collected(step, row.candidate, row.language)
    try:
        text = previews.rendered(
            step=step, pack=pack, candidate=row.candidate, variant=row.variant, language=row.language, found=known
        )
    except liquid_text.TemplateError as error:
        return [Change(error.reason)]
    return difference(f"{row.subject}\n\n{row.body}".strip(), f"{text.subject}\n\n{text.body}".strip())


def apply(*, step: Step, user: User) -> BulkResult | Job:
    """Write again every draft that is not sent and not edited. Approved ones go back to review."""
    ids = list(open_drafts(step).order_by("pk").values_list("pk", flat=True))
    if len(ids) <= AT_ONCE and not words.text_of(rendering.pack_of(step.pack), "en").is_by_model:
        return _write_again(ids, user)
    return start_job(
        kind=KIND,
        task="campaigns.writing.tasks.apply",
        arguments={"ids": ids},
        subject=step.campaign,
        started_by=user,
        lane="llm",
        total_count=len(ids),
    )


def apply_in_job(job: Job) -> BulkResult:
    """The same for many, with progress; what was written already stays."""
    if job.started_by is None:
        raise Invalid("user", _("The user who started this no longer exists."))
    result, ids = BulkResult(), job.arguments["ids"]
    for start in range(0, len(ids), 20):
        part = _write_again(ids[start : start + 20], job.started_by)
        result.done += part.done
        result.skipped += part.skipped
        advance(job, min(start + 20, len(ids)), len(ids))
    return result


def told(result: BulkResult) -> str:
    """What was written again, with the reasons of what was not."""
    count = len(result.done)
    said = ngettext("%(count)s draft rewritten.", "%(count)s drafts rewritten.", count) % {"count": count}
    return joined(" ", [said, *result.told()])


def _write_again(ids: list[int], user: User) -> BulkResult:
    result = BulkResult()
    for row in drafts.full_rows().filter(pk__in=ids).order_by("candidate_id", "step__number", "pk"):
        try:
            if _write_one(row, user):
                result.done.append(row.pk)
        except OutreachError as error:
            result.skipped.append((row.pk, error.reason))
    return result


def _write_one(seen: Draft, user: User) -> bool:
    """One draft; False when its text stays the same, or somebody edited it meanwhile."""
    written = drafts.rewritten(seen, "regenerate")
    with transaction.atomic():
        lock_candidate(seen.candidate_id)
        row = drafts.locked(seen, seen.version, DRAFT.open)
        if row.edited_by_id or (row.subject, row.body) == (written.text.subject, written.text.body):
            return False
        drafts.take_written(row, written, reason="template")
        if row.state in DRAFT.decided:
            drafts.back_to_review(row, Actor.of(user), _("The message of this step was changed."))
            step_back(row)
        audit.record("draft.rewritten", subject=row, actor=Actor.of(user), data={"version": row.version})
    return True


# templates


def versions(name: str, *, limit: int = 10) -> list[Version]:
    """The states of one template, newest first, with what was sent and answered."""
    rows = list(PackVersion.objects.filter(name=name).prefetch_related("labels").order_by("-pk")[:limit])
    figures = {
        row["interaction__pack_sha"]: row
        for row in Draft.objects.filter(interaction__pack_sha__in=[r.sha for r in rows], message__sent_at__isnull=False)
        .order_by()
        .values("interaction__pack_sha")
        .annotate(
            sent=Count("pk", distinct=True),
            replied=Count("pk", filter=Q(candidate__outcomes__kind=Outcome.Kind.REPLIED), distinct=True),
        )
    }
    uses = {
        row["pack_version"]: row["count"]
        for row in Step.objects.filter(pack_version__in=rows)
        .order_by()
        .values("pack_version")
        .annotate(count=Count("campaign", distinct=True))
    }
    return [
        Version(
            row,
            any(label.label == PRODUCTION for label in row.labels.all()),
            uses.get(row.pk, 0),
            *_rates(figures.get(row.sha)),
        )
        for row in rows
    ]


def _rates(row: Mapping[str, Any] | None) -> tuple[int, Rate]:
    sent = row["sent"] if row else 0
    return sent, wilson(row["replied"] if row else 0, sent)


def templates(channel: str) -> list[PackVersion]:
    """The current version of every template for `channel`."""
    return list(PackVersion.objects.in_production().filter(channel=channel).order_by("name").distinct())
