"""Bring each candidate's next step on its way: a message to delivery, a condition to its day, a task to a person.

A plain step is planned when the step before was really sent, not at launch: the plan is then exact by construction and
nothing needs re-anchoring. What a person sees before launch is a forecast (`campaigns.journey.forecast`).
Two safeguards close the race with a reply: the conversation's row is locked while planning, and a follow-up counts as
planned since the moment at which the step before was sent, so that the gate sees every reply since then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.audience.services import is_silenced
from campaigns.drafts.content import content_hash
from campaigns.drafts.models import DRAFT, Draft
from campaigns.journey import companies
from campaigns.journey.conditions import ALWAYS
from campaigns.journey.models import Turn
from campaigns.journey.timeline import first_due, follow_up_due, jitter, public_holidays
from campaigns.models import CANDIDATE, Campaign, Candidate
from campaigns.steps.files import enclosures_of, encoded_files
from campaigns.steps.models import Step
from campaigns.steps.senders import sender_id_of, sender_of
from conversations.consent.zones import recipient_zones
from conversations.models import LEFT, Conversation, Message
from conversations.planning import services as planning
from conversations.planning.plans import MessagePlan
from conversations.services import conversation_for
from leads.models import Channel, Lead
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor

UNDECIDED = ("generated", "pending_review")
"""States of an earlier step's draft that a later step waits for."""
ACTOR = Actor.system("sequences")


@dataclass
class Place:
    """Where a candidate stands: its next step, what came before it, and from when its delay counts."""

    step: Step
    draft: Draft | None = None
    turn: Turn | None = None
    before: Message | None = None
    """The last message that left."""
    anchor: datetime | None = None
    """When the step before was over; None before the first one."""
    first_at: datetime | None = None
    """When the campaign first wrote to them."""


def hand_over(draft: Draft, *, may_begin: bool = True) -> Message | None:
    """Plan the message of an approved draft; None when it is not its turn.

    Its turn is when the campaign is sending, the candidate neither answered nor left, the step before was sent, and no
    condition is still to be looked at. Idempotent and safe in parallel. What delivery refuses for good (suppressed, no
    address) puts the draft away and says why on the candidate.
    """
    return advance(draft.candidate_id, only=draft, may_begin=may_begin)


def advance(candidate_id: int, *, only: Draft | None = None, may_begin: bool = True) -> Message | None:
    """Bring the next step of a candidate on its way; the message if one was planned. Idempotent, safe in parallel.

    `only`: nothing unless it is this draft's turn. Without `may_begin` no first step is begun (daily campaigns begin
    with the best of the day).
    """
    if not Candidate.objects.filter(pk=candidate_id, campaign__state="sending").exists():
        return None  # a start or resume that comes after this looks at every candidate itself
    with transaction.atomic():
        candidate = lock_candidate(candidate_id)
        if candidate.campaign.state != "sending" or is_silenced(candidate):
            return None
        place = find_place(candidate)
        if place is None or (only is not None and (place.draft is None or place.draft.pk != only.pk)):
            return None
        if place.anchor is None and not may_begin:
            return None
        return begin(candidate, place)


def lock_candidate(candidate_id: int) -> Candidate:
    """The candidate under its row lock, with campaign, stream and lead."""
    rows = Candidate.objects.select_for_update(of=("self",)).select_related("campaign__stream", "lead")
    return rows.get(pk=candidate_id)


def steps_of(campaign: Campaign) -> list[Step]:
    return list(campaign.steps.select_related("sender", "pack_version").order_by("number"))


def find_place(candidate: Candidate, steps: Iterable[Step] | None = None) -> Place | None:
    """The step whose turn it is; None when something is under way, undecided, or all is over."""
    seen = [s for step in steps or steps_of(candidate.campaign) if (s := step.as_of(candidate.plan_number))]
    walk = _Walk(candidate, seen)
    for step in seen:
        verdict = walk.pass_by(step)
        if verdict is not True:
            return verdict or None
    return None


