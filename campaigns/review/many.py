"""A reviewer's word on many drafts at once. Each pair is (id, version that the person saw); what changed is left alone.

Approvals go in chunks of a few statements each, with the same checks as one approval; the rest goes one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import F

from campaigns.drafts import judging
from campaigns.drafts.models import DRAFT, Decision, Draft
from campaigns.drafts.services import check_seen, current_hash, full_rows, rewrite
from campaigns.journey.advancing import on_approvals
from campaigns.models import Candidate
from campaigns.review.services import approve, decide, exclude_candidate, refuse_unfit, reject
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.audit import record_alike
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import joined

CHUNK = 250
Pairs = Iterable[tuple[int, int]]


@dataclass
class BulkResult:
    """What a bulk use case did: ids done, and (id, reason) of those left alone."""

    done: list[int] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    """Ids of variants whose message another variant was chosen for."""

    def reasons(self) -> dict[str, int]:
        """How many were left alone, by reason."""
        counts: dict[str, int] = {}
        for _pk, reason in self.skipped:
            counts[reason] = counts.get(reason, 0) + 1
        return counts

    def told(self) -> list[str]:
        """The reasons in words, each with its number."""
        return [joined(" × ", (str(number), reason)) for reason, number in self.reasons().items()]


def bulk_approve(
    *, pairs: Pairs, user: User, variant: str = "", progress: Callable[[int], object] = lambda done: None
) -> BulkResult:
    """Approve one text of each message: `variant` where it was picked, else the first that was."""
    wanted = dict(pairs)
    rows = Draft.objects.filter(pk__in=wanted).order_by("pk").values_list("pk", "candidate", "step", "variant")
    chosen: dict[tuple[int, int], int] = {}
    known: set[int] = set()
    for pk, candidate, step, name in rows:
        known.add(pk)
        if (candidate, step) not in chosen or name == variant:
            chosen[candidate, step] = pk
    kept = sorted(chosen.values())
    result = BulkResult(others=sorted(known - set(kept)), skipped=_missing(wanted, known))
    decision = decide(user, Decision.Verb.APPROVE)
    for start in range(0, len(kept), CHUNK):
        chunk = {pk: wanted[pk] for pk in kept[start : start + CHUNK]}
        try:
            done, skipped = _approve_chunk(chunk, decision)
        except IntegrityError:  # somebody approved another variant at the same moment: find out whose
            found = _each(chunk.items(), lambda d, v: approve(draft=d, version=v, user=user, decision=decision))
            done, skipped = found.done, found.skipped
        result.done += done
        result.skipped += skipped
        progress(start + len(chunk))
    return result


@transaction.atomic
def _approve_chunk(wanted: dict[int, int], decision: Decision) -> tuple[list[int], list[tuple[int, str]]]:
    """Candidates are locked first, then all texts of the messages, as everywhere in the journey."""
    chosen = Draft.objects.filter(pk__in=wanted)
    candidates = Candidate.objects.select_for_update().filter(drafts__in=chosen)
    list(candidates.order_by("pk").values_list("pk", flat=True))
    steps = {step for (step,) in chosen.order_by("step").values_list("step").distinct()}
    texts = Draft.objects.select_for_update().filter(candidate__drafts__in=chosen, step__in=steps)
    list(texts.order_by("pk").values_list("pk", flat=True))
    fit, skipped = [], []
    shared: dict[int, object] = {}
    for row in full_rows().filter(pk__in=wanted).order_by("pk"):
        row.step = shared.setdefault(row.step_id, row.step)  # type: ignore[assignment]
        try:
            check_seen(row, wanted[row.pk], DRAFT.undecided)
            refuse_unfit(row)
        except Refused as error:
            skipped.append((row.pk, error.reason))
            continue
        row.content_hash = current_hash(row)
        fit.append(row)
    Draft.objects.bulk_update(fit, ["content_hash"])
    actor = Actor.of(decision.user)
    changes = {
        "approved_by": decision.user,
        "approval_rule": None,
        "approved_at": clock.now(),
        "approved_hash": F("content_hash"),
        "decision": decision,
    }
    done = DRAFT.move_where(
        Draft.objects.filter(pk__in=[row.pk for row in fit]),
        "approved",
        actor=actor,
        sources=DRAFT.undecided,
        changes=changes,
    )
    approved = set(done)
    judging.record_person([row for row in fit if row.pk in approved], is_approved=True)
    reason = _("Another variant was approved.")
    for step in steps:
        mine = [row.candidate_id for row in fit if row.step_id == step]
        others = Draft.objects.undecided().filter(step=step, candidate__in=mine).exclude(pk__in=done)
        DRAFT.move_where(others, "superseded", actor=actor, reason=reason)
    on_approvals(row.candidate for row in fit)
    return done, skipped


def bulk_reject(*, pairs: Pairs, user: User, reason: str = "") -> BulkResult:
    decision = decide(user, Decision.Verb.REJECT)
    return _each(
        pairs,
        lambda draft, version: reject(draft=draft, version=version, user=user, reason=reason, decision=decision),
    )


def bulk_rewrite(*, pairs: Pairs, wish: str, user: User) -> BulkResult:
    """Another tone for each; edited texts get a proposal instead."""
    return _each(pairs, lambda draft, version: rewrite(draft=draft, version=version, wish=wish, user=user))


def bulk_exclude(*, pairs: Pairs, user: User, reason: str = "") -> BulkResult:
    decision = decide(user, Decision.Verb.EXCLUDE)
    return _each(pairs, lambda draft, _v: exclude_candidate(draft=draft, user=user, reason=reason, decision=decision))


def _each(pairs: Pairs, act: Callable[[Draft, int], Draft]) -> BulkResult:
    wanted = dict(pairs)
    result = BulkResult()
    for draft in full_rows().filter(pk__in=wanted).order_by("pk"):
        try:
            act(draft, wanted[draft.pk])
        except OutreachError as error:
            result.skipped.append((draft.pk, error.reason))
        else:
            result.done.append(draft.pk)
    result.skipped += _missing(wanted, {*result.done, *(pk for pk, _reason in result.skipped)})
    return result


def _missing(wanted: Iterable[int], known: set[int]) -> list[tuple[int, str]]:
    """What was named and is not there: erased meanwhile, or never was."""
    return [(pk, _("There is no draft %(id)s.") % {"id": pk}) for pk in sorted(set(wanted) - known)]


def reviewers() -> list[User]:
    """Who drafts can be assigned to."""
    found = (
        User.objects.filter(is_active=True)
        .exclude(role=Role.VIEWER)
        .only("username", "role", "is_superuser", "is_active")
        .order_by("username")
    )
    return [user for user in found if user.has_role(Role.REVIEWER)]


@transaction.atomic
def assign(*, drafts: Iterable[int], reviewer: User | None, actor: Actor) -> int:
    """Give undecided texts, with the other variants of their messages, to a reviewer, or to nobody; how many changed.

    Raises `Invalid` for somebody who may not review.
    """
    if reviewer is not None and not reviewer.has_role(Role.REVIEWER):
        raise Invalid("reviewer", _("%(user)s can't review drafts.") % {"user": reviewer.get_username()})
    messages = Draft.objects.filter(pk__in=list(drafts)).values_list("candidate", "step")
    steps: dict[int, list[int]] = {}
    for candidate, step in messages.order_by():
        steps.setdefault(step, []).append(candidate)
    changed: list[int] = []
    for step, candidates in steps.items():
        rows = Draft.objects.undecided().filter(step=step, candidate__in=candidates)
        changed += rows.exclude(reviewer=reviewer).values_list("pk", flat=True)
    Draft.objects.filter(pk__in=changed).update(reviewer=reviewer)
    name = reviewer.get_username() if reviewer else ""
    record_alike("draft.assigned", model=Draft, ids=changed, actor=actor, data={"reviewer": name})
    return len(changed)
