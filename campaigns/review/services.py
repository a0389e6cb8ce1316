"""A person's or a rule's word on one draft, and what follows at once from an approval. Many at once: `many`.

An approval is bound to the content hash. The candidate is locked first, then its texts, as everywhere in the journey.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from campaigns.drafts import guardrails, judging
from campaigns.drafts.generation import Receive
from campaigns.drafts.models import DRAFT, NO_APPROVAL, ApprovalRule, Decision, Draft
from campaigns.drafts.services import (
    back_to_review,
    bring_siblings_back,
    check_seen,
    current_hash,
    lock_siblings,
    locked,
    supersede_siblings,
)
from campaigns.journey.advancing import lock_candidate, on_approval
from campaigns.journey.leaving import exclude
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign, Candidate
from campaigns.review import rules
from campaigns.review.wording import flag_sentence
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

GENERATION = Actor.system("drafts")


def approve(*, draft: Draft, version: int, user: User, decision: Decision | None = None) -> Draft:
    """Approve what the person saw: `version`, for the address and sender of now. Its other variants are superseded
    and its candidate goes on: while the campaign sends, the message is planned in the same transaction.

    `decision` is that of a bulk action. Raises `ChangedMeanwhile`, or `Refused` when another variant was approved
    first, a flag forbids it, or the campaign is over.
    """
    actor = Actor.of(user)
    try:
        with transaction.atomic():
            candidate = lock_candidate(draft.candidate_id)
            row = _locked_message(draft, candidate)
            check_seen(row, version, DRAFT.undecided)
            refuse_unfit(row)
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
                    "decision": decision or decide(user, Decision.Verb.APPROVE),
                },
            )
            judging.record_person([row], is_approved=True)
            supersede_siblings(row, actor)
            on_approval(candidate)
            row.refresh_from_db(fields=["state", "message"])
    except IntegrityError as error:
        raise Refused(_("Another variant of this message is already approved."), code="variant_approved") from error
    return row


def _locked_message(draft: Draft, candidate: Candidate) -> Draft:
    """The draft as it is now, locked with its other variants in one order; its candidate is locked already."""
    rows = Draft.objects.select_for_update(of=("self",)).filter(candidate=candidate, step=draft.step_id)
    row = next(row for row in rows.select_related("step").order_by("pk") if row.pk == draft.pk)
    row.candidate = candidate
    return row


def reject(*, draft: Draft, version: int, user: User, reason: str = "", decision: Decision | None = None) -> Draft:
    """Reject a text; it stays readable and can return to review."""
    with transaction.atomic():
        row = locked(draft, version, DRAFT.open)
        was_approved = row.is_approved
        changes = NO_APPROVAL | {"decision": decision or decide(user, Decision.Verb.REJECT)}
        DRAFT.move(row, "rejected", actor=Actor.of(user), reason=reason.strip(), changes=changes)
        judging.record_person([row], is_approved=False)
        if was_approved:
            bring_siblings_back(row, Actor.of(user))
            step_back(row)
    return row


def return_to_review(*, draft: Draft, version: int, user: User) -> Draft:
    """Undo an approval or rejection, as long as nothing was handed over."""
    with transaction.atomic():
        lock_candidate(draft.candidate_id)
        lock_siblings(draft)
        row = locked(draft, version, DRAFT.decided)
        back_to_review(row, Actor.of(user), _("Back in review."))
        step_back(row)
    return row


def exclude_candidate(*, draft: Draft, user: User, reason: str = "", decision: Decision | None = None) -> Draft:
    """Remove this lead from the campaign, with everything that is written to it."""
    with transaction.atomic():
        lock_candidate(draft.candidate_id)
        texts = Draft.objects.current().filter(candidate=draft.candidate_id)
        texts.update(decision=decision or decide(user, Decision.Verb.EXCLUDE))
        exclude(candidate=draft.candidate, actor=Actor.of(user), reason=reason)
    draft.refresh_from_db()
    return draft


def decide(user: User, verb: str) -> Decision:
    """A decision to which the drafts that it is about are tied, so that `undoing` finds them."""
    return Decision.objects.create(user=user, verb=verb)


def step_back(row: Draft) -> None:
    """A candidate without any approved text is no longer approved. The caller locked it."""
    candidate = row.candidate
    if candidate.is_approved and not Draft.objects.final().filter(candidate=candidate).exists():
        CANDIDATE.move(candidate, "drafted", actor=GENERATION)


def refuse_unfit(row: Draft) -> None:
    """Raise `Refused` for a text that no person may approve now: campaign over, lead gone, or a flag that blocks."""
    if row.candidate.campaign.state in CAMPAIGN.over:
        raise Refused(
            _("“%(campaign)s” has ended, so nothing more is approved in it.") % {"campaign": row.candidate.campaign},
            code="campaign_over",
        )
    if row.candidate.stage in CANDIDATE.out:
        raise Refused(_("This lead has left the campaign."))
    for flag in row.flags:
        if flag.get("code") in guardrails.BLOCKING:
            raise Refused(_("Edit it first: %(flag)s") % {"flag": flag_sentence(flag)}, code="flag_blocks")


# rules


def decide_by_rules(drafts: Iterable[Draft], approval_rules: list[rules.Rule]) -> int:
    """Freshly generated drafts move on: of one candidate and step at most one is approved, else they wait for a person.

    Call it in a transaction. Returns how many were approved.
    """
    approved, waiting = 0, list[Draft]()
    for together in _by_candidate_and_step(draft for draft in drafts if draft.is_generated):
        if approval_rules and (chosen := rules.choose(together, approval_rules)):
            approve_by_rule(chosen[0], chosen[1].row, lock_candidate(chosen[0].candidate_id))
            approved += 1
        else:
            waiting += together
    if waiting:
        rows = Draft.objects.filter(pk__in=[draft.pk for draft in waiting])
        DRAFT.move_where(rows, "pending_review", actor=GENERATION, sources=("generated",))
    for draft in waiting:
        draft.state = "pending_review"
    return approved


def _by_candidate_and_step(drafts: Iterable[Draft]) -> Iterable[list[Draft]]:
    groups: dict[tuple[int, int], list[Draft]] = {}
    for draft in drafts:
        groups.setdefault((draft.candidate_id, draft.step_id), []).append(draft)
    return groups.values()


def receiver(campaign: Campaign) -> Receive:
    """What decides on the new drafts of `campaign` while they are stored: its rules of now."""
    approval_rules = rules.load(campaign)
    return lambda drafts: decide_by_rules(drafts, approval_rules)


def approve_by_rule(draft: Draft, rule: ApprovalRule, candidate: Candidate) -> None:
    """Approve in place of a person, with the rule named in row and audit trail. The caller locked the candidate."""
    actor = Actor.system(f"rule: {rule.name}")
    DRAFT.move(
        draft,
        "approved",
        actor=actor,
        reason=_("Rule “%(rule)s”.") % {"rule": rule.name},
        changes={"approval_rule": rule, "approved_at": clock.now(), "approved_hash": draft.content_hash},
    )
    supersede_siblings(draft, actor)
    on_approval(candidate)


def apply_rules(*, campaign: Campaign) -> int:
    """Apply the rules of now to drafts that still wait for review; returns how many were approved."""
    approval_rules = rules.load(campaign)
    waiting = Draft.objects.to_review().filter(candidate__campaign=campaign)
    count = 0
    for drafts in _by_candidate_and_step(waiting.select_related("candidate__lead", "step").order_by("pk")):
        with transaction.atomic():
            candidate = lock_candidate(drafts[0].candidate_id)
            if chosen := rules.choose(drafts, approval_rules):
                approve_by_rule(chosen[0], chosen[1].row, candidate)
                count += 1
    return count