class _Walk:
    """The steps of one candidate from the first on, up to the one whose turn it is."""

    def __init__(self, candidate: Candidate, seen: list[Step]) -> None:
        self.seen = seen
        self.drafts: dict[int, Draft] = {}
        self.undecided: set[int] = set()
        rows = Draft.objects.filter(candidate=candidate, state__in=(*UNDECIDED, "approved", "handed_over"))
        for row in rows.select_related("message"):
            if row.state in UNDECIDED:
                self.undecided.add(row.step_id)
            else:
                self.drafts[row.step_id] = row
        self.turns = {turn.step_id: turn for turn in Turn.objects.filter(candidate=candidate)}
        self.before: Message | None = None
        self.anchor: datetime | None = None
        self.first_at: datetime | None = None

    def pass_by(self, step: Step) -> Place | bool:
        """Go past a step that is over (True), stop before one that is under way (False), or arrive."""
        turn = self.turns.get(step.pk)
        if turn is not None and turn.state in ("skipped", "cancelled"):
            self.anchor = turn.due_at
            return True
        if turn is not None and turn.state in ("waiting", "open"):
            return False
        if step.is_task:
            if turn is None:
                return self._arrive(step)
            self.anchor = turn.settled_at
            self.first_at = self.first_at or self.anchor
            return True
        if step.condition == Step.Condition.BOUNCED and turn is None and not _has_bounced(step, self.seen, self.drafts):
            return True  # only for those whose message bounces, should it still
        return self._pass_message(step, turn)

    def _pass_message(self, step: Step, turn: Turn | None) -> Place | bool:
        draft = self.drafts.get(step.pk)
        if draft is None:  # rejected or never written: the sequence goes on without it
            return step.pk not in self.undecided
        if draft.state == "approved":
            return self._arrive(step, draft, turn)
        message = draft.message
        if message is None:
            return True
        if message.state in LEFT and message.sent_at is not None:
            self.before, self.anchor = message, message.sent_at
        elif message.state == "bounced" and any(asks_about_bounce(later, step) for later in self.seen):
            self.anchor = message.sent_at or message.updated_at
        else:
            return False
        self.first_at = self.first_at or self.anchor
        return True

    def _arrive(self, step: Step, draft: Draft | None = None, turn: Turn | None = None) -> Place | bool:
        """A follow-up never goes first."""
        if step.number > 1 and self.anchor is None:
            return False
        return Place(step, draft, turn, self.before, self.anchor, self.first_at)


def _has_bounced(step: Step, seen: Iterable[Step], drafts: dict[int, Draft]) -> bool:
    asked = next((one for one in seen if asks_about_bounce(step, one)), None)
    draft = drafts.get(asked.pk) if asked else None
    return bool(draft and draft.message and draft.message.state == "bounced")


def asks_about_bounce(later: Step, step: Step) -> bool:
    """Whether `later` is for those whose message of `step` bounced."""
    return later.condition == Step.Condition.BOUNCED and (later.condition_step or later.number - 1) == step.number


def begin(candidate: Candidate, place: Place) -> Message | None:
    """Begin a step: plan its message, or write down when its condition is looked at or its task is due."""
    step = place.step
    conversation = Conversation.objects.select_for_update().get(pk=conversation_for(lead=candidate.lead).pk)
    if has_answered(candidate, place):
        return None
    if companies.has_answered(candidate):
        companies.stop(candidate)
        return None
    if place.turn is None and (step.is_task or step.condition != ALWAYS):
        from campaigns.journey.turns import look

        due = max(due_at(candidate, place), conversation.snoozed_until or clock.now())
        place.turn = Turn.objects.create(candidate=candidate, step=step, due_at=due)
        return look(place.turn, candidate, conversation) if due <= clock.now() else None
    return plan(candidate, place, conversation)


def plan(candidate: Candidate, place: Place, conversation: Conversation) -> Message | None:
    """Plan the message of an approved draft whose turn it is."""
    if place.draft is None:
        return None
    draft = Draft.objects.select_for_update().get(pk=place.draft.pk)
    if draft.state != "approved" or draft.message_id:
        return None
    if not is_as_approved(draft, candidate, place.step):
        reason = _("The text, address or sender changed after the approval.")
        changes = {"approved_by": None, "approved_at": None, "approved_hash": "", "approval_rule": None}
        DRAFT.move(draft, "pending_review", actor=ACTOR, reason=reason, changes=changes)
        return None
    try:
        with transaction.atomic():
            message = _plan(draft, candidate, conversation, place)
    except (Invalid, Refused) as error:
        if error.code == "sender_draining":  # its turn comes with another sender, or when this one is active again
            Candidate.objects.filter(pk=candidate.pk).update(problem=error.reason)
            candidate.problem = error.reason
        else:
            _give_up(draft, candidate, error.reason)
        return None
    DRAFT.move(draft, "handed_over", actor=ACTOR, changes={"message": message})
    return message


