"""The timeline of a campaign before and while it runs: every message with its time, sender and text.

Nothing here is stored. The forecast begins with what really happened and what is really planned, so it is anchored anew
each time that it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from campaigns.drafts.models import Draft
from campaigns.journey import services as sequences
from campaigns.journey.capacity import HELD, World, others, zones_of
from campaigns.journey.lanes import Lane, Slot, Waiting, spread
from campaigns.journey.models import Turn
from campaigns.journey.people import STAGES, People, people_of
from campaigns.journey.timeline import first_due, follow_up_due, jitter, public_holidays
from campaigns.models import Campaign, Candidate
from campaigns.steps.models import Step
from campaigns.steps.senders import pool_of
from conversations.models import CLAIMABLE, IN_FLIGHT, LEFT
from conversations.senders.models import Sender
from outreach.core import clock
from outreach.limits.calendars import parse_window

HORIZON = timedelta(days=120)
MOST_PEOPLE = 5_000
"""People that a page counts through; the download takes ten times as many."""


@dataclass
class Entry:
    """One line of a timeline. `at` is when it left (state sent), leaves, or would leave; None when that is open."""

    candidate_id: int
    lead_id: int
    name: str
    company: str
    step: Step
    at: datetime | None
    zone: str
    sender_id: int | None
    state: str
    """sent, planned, forecast, review (its text waits for a person), task, unsure (only if its condition holds)."""
    draft_id: int | None = None
    message_id: int | None = None
    held: str = ""
    subject: str = ""
    body: str = ""
    sender: str = ""

    @property
    def local(self) -> datetime | None:
        """In the recipient's own time."""
        return self.at.astimezone(ZoneInfo(self.zone)) if self.at else None

    @property
    def local_text(self) -> str:
        """The recipient's own time in words; a template would turn it into the viewer's."""
        return date_format(self.local.replace(tzinfo=None), "D j M, H:i") if self.local else ""

    @property
    def held_by(self) -> str:
        return str(HELD.get(self.held, self.held)) if self.held else ""

    @property
    def key(self) -> str:
        """Where the entry stands in its timeline."""
        at = f"{self.at.timestamp():015.3f}" if self.at else "9" * 15
        return f"{at}.{self.candidate_id:012d}.{self.step.number:02d}"


@dataclass
class Timeline:
    entries: list[Entry]
    people: int
    counted: int
    """People that were counted through: fewer than `people` when there are very many."""
    warnings: list[str] = field(default_factory=list)


# the timeline of one campaign


def timeline(campaign: Campaign, *, people: int = MOST_PEOPLE) -> Timeline:
    """Every message of the campaign with its time: what left, what is planned, and what would follow."""
    now = clock.now()
    world = World(now, now + HORIZON)
    steps = sequences.steps_of(campaign)
    found = people_of(campaign, steps, people)
    for step in steps:
        if not step.is_task:
            world.add(pool_of(step))
    book = _Book(campaign, steps, world, found)
    for candidate in found.candidates:
        book.open(candidate)
    lanes, foreign = others(world, besides=campaign.stream_id, most=MOST_PEOPLE * 2)
    plan = spread(
        desks=world.desks.values(),
        lanes=[Lane(campaign.stream_id, campaign.stream.daily_cap), *lanes],
        waiting=[*book.waiting, *foreign],
        now=now.timestamp(),
        until=world.until.timestamp(),
        after=book.after,
    )
    for slot in plan.slots:
        book.settle(slot)
    for item, why in plan.held:
        book.leave(item, why)
    return Timeline(sorted(book.entries, key=lambda entry: entry.key), found.total, len(found.candidates))


