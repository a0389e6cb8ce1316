# ruff: noqa: S608  (made of models' columns and this module's own texts; values are parameters)
"""Reads what is known of people as arrays, and adds rows to the tables of numbers, thousands in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection

from campaigns.rollups.cells import ANSWERS, NUMBERS, OF_MESSAGES, OF_PEOPLE, DayRow, Keys, Messages, People, PeopleRow
from campaigns.rollups.models import Change, DayCount, Known, KnownMessage, PeopleCount

MOST = 20_000
"""Rows in one statement."""
_BETWEEN = "\x1f"
_SECONDS = "coalesce(floor(extract(epoch FROM {}))::bigint, -1)"
_DAY_COLUMNS = {
    "zone_id": "bigint", "dimension": "text", "campaign": "bigint", "day": "date", "key": "text", "before": "date",
}  # fmt: skip
_PEOPLE_COLUMNS = {"dimension": "text", "campaign": "bigint", "key": "text", "stage": "text"}
_ADD = """
INSERT INTO {table} AS t ({columns}) SELECT * FROM unnest({arrays})
ON CONFLICT ({unique}) DO UPDATE SET {sums} RETURNING t.id, {is_empty}
"""


def read(ids: Sequence[int]) -> tuple[People, Messages]:
    """What is known of these people."""
    answers = ", ".join(_SECONDS.format(f"{kind}_at") for kind in ANSWERS)
    rows = _columns(
        f"SELECT candidate_id, campaign, stage, outcomes, cents, {', '.join(OF_PEOPLE)}, {answers}"
        f" FROM {Known._meta.db_table} WHERE candidate_id = ANY(%s) ORDER BY candidate_id",
        [list(ids)], 5 + len(OF_PEOPLE) + len(ANSWERS),
    )  # fmt: skip
    candidates, campaign, stage, outcomes, cents, *rest = rows
    people = People(
        Keys.of(campaign), Keys.of(stage), {name: Keys.of(one) for name, one in zip(OF_PEOPLE, rest, strict=False)},
        _ints(outcomes), _ints(cents), {kind: _ints(one) for kind, one in zip(ANSWERS, rest[len(OF_PEOPLE):], strict=True)},
    )  # fmt: skip
    rows = _columns(
        f"SELECT candidate_id, {_SECONDS.format('at')}, outcomes, cents, concat_ws('{_BETWEEN}', {', '.join(OF_MESSAGES)})"
        f" FROM {KnownMessage._meta.db_table} WHERE candidate_id = ANY(%s) ORDER BY candidate_id, at, message_id",
        [list(ids)], 5,
    )  # fmt: skip
    kinds = Keys.of(rows[4])  # few, however many messages: what differs are people and times
    split = [kind.split(_BETWEEN) for kind in kinds.names]
    keys = {}
    for place, name in enumerate(OF_MESSAGES):
        of_kinds = Keys.of([kind[place] for kind in split])
        keys[name] = of_kinds.at(kinds.codes)
    person = np.searchsorted(_ints(candidates), _ints(rows[0]))
    return people, Messages(person, _ints(rows[1]), _ints(rows[2]), _ints(rows[3]), keys)


def _columns(sql: str, parameters: list[Any], width: int) -> list[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _ints(values: Sequence[int]) -> Any:
    return np.array(values, dtype=np.int64)


class Sums:
    """Rows that are added up in memory and then written at once: what is taken out and counted again cancels out."""

    def __init__(self) -> None:
        self._days: dict[tuple[Any, ...], list[int]] = {}
        self._people: dict[tuple[Any, ...], list[int]] = {}

    def add_days(self, zone: int, rows: Iterable[DayRow], *, sign: int = 1, only: date | None = None) -> None:
        """Add the rows of days of a zone, or of one of its days."""
        self._add(self._days, ((zone, *row) for row in rows if only is None or row[2] == only), sign)

    def add_people(self, rows: Iterable[PeopleRow], *, sign: int = 1) -> None:
        """Add the rows of stages."""
        self._add(self._people, rows, sign)

    @staticmethod
    def _add(found: dict[tuple[Any, ...], list[int]], rows: Iterable[tuple[Any, ...]], sign: int) -> None:
        for *key, numbers in rows:
            known = found.get(tuple(key))
            if known is None:
                found[tuple(key)] = numbers if sign == 1 else [sign * n for n in numbers]
            else:
                for place, n in enumerate(numbers):
                    known[place] += sign * n

    def write(self, *, is_new: bool = False) -> None:
        """Add all to the tables of numbers; `is_new`: none of these rows is there yet."""
        for model, keys, numbers, found in (
            (DayCount, _DAY_COLUMNS, NUMBERS, self._days),
            (PeopleCount, _PEOPLE_COLUMNS, (*NUMBERS, "people"), self._people),
        ):
            rows = ((*key, *values) for key, values in found.items() if any(values))
            (_copy if is_new else _merge)(model, keys, numbers, rows)


def _copy(model: Any, keys: dict[str, str], numbers: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    columns = ", ".join((*keys, *numbers))
    with connection.cursor() as cursor, cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _merge(model: Any, keys: dict[str, str], numbers: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    types = keys | dict.fromkeys(numbers, "bigint")
    sql = _ADD.format(
        table=model._meta.db_table,
        columns=", ".join(types),
        arrays=", ".join(f"%s::{kind}[]" for kind in types.values()),
        unique=", ".join(keys),
        sums=", ".join(f"{name} = t.{name} + excluded.{name}" for name in numbers),
        is_empty=" AND ".join(f"t.{name} = 0" for name in numbers),
    )
    every = iter(sorted(rows, key=lambda row: row[: len(keys)]))
    while some := list(islice(every, MOST)):
        with connection.cursor() as cursor:
            cursor.execute(sql, [list(column) for column in zip(*some, strict=True)])
            empty = [pk for pk, is_empty in cursor.fetchall() if is_empty]
        if empty:
            model.objects.filter(pk__in=empty).delete()


def take_changes(most: int) -> set[int]:
    """Take up to `most` noted changes out of the queue: whom they are about."""
    with connection.cursor() as cursor:
        table = Change._meta.db_table
        cursor.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} ORDER BY id LIMIT %s) RETURNING candidate_id",
            [most],
        )
        return {candidate for (candidate,) in cursor.fetchall()}
