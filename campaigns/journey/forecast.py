"""The timeline of a campaign before and while it runs: every message with its time, sender and text.

Nothing here is stored. The forecast begins with what really happened and what is really planned, so it is anchored again
each time that it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.drafts.models import Draft
from campaigns.journey.capacity import HELD, World, others, zones_of
from campaigns.journey.conditions import ALWAYS
from campaigns.journey.history import Way, assemble, steps_of
from campaigns.journey.lanes import Lane, Slot, Waiting, spread
from campaigns.journey.people import People, people_of
from campaigns.journey.timeline import due_at
from campaigns.journey.walk import Next, Past, Planned
from campaigns.models import CANDIDATE, Campaign, Candidate
from campaigns.predictions import services as predictions
from campaigns.steps.models import Step
from campaigns.steps.senders import pool_of
from conversations.consent.hours import is_sent_now
from conversations.senders.models import Sender
from outreach.core import clock
from outreach.core.dates import written
from outreach.limits.calendars import ALWAYS as ALWAYS_OPEN
from outreach.limits.calendars import parse_window

HORIZON = timedelta(days=120)
UNREAD = -10
"""Rank of a text that nobody has approved: whatever is approved leaves before it."""
AT_ONCE = 500
"""People that a page counts through unless it is asked for more."""
MOST_PEOPLE = 5_000
"""People that a page counts through on request; the download takes ten times as many."""
_zone = cache(ZoneInfo)
"""The library itself remembers only eight, and a list of people has more."""


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
    def is_sent(self) -> bool:
        return self.state == "sent"

    @property
    def is_unsure(self) -> bool:
        return self.state == "unsure"

    @property
    def is_to_review(self) -> bool:
        return self.state == "review"

    @property
    def local(self) -> datetime | None:
        """In the recipient's own time."""
        return self.at.astimezone(_zone(self.zone)) if self.at else None

    @property
    def local_text(self) -> str:
        """The recipient's own time in words; a template would turn it into the viewer's."""
        return written(self.local, "EEE d MMM, HH:mm") if self.local else ""

    @property
    def held_by(self) -> str:
        return str(HELD.get(self.held, self.held)) if self.held else ""

    @property
    def key(self) -> str:
        """The entry's position in its timeline."""
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


def timeline(campaign: Campaign, *, people: int = AT_ONCE) -> Timeline:
    """Every message of the campaign with its time: what left, what is planned, and what would follow."""
    now = clock.now()
    world = World(now, now + HORIZON)
    steps = steps_of(campaign)
    found = people_of(campaign, steps, people)
    for step in steps:
        if not step.is_task:
            world.add(pool_of(step))
    book = _Book(campaign, steps, world, found)
    for candidate in found.candidates:
        book.open(candidate)
    lanes, foreign = others(world, besides=campaign.stream_id, most=min(people, MOST_PEOPLE) * 2)
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


@dataclass
class _Open:
    """An entry whose message waits for its slot, with the way of its candidate."""

    candidate: Candidate
    way: Way
    entry: Entry