class _Book:
    """The entries of a timeline while it is drawn up."""

    def __init__(self, campaign: Campaign, steps: list[Step], world: World, people: People) -> None:
        self.campaign, self.steps, self.world, self.people = campaign, steps, world, people
        self.window = parse_window(campaign.stream.window)
        self.days = tuple(campaign.stream.window.get("days", ()))
        self.entries: list[Entry] = []
        self.drafts_of: dict[int, dict[int, Draft]] = {}
        self.waiting: list[Waiting] = []
        self.open_entries: dict[Any, tuple[Candidate, Entry, list[Step]]] = {}
        self.pools = {step.pk: [s.pk for s in pool_of(step)] for step in steps if not step.is_task}

    def open(self, candidate: Candidate) -> None:
        """What happened to one candidate, and the first thing that comes."""
        seen = [s for step in self.steps if (s := step.as_of(candidate.plan_number))]
        drafts: dict[int, Draft] = {}
        for draft in self.people.drafts.get(candidate.pk, ()):
            kept = drafts.get(draft.step_id)
            if kept is None or (
                draft.state in ("approved", "handed_over") and kept.state not in ("approved", "handed_over")
            ):
                drafts[draft.step_id] = draft
        self.drafts_of[candidate.pk] = drafts
        turns = {turn.step_id: turn for turn in self.people.turns.get(candidate.pk, ())}
        anchor: datetime | None = None
        for place, step in enumerate(seen):
            outcome = self._past(candidate, step, drafts.get(step.pk), turns.get(step.pk), seen[place:])
            if outcome is None:
                return
            if isinstance(outcome, datetime):
                anchor = outcome
                continue
            if candidate.stage not in STAGES:
                return
            self._wait(candidate, seen[place:], anchor, turns.get(step.pk))
            return

    def _past(
        self, candidate: Candidate, step: Step, draft: Draft | None, turn: Turn | None, rest: list[Step]
    ) -> datetime | bool | None:
        """When a step was over; False when it is still to come; None when nothing comes after it."""
        if (
            turn is not None
            and turn.state in ("skipped", "cancelled", "done")
            and (step.is_task or turn.state != "done")
        ):
            return turn.settled_at or turn.due_at
        message = draft.message if draft else None
        if message is None:
            return False
        entry = self._entry(candidate, step, draft)
        entry.message_id, entry.sender_id = message.pk, message.sender_id
        if message.state in LEFT or message.state == "bounced":
            entry.at, entry.state = message.sent_at or message.updated_at, "sent"
            self.entries.append(entry)
            return entry.at if message.state in LEFT else None
        entry.at, entry.state = message.scheduled_at, "planned"
        if message.state in CLAIMABLE and message.scheduled_at and message.sender_id:
            if message.sender_id not in self.world.senders:
                self.world.add(Sender.objects.filter(pk=message.sender_id))
            self._queue(candidate, entry, rest, message.scheduled_at, rank=message.priority)
        elif message.state in (*IN_FLIGHT, "skipped", "failed", "cancelled"):
            entry.state = message.state
            self.entries.append(entry)
        return None

    def _wait(self, candidate: Candidate, rest: list[Step], anchor: datetime | None, turn: Turn | None) -> None:
        """The next step of a candidate that is not planned yet, due from `anchor`."""
        step = rest[0]
        due = turn.due_at if turn is not None else self._due(candidate, step, anchor)
        self._enter(candidate, rest, due, is_open=turn is not None and turn.state == "open")

    def _enter(self, candidate: Candidate, rest: list[Step], due: datetime, *, is_open: bool = False) -> None:
        while rest and rest[0].condition == Step.Condition.BOUNCED:
            rest = rest[1:]
        if not rest:
            return
        step = rest[0]
        draft = self.drafts_of[candidate.pk].get(step.pk)
        entry = self._entry(candidate, step, draft)
        if step.is_task:
            entry.at, entry.state, entry.held = due, "task", "task" if is_open else ""
            self.entries.append(entry)
            self._enter(candidate, rest[1:], self._due(candidate, rest[1], due)) if len(rest) > 1 else None
            return
        if draft is None and candidate.stage in ("approved", "contacted"):  # never written, or rejected: it is left out
            self._enter(candidate, rest[1:], self._due(candidate, rest[1], due)) if len(rest) > 1 else None
            return
        entry.state = "forecast" if draft is not None and draft.state == "approved" else "review"
        if step.condition != Step.Condition.ALWAYS:
            entry.state = "unsure"
        self._queue(candidate, entry, rest, due, rank=0 if step.number == 1 else 1)

    def _queue(self, candidate: Candidate, entry: Entry, rest: list[Step], due: datetime, *, rank: int) -> None:
        step = entry.step
        sender_id = entry.sender_id or self._sender(candidate, step)
        entry.sender_id = sender_id
        sender = self.world.senders.get(sender_id)
        zones = zones_of(candidate.lead, step.channel, self._address(candidate, step))
        key = (candidate.pk, step.pk)
        self.open_entries[key] = (candidate, entry, rest)
        hours = self.world.hours(self.window, zones, sender)
        item = Waiting(key, sender_id, self.campaign.stream_id, due.timestamp(), hours, rank=rank)
        self.waiting.append(item)

    def _sender(self, candidate: Candidate, step: Step) -> int:
        kept = (candidate.senders or {}).get(step.channel)
        pool = self.pools[step.pk]
        return kept if kept in pool else pool[candidate.lead_id % len(pool)]

    def _due(self, candidate: Candidate, step: Step, anchor: datetime | None) -> datetime:
        if anchor is None:
            return first_due(start_at=self.campaign.start_at, now=self.world.now)
        holidays = public_holidays(candidate.lead.country, anchor) if self.campaign.skips_holidays else frozenset()
        zone = ZoneInfo(self._zone_name(candidate, step))
        due = follow_up_due(sent_at=anchor, working_days=step.delay_days, days=self.days, zone=zone, holidays=holidays)
        due = due + jitter(candidate.pk, step.pk) if step.delay_days else due
        return max(due, self.world.now)

    def _zone_name(self, candidate: Candidate, step: Step) -> str:
        zones = zones_of(candidate.lead, step.channel, self._address(candidate, step))
        return zones[0] if zones else step.sender.time_zone if step.sender else "UTC"

    def _address(self, candidate: Candidate, step: Step) -> str:
        return self.people.addresses.get((candidate.lead_id, step.channel), "")

    def _entry(self, candidate: Candidate, step: Step, draft: Draft | None) -> Entry:
        lead = candidate.lead
        return Entry(
            candidate.pk,
            lead.pk,
            str(lead),
            lead.company.name if lead.company else "",
            step,
            None,
            self._zone_name(candidate, step),
            None,
            "forecast",
            draft.pk if draft else None,
        )

    def after(self, slot: Slot) -> list[Waiting]:
        """What follows a message of ours that left in the forecast."""
        opened = self.open_entries.get(slot.item.key)
        if opened is None:
            return []
        candidate, _entry, rest = opened
        if len(rest) < 2:
            return []
        before = len(self.waiting)
        self._enter(candidate, rest[1:], self._due(candidate, rest[1], datetime.fromtimestamp(slot.at, UTC)))
        return self.waiting[before:]

    def settle(self, slot: Slot) -> None:
        opened = self.open_entries.get(slot.item.key)
        if opened is not None:
            entry = opened[1]
            entry.at, entry.held = datetime.fromtimestamp(slot.at, UTC), slot.held
            self.entries.append(entry)

    def leave(self, item: Waiting, why: str) -> None:
        opened = self.open_entries.get(item.key)
        if opened is not None:
            entry = opened[1]
            entry.at, entry.held = None, why
            self.entries.append(entry)


def with_texts(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries of one page with their words and the names of their senders: two queries."""
    texts = Draft.objects.in_bulk([entry.draft_id for entry in entries if entry.draft_id])
    senders = Sender.objects.in_bulk({entry.sender_id for entry in entries if entry.sender_id})
    for entry in entries:
        if entry.draft_id in texts:
            entry.subject, entry.body = texts[entry.draft_id].subject, texts[entry.draft_id].body
        if entry.sender_id in senders:
            entry.sender = senders[entry.sender_id].name
    return entries


def choose(
    entries: Iterable[Entry], *, step: int = 0, sender: int = 0, state: str = "", search: str = "", after: str = ""
) -> Iterator[Entry]:
    """The entries that a filter selects, after the key `after`."""
    search = search.strip().lower()
    for entry in entries:
        if (
            (not step or entry.step.number == step)
            and (not sender or entry.sender_id == sender)
            and (not state or entry.state == state)
            and (not search or search in entry.name.lower() or search in entry.company.lower())
            and (not after or entry.key > after)
        ):
            yield entry
