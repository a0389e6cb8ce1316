"""Plan and history of candidates as the walk reads them, with the rows behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.drafts.models import DRAFT, Draft
from campaigns.journey.conditions import Facts
from campaigns.journey.models import Turn
from campaigns.journey.walk import Behind, Next, Past, Planned, Sent, Text, behind_of, next_step
from campaigns.models import Campaign, Candidate
from campaigns.steps.models import Step
from conversations.models import Message, MessageEvent
from conversations.network.selectors import relation


@dataclass
class Place:
    """A candidate's position: its next step, the previous one, and when its delay starts."""

    step: Step
    draft: Draft | None = None
    turn: Turn | None = None
    before: Message | None = None
    """The last message that left."""
    anchor: datetime | None = None
    """When the step before was over; None before the first one."""
    first_at: datetime | None = None
    """When the campaign first wrote to them."""


@dataclass
class Way:
    """One candidate's steps, as its plan has them, with what became of each."""

    steps: dict[int, Step]
    drafts: dict[int, Draft] = field(default_factory=dict)
    """The text that counts for each step: the approved one, else one that waits for a word."""
    turns: dict[int, Turn] = field(default_factory=dict)
    plan: list[Planned] = field(default_factory=list)
    history: dict[int, Past] = field(default_factory=dict)

    def next(self) -> Next:
        return next_step(self.plan, self.history)

    def place(self, step: Planned, behind: Behind) -> Place:
        """The rows of a place on the way. A text that waits for a word is none yet."""
        draft = self.drafts.get(step.key)
        if draft is not None and not draft.is_approved:
            draft = None
        before = self.drafts[behind.before].message if behind.before else None
        return Place(self.steps[step.key], draft, self.turns.get(step.key), before, behind.anchor, behind.first_at)

    def place_of(self, turn: Turn) -> Place | None:
        """The place of a turn that is due now; None when the plan no longer has its step."""
        step = next((step for step in self.plan if step.key == turn.step_id), None)
        if step is None:
            return None
        behind = behind_of(step, self.plan, self.history)
        return self.place(step, Behind(behind.before, turn.due_at, behind.first_at))


def steps_of(campaign: Campaign) -> list[Step]:
    """The steps of a campaign, in order, with senders and packs."""
    return list(campaign.steps.select_related("sender", "pack_version").order_by("number"))


def way_of(candidate: Candidate) -> Way:
    """The way of one candidate: three queries."""
    drafts = Draft.objects.filter(candidate=candidate, state__in=DRAFT.counted).select_related("message", "step")
    turns = Turn.objects.filter(candidate=candidate)
    return assemble(candidate, steps_of(candidate.campaign), drafts.order_by("-state", "variant"), turns)


def assemble(candidate: Candidate, steps: Iterable[Step], drafts: Iterable[Draft], turns: Iterable[Turn]) -> Way:
    """The way of a candidate from rows that are at hand."""
    seen = [s for step in steps if (s := step.as_of(candidate.plan_number))]
    way = Way({step.pk: step for step in seen}, turns={turn.step_id: turn for turn in turns})
    for draft in drafts:
        if draft.step_id not in way.drafts or draft.state in DRAFT.final:
            way.drafts[draft.step_id] = draft
    way.plan = [Planned(s.pk, s.number, s.is_task, s.condition, s.condition_step) for s in seen]
    way.history = {step.pk: _past(way.drafts.get(step.pk), way.turns.get(step.pk)) for step in seen}
    return way


def _past(draft: Draft | None, turn: Turn | None) -> Past:
    text: Text = ""
    if draft is not None:
        text = "undecided" if draft.state in DRAFT.undecided else draft.state  # type: ignore[assignment]
    message = draft.message if draft is not None and draft.is_handed_over else None
    sent, left_at = _sent(message)
    if turn is None:
        return Past(text, sent, left_at)
    return Past(text, sent, left_at, turn.state, turn.due_at, turn.settled_at)


def _sent(message: Message | None) -> tuple[Sent, datetime | None]:
    if message is None:
        return "", None
    if message.has_left and message.sent_at is not None:
        return "left", message.sent_at
    if message.is_bounced:
        return "bounced", message.sent_at or message.updated_at
    return "under_way", None


def facts_about(candidate: Candidate, way: Way, step: Step) -> Facts:
    """What is known of the message that the step's condition asks about: of the last one before it that was sent."""
    number = step.condition_step or step.number - 1
    rows = [draft for key, draft in way.drafts.items() if draft.message and way.steps[key].number <= number]
    draft = max(rows, key=lambda row: way.steps[row.step_id].number, default=None)
    if draft is not None and step.condition_step and way.steps[draft.step_id].number != step.condition_step:
        draft = None
    message = draft.message if draft else None
    return Facts(
        state=message.state if message else "",
        is_delivered=bool(message and message.delivered_at),
        is_opened=bool(message and message.opened_at),
        is_clicked=bool(message and message.clicked_at),
        is_connected=is_connected(candidate),
    )


def is_connected(candidate: Candidate) -> bool:
    """Whether the lead accepted a connection request, or already was a contact."""
    return (
        relation(candidate.lead_id) == "connected"
        or MessageEvent.objects.filter(
            message__lead=candidate.lead_id, message__channel="network", kind__in=("connected", "followed", "accepted")
        ).exists()
    )
