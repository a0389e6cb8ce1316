"""What people made of drafts, as examples from which a pack's instructions can be improved."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.drafts.judging import decided
from campaigns.drafts.models import Draft
from outreach.core.models import AuditEntry
from outreach.prompts.models import PackVersion
from outreach.prompts.optimising import Example
from outreach.prompts.pack import Case, Pack


def of_pack(pack: Pack, most: int) -> list[Example]:
    """The newest decided drafts of any version of a pack, those that were answered first; none for other purposes."""
    if pack.purpose != "draft" or pack.channel == "any":
        return []
    versions = PackVersion.objects.filter(name=pack.name).values("pk")
    rows = decided().filter(step__pack_version__in=versions, candidate__lead__erased_at=None)
    found = list(rows.select_related("candidate__campaign", "step__sender", "message")[: most * 2])
    found.sort(key=lambda draft: not _is_answered(draft))
    reasons = _reasons(draft for draft in found if draft.is_rejected)
    return [_example(draft, reasons.get(str(draft.pk), "")) for draft in found[:most]]


def _is_answered(draft: Draft) -> bool:
    return draft.message is not None and draft.message.replied_at is not None


def _reasons(drafts: Iterable[Draft]) -> dict[str, str]:
    rows = AuditEntry.objects.filter(subject_type="drafts.Draft", subject_id__in=[str(draft.pk) for draft in drafts])
    return dict(rows.exclude(reason="").order_by("pk").values_list("subject_id", "reason"))


def _example(draft: Draft, reason: str) -> Example:
    campaign = draft.candidate.campaign
    inputs = {fact["name"]: fact["value"] for fact in draft.facts if fact.get("value") and "." not in fact["name"]}
    lines = [f"[{fact['id']}] {fact['name']}: {fact['value']}" for fact in draft.facts if not fact.get("is_trusted")]
    inputs |= {"facts": "\n".join(lines), "offer": campaign.offer_in(draft.language), "goal": campaign.goal}
    inputs |= {
        "booking_url": campaign.booking_url,
        "sender_name": draft.step.first_sender.display_name or campaign.name,
    }
    case = Case(
        name=f"draft {draft.pk}",
        language=draft.language,
        variant=draft.variant,
        inputs={name: str(value) for name, value in inputs.items() if value},
    )
    if draft.is_rejected:
        return Example(case, words=f"A person rejected the draft. {reason}\n{draft.generated_body}".strip())
    words = "It was answered." if _is_answered(draft) else ""
    if draft.edited_by_id is not None:
        words = f"{words} A person changed the draft before it left.".strip()
    return Example(case, wanted=f"{draft.subject}\n{draft.body}".strip(), words=words)
