"""A dry run that shows tomorrow: what would leave when from each sender, and which limit holds the rest back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.db.models import Q
from django.utils import timezone

from campaigns.drafts.models import Draft
from campaigns.journey.capacity import HELD, World, waiting_of
from campaigns.journey.lanes import Lane, spread
from campaigns.journey.models import Turn
from campaigns.journey.openings import room
from campaigns.models import CAMPAIGN, Campaign
from campaigns.steps.models import Step
from conversations.models import MESSAGE, Message
from conversations.senders.models import Sender
from outreach.core import clock


@dataclass
class Share:
    """What one sender would send for one campaign on a day, and what is held back by which limit."""

    sender: Sender | None
    campaign: Campaign
    leaving: list[tuple[datetime, int]] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def count(self) -> int:
        return len(self.leaving)

    @property
    def first_at(self) -> datetime | None:
        return min((at for at, _pk in self.leaving), default=None)

    @property
    def last_at(self) -> datetime | None:
        return max((at for at, _pk in self.leaving), default=None)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """(limit in words, how many), the most first."""
        return sorted(((str(HELD.get(why, why)), n) for why, n in self.held.items()), key=lambda pair: -pair[1])


@dataclass
class Day:
    day: date
    begins: datetime
    ends: datetime
    shares: list[Share]
    to_review: int
    """Messages whose text waits for a person."""
    conditions: int
    """Follow-ups that depend on a condition then."""
    tasks: int
    """Tasks that are open or come up by then."""
    daily: list[tuple[Campaign, int]]
    """Daily campaigns and how many new leads each would begin with at most."""

    @property
    def count(self) -> int:
        return sum(share.count for share in self.shares)

    @property
    def held(self) -> int:
        return sum(sum(share.held.values()) for share in self.shares)


MOST_MESSAGES = 50_000


def tomorrow(*, day: date | None = None, zone: tzinfo | None = None, campaign: Campaign | None = None) -> Day:
    """A simulation up to the end of `day` (tomorrow): what leaves by sender and campaign, and what is held back.

    Nothing is sent or changed. It takes what is planned and due by then; what is decided only then (conditions, tasks,
    the new leads of daily campaigns) is counted beside it.
    """
    now, zone = clock.now(), zone or timezone.get_current_timezone()
    day = day or now.astimezone(zone).date() + timedelta(days=1)
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    world = World(now, ends + timedelta(days=7))
    rows = Message.objects.filter(
        state__in=MESSAGE.waiting, scheduled_at__lt=ends, stream__campaign__state__in=CAMPAIGN.running
    ).exclude(approved_hash="")
    if campaign is not None:
        rows = rows.filter(stream=campaign.stream_id)
    messages = list(
        rows.select_related("stream__campaign", "sender", "lead")
        .defer("body", "body_html")
        .order_by("scheduled_at")[:MOST_MESSAGES]
    )
    world.add({m.sender.pk: m.sender for m in messages if m.sender}.values())
    streams = {m.stream.pk: m.stream for m in messages if m.stream}
    shares: dict[tuple[int | None, int], Share] = {}

    def share(sender: Sender | None, owner: Campaign) -> Share:
        key = (sender.pk if sender else None, owner.pk)
        return shares.setdefault(key, Share(sender, owner))

    by_pk = {message.pk: message for message in messages}
    plan = spread(
        desks=world.desks.values(),
        lanes=[Lane(s.pk, s.daily_cap, s.is_active) for s in streams.values()],
        waiting=[waiting_of(message, world, message.pk) for message in messages],
        now=now.timestamp(),
        until=ends.timestamp(),
    )
    for slot in plan.slots:
        at = datetime.fromtimestamp(slot.at, UTC)
        message = by_pk[slot.item.key]  # type: ignore[index]
        if begins <= at < ends and message.stream is not None:
            share(message.sender, message.stream.campaign).leaving.append((at, message.pk))
    for item, why in plan.held:
        message = by_pk[item.key]  # type: ignore[index]
        if message.stream is not None:
            share(message.sender, message.stream.campaign).held[why] += 1
    running = Campaign.objects.running()
    running = running.filter(pk=campaign.pk) if campaign is not None else running
    waiting = Draft.objects.to_review().filter(candidate__campaign__in=running)
    turns = Turn.objects.filter(candidate__campaign__in=running, due_at__lt=ends)
    of_people = Q(step__action=Step.Action.TASK)
    daily = [(one, room(one)) for one in running.sending().filter(mode=Campaign.Mode.DAILY)]
    found = sorted(shares.values(), key=lambda one: (one.campaign.name, one.sender.name if one.sender else ""))
    return Day(
        day,
        begins,
        ends,
        found,
        waiting.values("candidate", "step").distinct().count(),
        turns.waiting().filter(~of_people).count(),
        turns.pending().filter(of_people).count(),
        daily,
    )
