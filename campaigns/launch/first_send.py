"""When the first message of a campaign would leave, before there is a campaign: asked of what plans and forecasts messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.journey.capacity import HELD, World, others, zones_of
from campaigns.journey.lanes import Lane, Waiting, spread
from campaigns.journey.timeline import first_due
from conversations.outbox.models import Stream
from conversations.planning.opening import Hours
from conversations.planning.plans import MessagePlan
from conversations.senders.models import Sender
from leads.models import Lead
from leads.segments.selectors import from_each_place
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.limits.calendars import parse_window

LOOKED_AT = 200
"""People of the list who are looked at: one of each place, the newest first."""
MOST_OTHERS = 2_000
HORIZON = timedelta(days=30)
NOW = timedelta(minutes=2)
"""What leaves within so long leaves at once, for a person."""


@dataclass(frozen=True)
class FirstSend:
    """The first message's time; None: not within the horizon. `why` is what it waits for, "" for nothing."""

    at: datetime | None
    why: str = ""

    @property
    def is_now(self) -> bool:
        return self.at is not None and self.at <= clock.now() + NOW


def first_send(
    criteria: dict[str, Any],
    *,
    sender: Sender,
    window: dict[str, Any] | None,
    skips_holidays: bool,
    start_at: datetime | None,
) -> FirstSend | None:
    """When the first message leaves if everything is approved and started now; None for a list with no one to write to.

    The hours are those that planning decides by, the rest is the forecast of a campaign's timeline: the sender's caps,
    gap and working hours, and what other campaigns have planned there.
    """
    now = clock.now()
    rows = Lead.objects.filter(pk__in=from_each_place(criteria, LOOKED_AT)).prefetch_related("identities")
    people = [(lead, address) for lead in rows if (address := lead.address(sender.channel))]
    if not people:
        return None
    stream = Stream(window=window or {}, skips_holidays=skips_holidays)
    due, planned = first_due(start_at=start_at, now=now), Hours(now)
    world = World(now, now + HORIZON)
    world.add([sender])
    waiting = []
    for lead, address in people:
        plan = MessagePlan(
            stream=stream, sender=sender, channel=sender.channel, address=address, body="", scheduled_at=due, lead=lead
        )
        try:
            opens_at, _timing = planned.of(plan)
        except Invalid:  # their hours never meet
            continue
        hours = world.hours(parse_window(stream.window), zones_of(lead, sender.channel, address), sender)
        waiting.append(Waiting(lead.pk, sender.pk, 0, opens_at.timestamp(), hours))
    lanes, foreign = others(world, besides=0, most=MOST_OTHERS)
    found = spread(
        desks=world.desks.values(),
        lanes=[Lane(0), *lanes],
        waiting=[*waiting, *foreign],
        now=now.timestamp(),
        until=world.until.timestamp(),
    )
    slot = min((slot for slot in found.slots if slot.item.counts), key=lambda slot: slot.at, default=None)
    if slot is None:
        return FirstSend(None, str(HELD[found.held[0][1]]) if found.held else str(HELD["window"]))
    why = slot.held or ("window" if slot.item.ready > due.timestamp() else "")
    return FirstSend(datetime.fromtimestamp(slot.at, UTC), str(HELD.get(why, "")))
