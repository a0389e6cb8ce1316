"""Keeps the numbers up to date, and counts them again from the raw rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from campaigns import counts
from campaigns.models import Candidate
from campaigns.rollups import cells, facts, store
from campaigns.rollups.cells import Locate, Person
from campaigns.rollups.models import EVERYTHING, Change, DayCount, Known, PeopleCount, Zone
from outreach.core import clock
from outreach.jobs.services import enqueue

LOCK = 0x726F6C6C
"""Advisory lock of everything that writes numbers; "roll" in ASCII."""
BATCH = 2_000
"""Changes that are counted in one transaction."""
AT_ONCE = 4_000
"""Changes that a page counts before it is shown; more are counted in the background."""
CHUNK = 5_000
FEW = 20_000
"""People for whom the days of a new zone are counted at once."""
FLUSH = 300_000
"""Rows that a rebuild holds in memory."""


def catch_up(*, most: int = AT_ONCE) -> int:
    """Count up to about `most` noted changes; how many were taken. Nothing happens while somebody else counts."""
    taken = 0
    while taken < most:
        with transaction.atomic():
            if not _lock(waits=False):
                break
            ids = store.take_changes(BATCH)
            if ids:
                _count_again(ids)
        if not ids:
            break
        taken += len(ids)
    return taken


def is_behind() -> bool:
    """Whether changes wait to be counted."""
    return Change.objects.exists()


def kept_zone(name: str) -> Zone | None:
    """The zone if its days are counted. One that was never asked for is counted now, or soon where there is much."""
    zone, is_new = Zone.objects.get_or_create(name=name)
    if zone.built_at is None and (is_new or not Known.objects.exists()):
        if Known.objects.order_by()[FEW : FEW + 1].exists():
            enqueue("campaigns.rollups.tasks.count_zone", zone.pk, timeout_seconds=3_600, key=f"rollups.zone.{zone.pk}")
        else:
            count_zone(zone)
    return zone if zone.built_at else None


def count_zone(zone: Zone) -> None:
    """Count every known person in the days of `zone`; again, if they were counted already."""
    with transaction.atomic():
        _lock()
        DayCount.objects.filter(zone=zone).delete()
        adding = _Adding({zone.pk: _locator(zone.name)})
        for chunk in _known():
            adding.add(chunk)
        adding.flush()
        zone.built_at = clock.now()
        zone.save(update_fields=["built_at"])


def rebuild() -> int:
    """Forget everything and count everybody again from the raw rows; how many. Readers see the old numbers until the end."""
    with transaction.atomic():
        _lock()
        for model in (Change, Known, DayCount, PeopleCount):
            model.objects.all()._raw_delete(using=connection.alias)
        adding, done, after = _Adding(_zones()), 0, 0
        while ids := list(Candidate.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
            people = facts.people(ids)
            store.remember(people, gone=())
            adding.add(people)
            adding.add_people(people)
            done, after = done + len(people), ids[-1]
        adding.flush()
    return done


def rebuild_day(day: date) -> int:
    """Count the messages of one local day again, in every zone; how many people they went to."""
    begin = datetime.combine(day, time(), UTC)
    sent = counts.sent_messages().filter(sent_at__gte=begin - timedelta(days=1), sent_at__lt=begin + timedelta(days=2))
    with transaction.atomic():
        _lock()
        ids = set(sent.values_list("draft__candidate", flat=True))
        for chunk in _chunks(sorted(ids)):
            _count_again(set(chunk))
        DayCount.objects.filter(day=day).delete()
        adding = _Adding(_zones(), only=day)
        for chunk in _chunks(sorted(ids)):
            adding.add({row.pk: Person.of_list(row.facts) for row in Known.objects.filter(pk__in=chunk)})
        adding.flush()
    return len(ids)


class _Adding:
    """Rows of days that are being added, written when there are many."""

    def __init__(self, zones: dict[int, Locate], *, only: date | None = None) -> None:
        self.zones, self.only = zones, only
        self.days, self.people = cells.day_cells(), cells.people_cells()

    def add(self, people: dict[int, Person]) -> None:
        for person in people.values():
            for zone, locate in self.zones.items():
                cells.add_days(self.days, zone, locate, person, 1)
        if self.only:
            self.days = cells.of_day(self.days, self.only.toordinal())
        if len(self.days) > FLUSH:
            self.flush()

    def add_people(self, people: dict[int, Person]) -> None:
        for person in people.values():
            cells.add_person(self.people, person, 1)

    def flush(self) -> None:
        store.add_days(cells.with_totals(self.days, EVERYTHING))
        store.add_people(self.people)
        self.days, self.people = cells.day_cells(), cells.people_cells()


def _count_again(ids: Collection[int]) -> None:
    """Add the difference between what was counted of these people and what they are now."""
    now = facts.people(ids)
    before = {row.pk: Person.of_list(row.facts) for row in Known.objects.filter(pk__in=ids)}
    changed = {pk for pk in ids if now.get(pk) != before.get(pk)}
    days, people, zones = cells.day_cells(), cells.people_cells(), _zones()
    for known, sign in ((before, -1), (now, 1)):
        for pk in changed & known.keys():
            cells.add_person(people, known[pk], sign)
            for zone, locate in zones.items():
                cells.add_days(days, zone, locate, known[pk], sign)
    store.add_days(cells.with_totals(days, EVERYTHING))
    store.add_people(people)
    store.remember({pk: now[pk] for pk in changed & now.keys()}, gone=changed - now.keys())


def _lock(*, waits: bool = True) -> bool:
    """Take the lock until the end of the transaction."""
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _zones() -> dict[int, Locate]:
    """Those whose days are counted."""
    rows = Zone.objects.filter(built_at__isnull=False)
    return {zone.pk: _locator(zone.name) for zone in rows}


@lru_cache(maxsize=64)
def _locator(name: str) -> Locate:
    return cells.locator(ZoneInfo(name))


def _known() -> Iterator[dict[int, Person]]:
    after = 0
    while rows := list(Known.objects.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        yield {row.pk: Person.of_list(row.facts) for row in rows}
        after = rows[-1].pk


def _chunks(ids: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
