"""Approval rules: which drafts are approved automatically, and which always need a person.

Conditions of a rule: `min_quality`, `max_risk` (0 to 1), `min_judged_quality` (0 to 1, of a judge that agrees with people), `first_contact_with_company` (bool), `words` (any of them in
the text), `channel`, `language`. All that are given must hold. A rule that asks for a person beats one that approves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from campaigns.drafts import guardrails, judging
from campaigns.drafts.models import ApprovalRule, Draft
from campaigns.models import CANDIDATE, Campaign, Candidate
from outreach.core import audit
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _

TRIED = 300
"""Earlier drafts that a new rule is tried on."""
EXAMPLES = 20


class Conditions(BaseModel):
    """A rule's conditions on a draft; empty conditions are always met."""

    model_config = ConfigDict(extra="forbid")

    min_quality: float | None = Field(default=None, ge=0, le=1)
    max_risk: float | None = Field(default=None, ge=0, le=1)
    min_judged_quality: float | None = Field(default=None, ge=0, le=1)
    first_contact_with_company: bool | None = None
    words: list[str] = Field(default_factory=list)
    channel: str = ""
    language: str = ""

    def hold(self, draft: Draft, *, is_first_contact: bool, judged: float | None = None) -> bool:
        """`judged` is what a calibrated judge said of this very text; None without one, and then it counts for nothing."""
        text = f"{draft.subject}\n{draft.body}".lower()
        return all(
            (
                self.min_quality is None or (draft.quality or 0) >= self.min_quality,
                self.min_judged_quality is None or (judged is not None and judged >= self.min_judged_quality),
                self.max_risk is None or (1 if draft.risk is None else draft.risk) <= self.max_risk,
                self.first_contact_with_company is None or self.first_contact_with_company == is_first_contact,
                not self.words or any(word.lower() in text for word in self.words),
                not self.channel or self.channel == draft.step.channel,
                not self.language or self.language == draft.language,
            )
        )


class Rule:
    """A stored rule with its parsed conditions."""

    def __init__(self, row: ApprovalRule) -> None:
        self.row = row
        self.conditions = parse_conditions(row.conditions)
        self.is_judge_calibrated = False


def parse_conditions(raw: dict[str, Any]) -> Conditions:
    """Typed conditions. Raises `Invalid` naming the key that is wrong."""
    try:
        return Conditions.model_validate(raw)
    except ValidationError as error:
        fault = error.errors()[0]
        path = ".".join(str(part) for part in fault["loc"])
        raise Invalid("conditions", f"{path}: {fault['msg']}") from error


def load(campaign: Campaign) -> list[Rule]:
    """Active rules of this campaign and those for all campaigns, in order."""
    rows = ApprovalRule.objects.filter(Q(campaign=campaign) | Q(campaign=None), is_active=True).order_by("pk")
    found = [Rule(row) for row in rows]
    if _may_judge(*(rule.conditions for rule in found)):
        for rule in found:
            rule.is_judge_calibrated = True
    return found


def choose(drafts: list[Draft], approval_rules: list[Rule]) -> tuple[Draft, Rule] | None:
    is_first = is_first_contact_with_company(drafts[0].candidate)
    is_calibrated = any(rule.is_judge_calibrated for rule in approval_rules)
    found: list[tuple[Draft, Rule]] = []
    for draft in drafts:
        judged = judging.judged_quality(draft, is_calibrated=is_calibrated)
        holding = [r for r in approval_rules if r.conditions.hold(draft, is_first_contact=is_first, judged=judged)]
        if _is_blocked(draft) or any(r.row.action == ApprovalRule.Action.REVIEW for r in holding):
            continue
        if approving := [r for r in holding if r.row.action == ApprovalRule.Action.APPROVE]:
            found.append((draft, approving[0]))
    return max(found, key=lambda pair: pair[0].quality or 0, default=None)


def _may_judge(*conditions: Conditions) -> bool:
    """Whether a rule asks for a judge, and the judge may decide."""
    return any(c.min_judged_quality is not None for c in conditions) and judging.calibration().is_calibrated


def is_first_contact_with_company(candidate: Candidate) -> bool:
    """Whether no one at the lead's company has been contacted by any campaign."""
    company_id = candidate.lead.company_id
    if company_id is None:
        return candidate.lead.last_contacted_at is None
    others = Candidate.objects.filter(lead__company_id=company_id)
    return not others.filter(Q(stage__in=CANDIDATE.reached) | Q(lead__last_contacted_at__isnull=False)).exists()


def save_rule(
    *, name: str, action: str, conditions: dict[str, Any], actor: Actor, campaign: Campaign | None = None
) -> ApprovalRule:
    """Add a rule. Raises `Invalid` for an unknown action or condition."""
    if action not in ApprovalRule.Action.values:
        raise Invalid("action", _("Unknown action “%(action)s”.") % {"action": action})
    if not name.strip():
        raise Invalid("name", _("Enter a name for the rule."))
    asked = parse_conditions(conditions)
    if asked.min_judged_quality is not None and not _may_judge(asked):
        raise Invalid(
            "min_judged_quality",
            _("The judge doesn't agree with your reviewers enough yet to decide for them. Its figures are above."),
        )
    rule = ApprovalRule.objects.create(name=name.strip(), action=action, conditions=conditions, campaign=campaign)
    audit.record("approval_rule.created", subject=rule, actor=actor, data={"action": action})
    return rule


def switch_rule(rule: ApprovalRule, *, actor: Actor) -> ApprovalRule:
    """Turn a rule off, or on again."""
    rule.is_active = not rule.is_active
    rule.save(update_fields=["is_active", "updated_at"])
    audit.record("approval_rule.switched", subject=rule, actor=actor, data={"is_active": rule.is_active})
    return rule


@dataclass
class Trial:
    """What conditions would have caught among earlier drafts, and what people made of those."""

    looked_at: int = 0
    approved: int = 0
    edited: int = 0
    rejected: int = 0
    drafts: list[Draft] = field(default_factory=list)

    @property
    def matching(self) -> int:
        return len(self.drafts)

    @property
    def examples(self) -> list[Draft]:
        return self.drafts[:EXAMPLES]

    def as_json(self) -> dict[str, Any]:
        counts = ("looked_at", "matching", "approved", "edited", "rejected")
        return {name: getattr(self, name) for name in counts} | {"drafts": [draft.pk for draft in self.examples]}


def try_rule(conditions: Conditions, *, campaign: Campaign | None = None) -> Trial:
    """Try conditions on the newest drafts, of one campaign or of all. Texts that need an edit anyway never match."""
    rows = Draft.objects.current().select_related("candidate__lead", "candidate__campaign", "step")
    rows = rows.filter(candidate__campaign=campaign) if campaign is not None else rows
    trial = Trial()
    is_calibrated = _may_judge(conditions)
    for draft in rows.order_by("-pk")[:TRIED]:
        trial.looked_at += 1
        asks_company = conditions.first_contact_with_company is not None
        is_first = asks_company and is_first_contact_with_company(draft.candidate)
        judged = judging.judged_quality(draft, is_calibrated=is_calibrated)
        if _is_blocked(draft) or not conditions.hold(draft, is_first_contact=is_first, judged=judged):
            continue
        trial.drafts.append(draft)
        trial.edited += draft.edited_by_id is not None
        trial.approved += draft.approved_by_id is not None and draft.edited_by_id is None
        trial.rejected += draft.is_rejected
    return trial


def _is_blocked(draft: Draft) -> bool:
    return any(flag.get("code") in guardrails.BLOCKING for flag in draft.flags)
