"""The kinds of events that other systems may follow, and what is told of each: one registry for webhooks, streams, docs.

The log holds ids. What they stand for is looked up when an event is told, so that nothing personal is kept twice and an
erased person is not told of any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from django.conf import settings
from django.urls import reverse

from outreach.access.roles import Role
from outreach.core.registry import Point
from outreach.core.states import Text
from outreach.events.models import Event

EXAMPLE_AT = "2026-03-02T09:30:00+00:00"
EVERYTHING = "*"


@dataclass(frozen=True)
class EventKind:
    """One kind of event: its name, when it happens, an example of its own fields, and the role that may follow it."""

    name: str
    help: Text
    example: Mapping[str, Any]
    role: str = Role.VIEWER

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Subject:
    """What an id in an event stands for: the event's field `key` is described under `name`.

    `describe(id)` gives what is told of it now, None when there is nothing to tell.
    """

    key: str
    name: str
    describe: Callable[[int], dict[str, Any] | None]
    example: Mapping[str, Any] = field(default_factory=dict)


EVENT_KINDS: Point[EventKind] = Point("event kinds")
SUBJECTS: Point[Subject] = Point("event subjects")


def kinds() -> dict[str, EventKind]:
    """All kinds by name, in the order of the way that a lead travels; those for few last."""
    entries = EVENT_KINDS.entries()
    return {kind.name: kind for kind in sorted(entries, key=lambda kind: kind.role != Role.VIEWER)}


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a kind is one of `patterns`: `reply.received`, `reply.*`, or `*` for everything."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def chosen(patterns: Iterable[str]) -> list[EventKind]:
    """The kinds that the patterns name."""
    wanted = list(patterns)
    return [kind for kind in kinds().values() if matches(kind.name, wanted)]


def page(name: str, *args: int) -> str:
    """The full address of a page of this installation."""
    return f"{settings.PUBLIC_BASE_URL}{reverse(name, args=args)}"


def event_id(event: Event) -> str:
    """The event's id as others see it: the same in every delivery and on every stream."""
    return f"evt_{event.pk}"


def told(event: Event) -> dict[str, Any]:
    """The event as other systems get it."""
    return _body(event_id(event), event.kind, event.at.isoformat(), data_of(event.payload))


def data_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The event's own fields and, beside each id, what it stands for now; null for what is gone."""
    found = {
        subject.name: subject.describe(int(payload[subject.key]))
        for subject in SUBJECTS.entries()
        if payload.get(subject.key)
    }
    return {**payload, **found}


def example(name: str, *, number: str = "evt_1024", at: datetime | None = None) -> dict[str, Any]:
    """What an event of this kind looks like, with made-up values."""
    fields = kinds()[name].example
    subjects = {subject.name: dict(subject.example) for subject in SUBJECTS.entries() if subject.key in fields}
    return _body(number, name, at.isoformat() if at else EXAMPLE_AT, {**fields, **subjects})


def _body(number: str, kind: str, at: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": number, "type": kind, "timestamp": at, "data": dict(data)}
