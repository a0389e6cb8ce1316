"""The product's own history as predictions need it. Each read goes along an index and is bounded in rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import DateTimeField, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from campaigns.models import Outcome
from campaigns.predictions.arithmetic.timing import WHOLE, Sent
from campaigns.predictions.encoding import Known
from conversations.consent.zones import recipient_zones
from conversations.models import AUTOMATIC_KINDS, Conversation, Message
from conversations.senders.models import Sender
from leads.qualification.models import Verdict

REPLIES = (Outcome.Kind.REPLIED,)
CONVERSIONS = (Outcome.Kind.POSITIVE, Outcome.Kind.BOOKED, Outcome.Kind.WON)
BOOKINGS = (Outcome.Kind.BOOKED, Outcome.Kind.WON)
TARGETS = {"reply": REPLIES, "conversion": CONVERSIONS, "booking": BOOKINGS}


@dataclass(frozen=True)
class Contact:
    """One person of a campaign, written to first at `sent_at`; `days` by target until it came, None: not (yet)."""

    candidate_id: int
    campaign_id: int
    sent_at: datetime
    known: Known
    days: dict[str, int | None]


def sent_messages(since: datetime, until: datetime) -> QuerySet[Message]:
    """Messages of campaigns that left in the period, along the index of senders."""
    return Message.objects.filter(
        sender__in=Sender.objects.values("pk"), sent_at__gte=since, sent_at__lt=until, draft__isnull=False
    ).order_by()


def contacts(*, since: datetime, until: datetime, most: int) -> list[Contact]:
    """The newest `most` people first written to in the period, oldest first, with what was known before that."""
    first = sent_messages(since, until).filter(draft__step__number=1)
    outcomes = Outcome.objects.filter(candidate=OuterRef("draft__candidate")).order_by().values("candidate")
    came = {
        f"{name}_at": Subquery(outcomes.filter(kind__in=kinds).annotate(at=Min("occurred_at")).values("at"))
        for name, kinds in TARGETS.items()
    }
    rows: Any = (
        first.annotate(
            verdict=Subquery(_verdicts(OuterRef("draft__candidate__lead"), OuterRef("draft__candidate__campaign__brief"))),
            **came,
        )
        .order_by("-sent_at", "-pk")
        .values_list(
            "draft__candidate",
            "draft__candidate__campaign",
            "sent_at",
            "channel",
            "draft__candidate__scored_features__values",
            "draft__candidate__scored_features__taken_at",
            "verdict",
            *came,
        )[:most]
    )  # fmt: skip
    found = [_contact(*row) for row in rows]
    return found[::-1]


def _verdicts(lead: OuterRef, brief: OuterRef) -> QuerySet[Any]:
    """The newest verdict from before the message, as JSON."""
    rows = Verdict.objects.filter(lead=lead, brief=brief, created_at__lt=OuterRef("sent_at")).order_by("-pk")
    return rows.annotate(found=JSONObject(score="score", factors="factors")).values("found")[:1]


def _contact(
    candidate: int, campaign: int, sent_at: datetime, channel: str, values: Any, taken_at: Any, verdict: Any, *came: Any
) -> Contact:
    features = values if values is not None and taken_at <= sent_at else None
    days = {name: None if at is None else max(0, (at - sent_at).days) for name, at in zip(TARGETS, came, strict=True)}
    return Contact(candidate, campaign, sent_at, _known(features=features, verdict=verdict, channel=channel), days)


def _known(*, features: Any, verdict: Any, channel: str) -> Known:
    """What `features` and a verdict (`{score, factors}`, or None) say."""
    factors = {name: (part or {}).get("value") for name, part in ((verdict or {}).get("factors") or {}).items()}
    return Known(features, factors, verdict["score"] if verdict else None, channel)


def sent(*, since: datetime, until: datetime, most: int) -> Sent:
    """When messages left in the recipients' time, and whether each was answered."""
    answered = Outcome.objects.filter(message=OuterRef("pk"), kind__in=REPLIES)
    rows: Any = (
        sent_messages(since, until)
        .annotate(is_answered=Exists(answered))
        .order_by("-sent_at", "-pk")
        .values_list(
            "sent_at",
            "lead__time_zone",
            "lead__country",
            "lead__city",
            "lead__region",
            "draft__candidate__campaign__segment_version__segment",
            "is_answered",
        )[:most]
    )
    zones: dict[tuple[str, ...], ZoneInfo | None] = {}
    segment, weekday, hour, is_answered = [], [], [], []
    for sent_at, *place, segment_id, has_answered in rows:
        key = tuple(part or "" for part in place)
        if key not in zones:
            zones[key] = _zone(*key)
        zone = zones[key]
        if zone is None:
            continue
        local = sent_at.astimezone(zone)
        segment.append(segment_id or WHOLE)
        weekday.append(local.weekday())
        hour.append(local.hour)
        is_answered.append(has_answered)
    return Sent(np.array(segment, int), np.array(weekday, int), np.array(hour, int), np.array(is_answered, bool))


def _zone(time_zone: str, country: str, city: str, region: str) -> ZoneInfo | None:
    names = recipient_zones(time_zone=time_zone, country=country, city=city, region=region)
    return ZoneInfo(names[0]) if names else None


def silences(*, since: datetime, now: datetime, most: int) -> tuple[list[float], list[bool]]:
    """Days from our first message after an answer of theirs to their next one; not ended: until now."""
    talks = Conversation.objects.answered().filter(last_inbound_at__gte=since).order_by("-last_inbound_at", "-pk")
    rows: Any = (
        Message.objects.filter(conversation__in=talks.values("pk")[:most])
        .filter(Q(direction="in") | Q(direction="out", sent_at__isnull=False))
        .annotate(at=Coalesce("received_at", "sent_at", F("created_at"), output_field=DateTimeField()))
        .order_by("conversation", "at", "pk")
        .values_list("conversation", "direction", "attributes__kind", "at")
    )
    spans = [span for _talk, messages in groupby(rows.iterator(), key=lambda row: row[0]) for span in _spans(messages)]
    days = [((end or now) - start) / timedelta(days=1) for start, end in spans]
    return days, [end is not None for _start, end in spans]


def _spans(messages: Iterable[Any]) -> Iterator[tuple[datetime, datetime | None]]:
    """When we wrote to somebody who had answered, and when they answered next; None: not yet."""
    has_answered, start = False, None
    for _talk, direction, kind, at in messages:
        if direction == "out":
            start = at if has_answered and start is None else start
        elif kind not in AUTOMATIC_KINDS:
            if start is not None:
                yield start, at
            has_answered, start = True, None
    if start is not None:
        yield start, None
