"""A person's or a rule's word on drafts, each also for many at once, and what follows at once from an approval.

An approval is bound to the content hash. The candidate is locked first, then its texts, as everywhere in the journey.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns.drafts import guardrails
from campaigns.drafts.generation import Receive
from campaigns.drafts.models import DRAFT, NO_APPROVAL, ApprovalRule, Draft
from campaigns.drafts.services import (
    back_to_review,
    bring_siblings_back,
    current_hash,
    full_rows,
    lock_siblings,
    locked,
    rewrite,
    supersede_siblings,
)
from campaigns.journey.advancing import lock_candidate, on_approval
from campaigns.journey.leaving import exclude
from campaigns.models import CANDIDATE, Campaign
from campaigns.review import rules
from campaigns.review.wording import flag_sentence
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import OutreachError, Refused
from outreach.core.models import Actor

GENERATION = Actor.system("drafts")


@dataclass
class BulkResult:
    """What a bulk use case did: ids done, and (id, reason) of those left alone."""

    done: list[int] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    """Ids of variants whose message another variant was chosen for."""


def approve(*, draft: Draft, version: int, user: User) -> Draft:
    """Approve what the person saw: `version`, for the address and sender of now. Its other variants are superseded
    and its candidate goes on: while the campaign sends, the message is planned in the same transaction.

    Raises `ChangedMeanwhile`, or `Refused` when another variant was approved first or a flag forbids it.
    """
    actor = Actor.of(user)
    try:
        with transaction.atomic():
            lock_candidate(draft.candidate_id)
            lock_siblings(draft)
            row = locked(draft, version, DRAFT.undecided)
            if row.candidate.stage in CANDIDATE.out:
                raise Refused(_("This lead has left the campaign."))
            _refuse_blocked(row)
            now_hash = current_hash(row)
            DRAFT.move(
                row,
                "approved",
                actor=actor,
                changes={
                    "approved_by": user,
                    "approval_rule": None,
                    "approved_at": clock.now(),
                    "content_hash": now_hash,
                    "approved_hash": now_hash,
                },
            )
            supersede_siblings(row, actor)
            on_approval(row)
            row.refresh_from_db(fields=["state", "message"])
    except IntegrityError as error:
        raise Refused(_("Another variant of this message is already approved."), code="variant_approved") from error
    return row


def reject(*, draft: Draft, version: int, user: User, reason: str = "") -> Draft:
    """Reject a text; it stays readable and can return to review."""
    with transaction.atomic():
        row = locked(draft, version, DRAFT.open)
        was_approved = row.is_approved
        DRAFT.move(row, "rejected", actor=Actor.of(user), reason=reason.strip(), changes=NO_APPROVAL)
        if was_approved:
            bring_siblings_back(row, Actor.of(user))
    return row


def return_to_review(*, draft: Draft, version: int, user: User) -> Draft:
    """Undo an approval or rejection, as long as nothing was handed over."""
    with transaction.atomic():
        lock_siblings(draft)
        row = locked(draft, version, DRAFT.decided)
        back_to_review(row, Actor.of(user), _("Back in review."))
    return row


def _refuse_blocked(row: Draft) -> None:
    for flag in row.flags:
        if flag.get("code") in guardrails.BLOCKING:
            raise Refused(_("Edit it first: %(flag)s") % {"flag": flag_sentence(flag)}, code="flag_blocks")


# rules


def decide_by_rules(drafts: Iterable[Draft], approval_rules: list[rules.Rule]) -> int:
    """Freshly generated drafts (of one candidate and step) move on: at most one is approved, the others wait for a person.

    Call it in a transaction. Returns how many were approved.
    """
    drafts = [draft for draft in drafts if draft.is_generated]
    if not drafts:
        return 0
    chosen = rules.choose(drafts, approval_rules) if approval_rules else None
    if chosen is not None:
        lock_candidate(chosen[0].candidate_id)
        approve_by_rule(chosen[0], chosen[1].row)
        return 1
    DRAFT.move_where(
        Draft.objects.filter(pk__in=[draft.pk for draft in drafts]),
        "pending_review",
        actor=GENERATION,
        sources=("generated",),
    )
    for draft in drafts:
        draft.state = "pending_review"
    return 0


def receiver(campaign: Campaign) -> Receive:
    """What decides on the new drafts of `campaign` while they are stored: its rules of now."""
    approval_rules = rules.load(campaign)
    return lambda drafts: decide_by_rules(drafts, approval_rules)


def approve_by_rule(draft: Draft, rule: ApprovalRule) -> None:
    """Approve in place of a person, with the rule named in row and audit trail."""
    actor = Actor.system(f"rule: {rule.name}")
    DRAFT.move(
        draft,
        "approved",
        actor=actor,
        reason=_("Rule “%(rule)s”.") % {"rule": rule.name},
        changes={"approval_rule": rule, "approved_at": clock.now(), "approved_hash": draft.content_hash},
    )
    supersede_siblings(draft, actor)
    on_approval(draft)


def apply_rules(*, campaign: Campaign) -> int:
    """Apply the rules of now to drafts that still wait for review; returns how many were approved."""
    approval_rules = rules.load(campaign)
    waiting = Draft.objects.to_review().filter(candidate__campaign=campaign)
    groups: dict[tuple[int, int], list[Draft]] = {}
    for draft in waiting.select_related("candidate__lead", "step").order_by("pk"):
        groups.setdefault((draft.candidate_id, draft.step_id), []).append(draft)
    count = 0
    for drafts in groups.values():
        with transaction.atomic():
            lock_candidate(drafts[0].candidate_id)
            if chosen := rules.choose(drafts, approval_rules):
                approve_by_rule(chosen[0], chosen[1].row)
                count += 1
    return count


# leads, and many drafts; each pair is (id, version that the person saw)


def exclude_candidate(*, draft: Draft, user: User, reason: str = "") -> Draft:
    """Remove this lead from the campaign."""
    exclude(candidate=draft.candidate, actor=Actor.of(user), reason=reason)
    draft.refresh_from_db()
    return draft


# many drafts; each pair is (id, version that the person saw)


def bulk_approve(*, pairs: Iterable[tuple[int, int]], user: User, variant: str = "") -> BulkResult:
    """Approve one text of each message: `variant` where it was picked, else the first that was."""
    wanted = dict(pairs)
    rows = Draft.objects.filter(pk__in=wanted).order_by("pk").values_list("pk", "candidate", "step", "variant")
    chosen: dict[tuple[int, int], int] = {}
    for pk, candidate, step, name in rows:
        if (candidate, step) not in chosen or name == variant:
            chosen[candidate, step] = pk
    kept = [(pk, wanted[pk]) for pk in chosen.values()]
    result = _each(kept, lambda draft, version: approve(draft=draft, version=version, user=user))
    result.others = sorted(set(wanted) - set(chosen.values()))
    return result


def bulk_reject(*, pairs: Iterable[tuple[int, int]], user: User, reason: str = "") -> BulkResult:
    return _each(pairs, lambda draft, version: reject(draft=draft, version=version, user=user, reason=reason))


def bulk_rewrite(*, pairs: Iterable[tuple[int, int]], wish: str, user: User) -> BulkResult:
    """Another tone for each; edited texts get a proposal instead."""
    return _each(pairs, lambda draft, version: rewrite(draft=draft, version=version, wish=wish, user=user))


def bulk_exclude(*, pairs: Iterable[tuple[int, int]], user: User, reason: str = "") -> BulkResult:
    return _each(pairs, lambda draft, _version: exclude_candidate(draft=draft, user=user, reason=reason))


def _each(pairs: Iterable[tuple[int, int]], act: Callable[[Draft, int], Draft]) -> BulkResult:
    wanted = dict(pairs)
    result = BulkResult()
    for draft in full_rows().filter(pk__in=wanted).order_by("pk"):
        try:
            act(draft, wanted[draft.pk])
        except OutreachError as error:
            result.skipped.append((draft.pk, error.reason))
        else:
            result.done.append(draft.pk)
    return result