def due_at(candidate: Candidate, place: Place) -> datetime:
    """When the step of `place` is due."""
    now, campaign, step = clock.now(), candidate.campaign, place.step
    if place.anchor is None:
        return first_due(start_at=campaign.start_at, now=now)
    due = follow_up_due(
        sent_at=place.anchor,
        working_days=step.delay_days,
        days=tuple(campaign.stream.window.get("days", ())),
        zone=zone_of(candidate.lead, step),
        holidays=public_holidays(candidate.lead.country, place.anchor) if campaign.skips_holidays else frozenset(),
    )
    return due + jitter(candidate.pk, step.pk) if step.delay_days else due


def _plan(draft: Draft, candidate: Candidate, conversation: Conversation, place: Place) -> Message:
    step, campaign, lead, before = place.step, candidate.campaign, candidate.lead, place.before
    address = lead.address(step.channel)
    if not address:
        raise Invalid(
            "address",
            _("No address for step %(number)s (%(channel)s).") % {"number": step.number, "channel": step.channel},
        )
    now = clock.now()
    is_due = place.turn is not None  # its day came already: the condition was looked at then
    due = now if is_due else due_at(candidate, place)
    message = planning.plan_message(
        MessagePlan(
            conversation=conversation,
            sender=sender_of(candidate, step),
            channel=step.channel,
            address=address,
            subject=draft.subject,
            body=draft.body,
            language=draft.language,
            stream=campaign.stream,
            scheduled_at=max(due, now, conversation.snoozed_until or now),
            interaction_id=draft.interaction_id,
            approved_by_id=draft.approved_by_id,
            approval_rule=draft.approval_rule.name if draft.approval_rule else "",
            follows=before if before and step.is_in_thread and before.channel == step.channel else None,
            priority=1 if place.anchor else 0,
            attributes=attributes(campaign, candidate, draft, step),
            files=enclosures_of(step),
        )
    )
    since = before.sent_at if before else place.first_at
    if since is not None:
        Message.objects.filter(pk=message.pk).update(planned_at=since)
        message.planned_at = since
    return message


def attributes(campaign: Campaign, candidate: Candidate, draft: Draft, step: Step) -> dict[str, object]:
    """What a campaign's message carries about where it comes from."""
    return marks(campaign.pk, candidate.pk, draft.variant, step)


def marks(campaign_id: int, candidate_id: int, variant: str, step: Step) -> dict[str, object]:
    """The same, where only the ids are at hand."""
    found: dict[str, object] = {
        "campaign_id": campaign_id,
        "candidate_id": candidate_id,
        "step": step.number,
        "variant": variant,
    }
    if step.action == Step.Action.CONNECT:
        found["action"] = "connect"
    return found


def is_as_approved(draft: Draft, candidate: Candidate, step: Step) -> bool:
    """An approval is for these words, to this address, from this sender; any change asks again."""
    now = content_hash(
        subject=draft.subject,
        body=draft.body,
        address=candidate.lead.address(step.channel),
        sender_id=sender_id_of(candidate, step),
        step_id=step.pk,
        files=encoded_files(step),
    )
    return draft.approved_hash == now


def has_answered(candidate: Candidate, place: Place) -> bool:
    """Whether they wrote since the campaign first wrote to them, also when nobody has read it yet."""
    if place.first_at is None:
        return False
    last = Lead.objects.values_list("last_replied_at", flat=True).get(pk=candidate.lead_id)
    return last is not None and last >= place.first_at


def zone_of(lead: Lead, step: Step) -> ZoneInfo:
    """The recipient's most likely zone, else the sender's, else UTC."""
    phone = lead.address(Channel.SMS) if step.channel == Channel.SMS else ""
    names = recipient_zones(time_zone=lead.time_zone, phone=phone, country=lead.country, city=lead.city)
    return ZoneInfo(names[0] if names else step.sender.time_zone if step.sender else "UTC")


def put_away(draft: Draft, reason: str) -> None:
    """A step that will not be: its text is kept and goes nowhere."""
    DRAFT.move(draft, "superseded", actor=ACTOR, reason=reason)


def _give_up(draft: Draft, candidate: Candidate, reason: str) -> None:
    put_away(draft, reason)
    Candidate.objects.filter(pk=candidate.pk).update(problem=reason)
    candidate.problem = reason
    left = Draft.objects.filter(candidate=candidate, step__number__gt=draft.step.number, state="approved")
    if candidate.stage == "approved" and not left.exists():
        CANDIDATE.move(candidate, "excluded", actor=ACTOR, reason=reason, changes={"stage_reason": reason})
