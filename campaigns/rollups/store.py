# ruff: noqa: S608  (made of models' columns and this module's own texts; values are parameters)
"""Adds differences to the tables of numbers: thousands of rows in one statement. SQL by hand, here only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from campaigns.rollups.cells import NUMBERS, Cells, Person
from campaigns.rollups.models import Change, DayCount, Known, PeopleCount

MOST = 20_000
"""Rows in one statement."""
_DAY_COLUMNS = {
    "zone_id": "bigint",
    "dimension": "text",
    "campaign": "bigint",
    "day": "date",
    "key": "text",
    "before": "date",
}
_PEOPLE_COLUMNS = {"dimension": "text", "campaign": "bigint", "key": "text", "stage": "text"}
_ADD = """
INSERT INTO {table} AS t ({columns}) SELECT * FROM unnest({arrays})
ON CONFLICT ({unique}) DO UPDATE SET {sums} RETURNING t.id, {is_empty}
"""


def add_days(cells: Cells) -> None:
    """Add to the rows of days."""
    rows = [(z, dimension, c, date.fromordinal(d), key, date.fromordinal(b), *values)
            for (z, dimension, c, d, key, b), values in cells.items() if any(values)]  # fmt: skip
    _add(DayCount, _DAY_COLUMNS, NUMBERS, rows)


def add_people(cells: Cells) -> None:
    """Add to the rows of stages."""
    rows = [(*key, *values) for key, values in cells.items() if any(values)]
    _add(PeopleCount, _PEOPLE_COLUMNS, (*NUMBERS, "people"), rows)


def _add(model: Any, keys: dict[str, str], numbers: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    types = keys | dict.fromkeys(numbers, "bigint")
    sql = _ADD.format(
        table=model._meta.db_table,
        columns=", ".join(types),
        arrays=", ".join(f"%s::{kind}[]" for kind in types.values()),
        unique=", ".join(keys),
        sums=", ".join(f"{name} = t.{name} + excluded.{name}" for name in numbers),
        is_empty=" AND ".join(f"t.{name} = 0" for name in numbers),
    )
    rows.sort(key=lambda row: row[: len(keys)])
    for start in range(0, len(rows), MOST):
        with connection.cursor() as cursor:
            cursor.execute(sql, [list(column) for column in zip(*rows[start : start + MOST], strict=True)])
            empty = [pk for pk, is_empty in cursor.fetchall() if is_empty]
        if empty:
            model.objects.filter(pk__in=empty).delete()


def remember(people: dict[int, Person], gone: Iterable[int]) -> None:
    """Keep what was counted of these people, and nothing of those who are gone."""
    Known.objects.filter(pk__in=list(gone)).delete()
    Known.objects.bulk_create(
        [Known(pk, person.as_list()) for pk, person in people.items()],
        update_conflicts=True,
        unique_fields=["candidate_id"],
        update_fields=["facts"],
        batch_size=5_000,
    )


def take_changes(most: int) -> set[int]:
    """Take up to `most` noted changes out of the queue: whom they are about."""
    with connection.cursor() as cursor:
        table = Change._meta.db_table
        cursor.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} ORDER BY id LIMIT %s) RETURNING candidate_id",
            [most],
        )
        return {candidate for (candidate,) in cursor.fetchall()}
