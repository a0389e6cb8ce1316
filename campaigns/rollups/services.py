"""Keeps the numbers up to date, and counts them again from the raw rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from campaigns import counts
from campaigns.models import Candidate
from campaigns.rollups import cells, facts, store
from campaigns.rollups.cells import Locate
from campaigns.rollups.models import EVERYTHING, Change, DayCount, Known, KnownMessage, PeopleCount, Zone
from outreach.core import clock
from outreach.jobs.services import enqueue

Read = tuple[cells.People, cells.Messages]
LOCK = 0x726F6C6C
"""Advisory lock of everything that writes numbers; "roll" in ASCII."""
BATCH = 2_000
"""Changes that are counted in one transaction, and people whose facts are looked up by one statement."""
AT_ONCE = 4_000
"""Changes that a page counts before it is shown; more are counted in the background."""
PATIENCE = timedelta(seconds=2)
"""How long a page waits for somebody else who counts."""
CHUNK = 200_000
"""People whose messages are held in memory at once."""
FEW = 20_000
"""People for whom the days of a new zone are counted at once."""


def catch_up(*, most: int = AT_ONCE) -> int:
    """Count up to about `most` noted changes; how many were taken. Nothing happens while somebody else counts."""
    taken = 0
    while taken < most:
        with transaction.atomic():
            ids = _count_some() if _lock(waits=False) else set()
        if not ids:
            break
        taken += len(ids)
    return taken


def has_caught_up(*, most: int = AT_ONCE) -> bool:
    """Count what is noted, up to about `most` changes: whether all that was noted before this call is counted now.

    Changes never stop coming in, so what is noted meanwhile doesn't matter. Waits for somebody else who counts.
    """
    newest = Change.objects.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        return True
    for _batch in range(0, most, BATCH):
        try:
            with transaction.atomic():
                _lock(patience=PATIENCE)
                _count_some()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            return False
        if not Change.objects.filter(pk__lte=newest).exists():
            return True
    return False


def changed_campaigns(ids: Collection[int]) -> set[int]:
    """Which of these campaigns have noted changes that are not counted yet."""
    changed = Change.objects.order_by().values("candidate_id")
    now = Candidate.objects.filter(pk__in=changed, campaign__in=ids).order_by().values_list("campaign_id", flat=True)
    before = Known.objects.filter(pk__in=changed, campaign__in=ids).order_by().values_list("campaign", flat=True)
    return {*now.distinct(), *before.distinct()}


def _count_some() -> set[int]:
    """Count the oldest changes, in the caller's transaction and under its lock; whom they were about."""
    ids = store.take_changes(BATCH)
    if ids:
        _count_again(ids)
    return ids


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
        sums = store.Sums()
        for ids in _everybody():
            _add(sums, store.read(ids), {zone.pk: _locator(zone.name)}, has_people=False)
        sums.write(is_new=True)
        zone.built_at = clock.now()
        zone.save(update_fields=["built_at"])


def rebuild() -> int:
    """Forget everything and count everybody again from the raw rows; how many. Readers see the old numbers until the end."""
    with transaction.atomic():
        _lock()
        for model in (Change, KnownMessage, Known, DayCount, PeopleCount):
            model.objects.all()._raw_delete(using=connection.alias)
        facts.learn()
        facts.analyse()
        sums = store.Sums()
        for ids in _everybody():
            _add(sums, store.read(ids), _zones())
        sums.write(is_new=True)
    return Known.objects.count()


def rebuild_day(day: date) -> int:
    """Count the messages of one local day again, in every zone; how many people they went to."""
    with transaction.atomic():
        _lock()
        ids = _people_of(day)
        read = _count_again(ids)
        DayCount.objects.filter(day=day).delete()
        sums = store.Sums()
        _add(sums, read, _zones(), only=day, has_people=False)
        sums.write(is_new=True)
    return len(ids)


def _people_of(day: date) -> list[int]:
    """Everyone to whom a message left on this day of any kept zone, as we know it or as it is now."""
    zones = [ZoneInfo(name) for name in Zone.objects.filter(built_at__isnull=False).values_list("name", flat=True)]
    begin, end = (
        [datetime.combine(one, time(), zone) for zone in zones] for one in (day, day + timedelta(days=1))
    )  # fmt: skip
    if not zones:
        return []
    known = KnownMessage.objects.filter(at__gte=min(begin), at__lt=max(end)).values_list("candidate_id", flat=True)
    sent = counts.sent_messages().filter(sent_at__gte=min(begin), sent_at__lt=max(end))
    return sorted({*known, *sent.values_list("draft__candidate", flat=True)})


def _add(
    sums: store.Sums, read: Read, zones: Mapping[int, Locate], *, sign: int = 1, only: date | None = None,
    has_people: bool = True,
) -> None:  # fmt: skip
    """Count what is known of people, or with a `sign` of −1 take it out."""
    people, messages = read
    for zone, locate in zones.items():
        sums.add_days(zone, cells.day_rows(people, messages, locate, EVERYTHING), sign=sign, only=only)
    if has_people:
        sums.add_people(cells.people_rows(people, messages), sign=sign)


def _count_again(ids: Collection[int]) -> Read:
    """Take out what was counted of these people, and count what they are now: that is returned."""
    chosen, zones = sorted(ids), _zones()
    sums = store.Sums()
    _add(sums, store.read(chosen), zones, sign=-1)
    facts.forget(chosen)
    for first in range(0, len(chosen), BATCH):  # for more the planner would rather read all messages than look some up
        facts.learn(chosen[first : first + BATCH])
    read = store.read(chosen)
    _add(sums, read, zones)
    sums.write()
    return read


def _everybody() -> Iterator[list[int]]:
    after = 0
    while ids := list(Known.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        yield ids
        after = ids[-1]


def _lock(*, waits: bool = True, patience: timedelta | None = None) -> bool:
    """Take the lock until the end of the transaction. Raises `OperationalError` when `patience` runs out."""
    with connection.cursor() as cursor:
        if patience:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{patience.total_seconds() * 1000:.0f}ms"])
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