class _Book:
    """The entries of a timeline while it is drawn up."""

    def __init__(self, campaign: Campaign, steps: list[Step], world: World, people: People) -> None:
        self.campaign, self.steps, self.world, self.people = campaign, steps, world, people
        self.guide = predictions.guide_of(campaign)
        self.window = parse_window(campaign.stream.window)
        self.days = tuple(campaign.stream.window.get("days", ()))
        self.entries: list[Entry] = []
        self.waiting: list[Waiting] = []
        self.open_entries: dict[Any, _Open] = {}
        self.pools = {step.pk: [s.pk for s in pool_of(step)] for step in steps if not step.is_task}

    def open(self, candidate: Candidate) -> None:
        """Outcome to one candidate, and the first thing that comes."""
        drafts, turns = self.people.drafts.get(candidate.pk, ()), self.people.turns.get(candidate.pk, ())
        way = assemble(candidate, self.steps, drafts, turns)
        if candidate.stage in CANDIDATE.unapproved:  # texts that are not written yet will be
            for key, past in way.history.items():
                if not past.text:
                    way.history[key] = replace(past, text="undecided")
        found = way.next()
        for planned in way.plan:
            if planned == found.step:
                break
            self._enter_sent(candidate, way, planned)
        self._enter(candidate, way, found)

    def _enter_sent(self, candidate: Candidate, way: Way, planned: Planned) -> None:
        draft = way.drafts.get(planned.key)
        if draft is not None and draft.message is not None and draft.message.is_proven:
            entry = self._entry(candidate, way, planned)
            entry.at, entry.state = draft.message.sent_at or draft.message.updated_at, "sent"
            self.entries.append(entry)

    def _enter(self, candidate: Candidate, way: Way, found: Next) -> None:
        """What is next for a candidate: a planned message, a task, or one that would follow."""
        step = found.step
        if step is None or found.state == "early":
            return
        if found.is_handed_over:
            self._enter_planned(candidate, way, step)
        elif candidate.stage in CANDIDATE.writable:
            turn = way.turns.get(step.key)
            due = (
                turn.due_at
                if turn and found.is_turn
                else self._due(candidate, way.steps[step.key], found.behind.anchor)
            )
            self._enter_guess(candidate, way, found, due)

    def _enter_planned(self, candidate: Candidate, way: Way, step: Planned) -> None:
        message = way.drafts[step.key].message
        assert message is not None
        if message.is_proven:
            self._enter_sent(candidate, way, step)
            return
        entry = self._entry(candidate, way, step)
        entry.at, entry.state = message.scheduled_at, "planned"
        if message.is_waiting and message.scheduled_at and message.sender_id:
            if message.sender_id not in self.world.senders:
                self.world.add(Sender.objects.filter(pk=message.sender_id))
            is_free = is_sent_now(message, self.world.now)
            self._queue(candidate, way, entry, message.scheduled_at, rank=message.priority, is_free=is_free)
        elif not message.is_waiting:
            entry.state = message.state
            self.entries.append(entry)

    def _enter_guess(self, candidate: Candidate, way: Way, found: Next, due: datetime) -> None:
        """The next step as if it goes well: a task is done when due, a text that waits is approved."""
        assert found.step is not None
        step, entry = found.step, self._entry(candidate, way, found.step)
        if step.is_task:
            entry.at, entry.state, entry.held = due, "task", "task" if found.state == "open" else ""
            self.entries.append(entry)
            way.history[step.key] = Past(turn="done", settled_at=due)
            self._enter(candidate, way, way.next())
            return
        entry.state = "forecast" if way.history[step.key].text == "approved" else "review"
        if step.condition != ALWAYS:
            entry.state = "unsure"
        rank = (0 if step.number == 1 else 1) + (UNREAD if way.history[step.key].text == "undecided" else 0)
        self._queue(candidate, way, entry, due, rank=rank)

    def _queue(
        self, candidate: Candidate, way: Way, entry: Entry, due: datetime, *, rank: int, is_free: bool = False
    ) -> None:
        step = entry.step
        sender_id = entry.sender_id or self._sender(candidate, step)
        entry.sender_id = sender_id
        zones = zones_of(candidate.lead, step.channel, self._address(candidate, step))
        key = (candidate.pk, step.pk)
        self.open_entries[key] = _Open(candidate, way, entry)
        window = ALWAYS_OPEN if is_free else self.window
        hours = self.world.hours(window, zones, self.world.senders.get(sender_id))
        self.waiting.append(Waiting(key, sender_id, self.campaign.stream_id, due.timestamp(), hours, rank=rank))

    def _sender(self, candidate: Candidate, step: Step) -> int:
        kept = self.people.senders.get((candidate.pk, step.channel))
        pool = self.pools[step.pk]
        return kept if kept in pool else pool[candidate.lead_id % len(pool)]

    def _due(self, candidate: Candidate, step: Step, anchor: datetime | None) -> datetime:
        zone = _zone(self._zone_name(candidate, step))
        due = due_at(
            anchor,
            delay_days=step.delay_days,
            seed=(candidate.pk, step.pk),
            start_at=self.campaign.start_at,
            now=self.world.now,
            days=self.days,
            zone=zone,
            country=candidate.lead.country if self.campaign.skips_holidays else "",
        )
        due = max(due, self.world.now)
        return due if self.guide is None else self.guide.moment(due, zone=zone, candidate_id=candidate.pk)

    def _zone_name(self, candidate: Candidate, step: Step) -> str:
        zones = zones_of(candidate.lead, step.channel, self._address(candidate, step))
        return zones[0] if zones else step.sender.time_zone if step.sender else "UTC"

    def _address(self, candidate: Candidate, step: Step) -> str:
        return self.people.addresses.get((candidate.lead_id, step.channel), "")

    def _entry(self, candidate: Candidate, way: Way, planned: Planned) -> Entry:
        lead, step, draft = candidate.lead, way.steps[planned.key], way.drafts.get(planned.key)
        message = draft.message if draft else None
        return Entry(
            candidate_id=candidate.pk,
            lead_id=lead.pk,
            name=str(lead),
            company=lead.company.name if lead.company else "",
            step=step,
            at=None,
            zone=self._zone_name(candidate, step),
            sender_id=message.sender_id if message else None,
            state="forecast",
            draft_id=draft.pk if draft else None,
            message_id=message.pk if message else None,
        )

    def after(self, slot: Slot) -> list[Waiting]:
        """What follows a message of ours that left in the forecast."""
        opened = self.open_entries.get(slot.item.key)
        if opened is None:
            return []
        before = len(self.waiting)
        left_at = datetime.fromtimestamp(slot.at, UTC)
        opened.way.history[opened.entry.step.pk] = Past("handed_over", "left", left_at)
        self._enter(opened.candidate, opened.way, opened.way.next())
        return self.waiting[before:]

    def settle(self, slot: Slot) -> None:
        opened = self.open_entries.get(slot.item.key)
        if opened is not None:
            opened.entry.at, opened.entry.held = datetime.fromtimestamp(slot.at, UTC), slot.held
            self.entries.append(opened.entry)

    def leave(self, item: Waiting, why: str) -> None:
        opened = self.open_entries.get(item.key)
        if opened is not None:
            opened.entry.at, opened.entry.held = None, why
            self.entries.append(opened.entry)


def with_texts(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries of one page with their words and the names of their senders: two queries."""
    texts = Draft.objects.only("subject", "body").in_bulk([entry.draft_id for entry in entries if entry.draft_id])
    senders = Sender.objects.only("name").in_bulk({entry.sender_id for entry in entries if entry.sender_id})
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
