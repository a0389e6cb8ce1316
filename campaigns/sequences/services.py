"""Hand approved drafts over to delivery, each at its time.

Later steps are planned when the step before was really sent, not at launch: the plan is then exact by construction and
nothing needs re-anchoring. What a person sees before launch is a forecast (`campaigns.selectors.forecast`).
Two safeguards close the race with a reply: the conversation's row is locked while planning, and a follow-up counts as
planned since the moment at which the step before was sent, so that the gate sees every reply since then.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.candidates.services import is_silenced
from campaigns.drafts.content import content_hash
from campaigns.drafts.models import DRAFT, Draft
from campaigns.enclosures.selectors import enclosures_of, encoded_files
from campaigns.models import CANDIDATE, Candidate
from campaigns.sequences.timeline import first_due, follow_up_due
from conversations.delivery import services as delivery
from conversations.delivery.zones import recipient_zones
from conversations.models import LEFT, Conversation, Message
from conversations.services import conversation_for
from leads.models import Channel, Lead
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor

WAITING = ("generated", "pending_review", "approved")
"""States of an earlier step's draft that a later step waits for."""


def hand_over(draft: Draft) -> Message | None:
    """Plan the message of an approved draft; None when it is not its turn.

    Its turn is when the campaign is sending, the candidate neither answered nor left, and the step before was sent.
    Idempotent and safe in parallel. What delivery refuses for good (suppressed, no address) puts the draft away
    and says why on the candidate.
    """
    if not Candidate.objects.filter(pk=draft.candidate_id, campaign__state="sending").exists():
        return None  # a start or resume that comes after this looks at every approved draft itself
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=draft.pk)
        candidate = Candidate.objects.select_related("campaign__stream", "lead").get(pk=draft.candidate_id)
        campaign, step = candidate.campaign, draft.step
        if draft.state != "approved" or draft.message_id or campaign.state != "sending" or is_silenced(candidate):
            return None
        if not _is_as_approved(draft, candidate):
            reason = _("The text, address or sender changed after the approval.")
            changes = {"approved_by": None, "approved_at": None, "approved_hash": "", "approval_rule": None}
            DRAFT.move(draft, "pending_review", actor=Actor.system("sequences"), reason=reason, changes=changes)
            return None
        conversation = Conversation.objects.select_for_update().get(pk=conversation_for(lead=candidate.lead).pk)
        before = None
        if step.number > 1:
            if _waits_for_earlier(draft):
                return None
            before = _message_before(draft)
            if before is None or before.state not in LEFT or before.sent_at is None:
                return None
            if _has_answered(candidate.lead_id, before):
                return None
        try:
            with transaction.atomic():
                message = _plan(draft, candidate, conversation, before)
        except (Invalid, Refused) as error:
            _give_up(draft, candidate, error.reason)
            return None
        DRAFT.move(draft, "handed_over", actor=Actor.system("sequences"), changes={"message": message})
    return message


def next_draft(draft: Draft) -> Draft | None:
    """The approved draft of the next step that has one, for the same candidate."""
    return (
        Draft.objects.filter(candidate=draft.candidate_id, step__number__gt=draft.step.number, state="approved")
        .order_by("step__number")
        .first()
    )


def _plan(draft: Draft, candidate: Candidate, conversation: Conversation, before: Message | None) -> Message:
    step, campaign, lead = draft.step, candidate.campaign, candidate.lead
    address = lead.address(step.channel)
    if not address:
        raise Invalid(
            "address",
            _("No address for step %(number)s (%(channel)s).") % {"number": step.number, "channel": step.channel},
        )
    now = clock.now()
    follows = before if before and step.is_in_thread and before.channel == step.channel else None
    if before is None or before.sent_at is None:
        due = first_due(start_at=campaign.start_at, now=now)
    else:
        days = tuple(campaign.stream.window.get("days", ()))
        due = follow_up_due(
            sent_at=before.sent_at,
            working_days=step.delay_days,
            days=days,
            zone=_zone(lead, step.channel, step.sender.time_zone),
        )
    message = delivery.plan_message(
        conversation=conversation,
        sender=step.sender,
        channel=step.channel,
        address=address,
        subject=draft.subject,
        body=draft.body,
        language=draft.language,
        stream=campaign.stream,
        scheduled_at=max(due, now),
        interaction=draft.interaction,
        approved_by=draft.approved_by,
        approval_rule=draft.approval_rule.name if draft.approval_rule else "",
        follows=follows,
        priority=1 if before else 0,
        files=enclosures_of(step),
        attributes={
            "campaign_id": campaign.pk,
            "candidate_id": candidate.pk,
            "step": step.number,
            "variant": draft.variant,
        },
    )
    if before is not None and before.sent_at is not None:
        Message.objects.filter(pk=message.pk).update(planned_at=before.sent_at)
        message.planned_at = before.sent_at
    return message


def _is_as_approved(draft: Draft, candidate: Candidate) -> bool:
    """An approval is for these words, to this address, from this sender; any change asks again."""
    step = draft.step
    now = content_hash(
        subject=draft.subject,
        body=draft.body,
        address=candidate.lead.address(step.channel),
        sender_id=step.sender_id,
        step_id=step.pk,
        files=encoded_files(step),
    )
    return draft.approved_hash == now


def _waits_for_earlier(draft: Draft) -> bool:
    return Draft.objects.filter(
        candidate=draft.candidate_id, step__number__lt=draft.step.number, state__in=WAITING
    ).exists()


def _message_before(draft: Draft) -> Message | None:
    earlier = (
        Draft.objects.filter(
            candidate=draft.candidate_id, step__number__lt=draft.step.number, state="handed_over", message__isnull=False
        )
        .select_related("message")
        .order_by("-step__number")
        .first()
    )
    return earlier.message if earlier else None


def _has_answered(lead_id: int, before: Message) -> bool:
    last = Lead.objects.values_list("last_replied_at", flat=True).get(pk=lead_id)
    return last is not None and before.sent_at is not None and last >= before.sent_at


def _zone(lead: Lead, channel: str, fallback: str) -> ZoneInfo:
    phone = lead.address(Channel.SMS) if channel == Channel.SMS else ""
    names = recipient_zones(time_zone=lead.time_zone, phone=phone, country=lead.country, city=lead.city)
    return ZoneInfo(names[0] if names else fallback)


def _give_up(draft: Draft, candidate: Candidate, reason: str) -> None:
    actor = Actor.system("sequences")
    DRAFT.move(draft, "superseded", actor=actor, reason=reason)
    Candidate.objects.filter(pk=candidate.pk).update(problem=reason)
    candidate.problem = reason
    if candidate.stage == "approved" and next_draft(draft) is None:
        CANDIDATE.move(candidate, "excluded", actor=actor, reason=reason, changes={"stage_reason": reason})
