"""One candidate's walk through the steps of a campaign: what is over, and what comes next. Pure.

Advancing a candidate, looking at a turn and forecasting all ask this walk. A forecast asks it again after each message
that it lets leave: it writes the guess into the history and walks on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

BOUNCED = "bounced"
Text = Literal["", "undecided", "approved", "handed_over"]
Sent = Literal["", "under_way", "left", "bounced"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A step as the candidate's plan has it. `key` names it in the history."""

    key: int
    number: int
    is_task: bool = False
    condition: str = "always"
    condition_step: int | None = None

    @property
    def asked(self) -> int:
        """The number of the step that the condition asks about."""
        return self.condition_step or self.number - 1


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of one step: its text, its message and its turn. Empty: nothing yet."""

    text: Text = ""
    """`undecided` while variants wait for a word; empty when none was written or all were rejected."""
    message: Sent = ""
    """What became of its message; empty while there is none."""
    left_at: datetime | None = None
    """When its message left; of one that bounced at once, when that was known."""
    turn: str = ""
    """The state of its turn: waiting, open, done, skipped or cancelled."""
    due_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """What lies behind a candidate at some step."""

    before: int | None = None
    """Key of the last step whose message left: a follow-up may answer in its thread."""
    anchor: datetime | None = None
    """When the step before was over; None before the first one. Delays count from here."""
    first_at: datetime | None = None
    """When the campaign first wrote to them or a person first acted."""


@dataclass(frozen=True, slots=True)
class Next:
    """Where the walk stops. `state`:

    ready (its text is approved, or a person has a task), undecided (its text waits for a word), waiting or open (its
    turn), under_way (its message has not left), stopped (its message came to nothing), early (a follow-up with nothing
    before it), over (no step is left).
    """

    state: Literal["ready", "undecided", "waiting", "open", "under_way", "stopped", "early", "over"]
    step: Planned | None
    behind: Behind

    @property
    def is_ready(self) -> bool:
        return self.state == "ready"

    @property
    def is_turn(self) -> bool:
        """Whether its condition or its person is waited for."""
        return self.state in ("waiting", "open")

    @property
    def is_handed_over(self) -> bool:
        """Whether its message is planned, or came to nothing."""
        return self.state in ("under_way", "stopped")


def next_step(plan: Sequence[Planned], history: Mapping[int, Past]) -> Next:
    """Walk past every step that is over, up to the one that is not."""
    behind = Behind()
    for step in plan:
        past = history.get(step.key, _NOTHING)
        if past.turn in ("waiting", "open"):
            return Next(past.turn, step, behind)  # type: ignore[arg-type]
        further = _pass(step, past, behind, plan, history)
        if isinstance(further, Behind):
            behind = further
        elif further == "ready" and step.number > 1 and behind.anchor is None:
            return Next("early", step, behind)
        else:
            return Next(further, step, behind)
    return Next("over", None, behind)


def behind_of(step: Planned, plan: Sequence[Planned], history: Mapping[int, Past]) -> Behind:
    """What lies behind `step`, whatever is still open before it: for a turn that came up when all was settled."""
    behind = Behind()
    for earlier in plan:
        if earlier.number < step.number:
            past = history.get(earlier.key, _NOTHING)
            further = _pass(earlier, past, behind, plan, history)
            behind = further if isinstance(further, Behind) else behind
    return behind


def asks_about_bounce(later: Planned, step: Planned) -> bool:
    """Whether `later` is for those whose message of `step` bounced."""
    return later.condition == BOUNCED and later.asked == step.number


_NOTHING = Past()


def _pass(
    step: Planned, past: Past, behind: Behind, plan: Sequence[Planned], history: Mapping[int, Past]
) -> Behind | Literal["ready", "undecided", "under_way", "stopped"]:
    """What lies behind once `step` is over, or why it is not."""
    if past.turn in ("skipped", "cancelled"):
        return Behind(behind.before, past.due_at, behind.first_at)
    if step.is_task:
        if not past.turn:
            return "ready"
        return Behind(behind.before, past.settled_at, behind.first_at or past.settled_at)
    if step.condition == BOUNCED and not past.turn and not _has_bounced(step, plan, history):
        return behind  # only for those whose message bounces, should it still
    if past.text == "undecided":
        return "undecided"
    if past.text == "approved":
        return "ready"
    if not past.text or not past.message:  # never written, or rejected: the sequence goes on without it
        return behind
    if past.message == "left":
        return Behind(step.key, past.left_at, behind.first_at or past.left_at)
    if past.message == BOUNCED:
        if any(asks_about_bounce(later, step) for later in plan):
            return Behind(behind.before, past.left_at, behind.first_at or past.left_at)
        return "stopped"
    return "under_way"


def _has_bounced(step: Planned, plan: Sequence[Planned], history: Mapping[int, Past]) -> bool:
    asked = next((one for one in plan if asks_about_bounce(step, one)), None)
    return asked is not None and history.get(asked.key, _NOTHING).message == BOUNCED
