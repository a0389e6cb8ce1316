"""What a campaign's situation is made of: the facts that decide it, the sentence and the buttons. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from django.utils import timezone
from django.utils.translation import ngettext

from campaigns.models import CANDIDATE
from outreach.core.dates import written

Tone = Literal["blue", "green", "amber", "grey"]
REVIEW = "drafts:review"


@dataclass(frozen=True)
class Action:
    """A button: a POST to the address named `post`, or a link to the one named `page`.

    Both take the campaign's id, unless `number` names another row (or -1: nothing). `query` follows the address.
    """

    label: str
    post: str = ""
    page: str = ""
    number: int = 0
    query: str = ""
    confirm: str = ""


@dataclass(frozen=True)
class Situation:
    """`title` says what is happening, `text` why and what comes next, `action` is the one primary button."""

    title: str
    text: str
    action: Action
    others: tuple[Action, ...] = ()
    tone: Tone = "blue"


@dataclass(frozen=True)
class Obstacle:
    """Something that forbids the start, with the page where it is fixed."""

    text: str
    fix: Action


@dataclass(frozen=True)
class Stuck:
    """A sender that does not send: why, and its id."""

    name: str
    reason: str
    number: int
    is_unverified: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything that decides the sentence; a campaign without trouble has the defaults. Counts are people."""

    state: str
    is_daily: bool = False
    is_frozen: bool = True
    segment: str = ""
    segment_number: int = 0
    brief: str = ""
    brief_number: int = 0
    """0: no brief."""
    stages: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    """matching, suppressed, unreachable, elsewhere."""
    has_offer: bool = True
    is_brief_changed: bool = False
    refusal: str = ""
    """The most frequent reason why the brief refused someone."""
    is_model_missing: bool = False
    """The brief asks a language model and none is set up."""
    problem: str = ""
    """Why no draft could be written for someone; `failed` counts them."""
    failed: int = 0
    unread: int = 0
    working_on: str = ""
    """What a job is doing right now."""
    job_error: str = ""
    waits_because: str = ""
    """Why a daily campaign's last run waits for a model."""
    obstacles: tuple[Obstacle, ...] = ()
    stuck: Stuck | None = None
    paused_because: str = ""
    planned: int = 0
    plans_first: bool = False
    next_at: datetime | None = None
    held_by: Literal["", "hours", "quota", "start", "other"] = ""
    why_held: str = ""
    answers_waiting: int = 0
    contacted: int = 0
    replied: int = 0
    booked: int = 0

    def count(self, stages: tuple[str, ...]) -> int:
        return sum(self.stages.get(name, 0) for name in stages)

    @property
    def audience(self) -> int:
        return sum(n for stage, n in self.stages.items() if stage not in CANDIDATE.removed)

    @property
    def approved(self) -> int:
        return self.stages.get(CANDIDATE.APPROVED, 0)


def unreviewed(count: int) -> str:
    """What stays unsent when a campaign starts now; empty when everything is reviewed."""
    if not count:
        return ""
    return ngettext(
        "%(count)s person's drafts are not reviewed yet and stay unsent until you approve them.",
        "%(count)s people's drafts are not reviewed yet and stay unsent until you approve them.",
        count,
    ) % {"count": count}


def moment(at: datetime, now: datetime) -> str:
    """A time as one says it today: 18:15, Monday 09:00, 3 Jan 09:00; in the viewer's zone."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    clock = written(local, "HH:mm")
    if local.date() == today:
        return clock
    if local.date() < today + timedelta(days=7):
        return f"{written(local, 'EEEE')} {clock}"
    return f"{written(local, 'd MMM')} {clock}"
