# ruff: noqa: S608  (made of the registry's columns and this room's own texts; values are parameters)
"""What is known of changed leads: the columns that criteria ask about, the sets they are in, their candidates.

A few leads are taken out of the feed and read by one prepared statement; many are read by plain ones and by COPY.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db import connection

from campaigns.audience import live_sql
from campaigns.audience.eligibility import is_eligible
from conversations.consent.eligibility import ways_in_use
from leads.segments.ranking import RANK
from outreach.core import statements

if TYPE_CHECKING:
    from leads.segments.columns import Column

COPY_FROM = 500
"""From this many leads on the stored rows are read by binary COPY, not row by row."""


@dataclass
class Leads:
    """Leads that were taken out of the feed, and what the database holds of them."""

    ids: list[int]
    """Distinct, ascending; those that were erased or deleted too."""
    rows: list[tuple[Any, ...]]
    """Id, rank, reachable on each channel, each column; who was erased or deleted is not there."""
    stored: tuple[Any, ...]
    """Campaign, lead and rank of every row of a set, as arrays."""
    candidates: list[tuple[int, int, int, bool]]
    """Id, campaign, lead, and whether it may be taken out, of every candidate that is not evicted."""


@dataclass
class Taken:
    """A few leads out of the feed. `count` is of changes, not of leads; `edition` is the one in force."""

    leads: Leads
    count: int
    edition: int | None


def take_few(columns: Sequence[Column], channels: Sequence[str], limit: int) -> Taken:
    """Take up to `limit` changes out of the feed and read their leads at once."""
    import numpy as np

    sql, parameters = live_sql.take_few(columns, channels)
    rows = statements.fetch_all(sql, {**parameters, "batch": limit})
    if not rows:
        return Taken(Leads([], [], (), []), 0, None)
    *_rows, (*_known, count, edition) = rows
    ids = [row[0] for row in rows]
    in_sets, their_ranks, candidates, candidates_in, stages = zip(*(row[-7:-2] for row in rows), strict=True)
    stored = (
        np.array(list(chain(*in_sets)), dtype=np.int64),
        np.repeat(np.array(ids, dtype=np.int64), [len(one) for one in in_sets]),
        np.array(list(chain(*their_ranks)), dtype=np.int64),
    )
    taken = [
        (pk, campaign, lead, stage in live_sql.EVICTABLE)
        for lead, *of_lead in zip(ids, candidates, candidates_in, stages, strict=True)
        for pk, campaign, stage in zip(*of_lead, strict=True)
    ]
    known = [row[1:-7] for row in rows if row[1] is not None]
    return Taken(Leads(ids, known, stored, taken), count, edition)


def of(ids: list[int], columns: Sequence[Column], channels: Sequence[str]) -> Leads:
    """All there is to know of these leads; `ids` ascend and are distinct."""
    rows = read(columns, channels, "l.id = ANY(%(ids)s) ORDER BY l.id", {"ids": ids})
    return Leads(ids, rows, _stored(ids), _candidates(ids))


def leads_about() -> int:
    """About how many leads there are, as the planner has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'leads_lead'::regclass")
        return int(cursor.fetchone()[0])


def read(
    columns: Sequence[Column], channels: Sequence[str], where: str, parameters: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """Id, rank, reachable on each channel, and the columns asked about; erased leads are not there."""
    ways = ways_in_use()
    eligible = [is_eligible(f"'{channel}'", ways=ways) for channel in channels]
    asked, values = live_sql.selected(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(['l.id', RANK, *eligible, *asked])} {live_sql.FROM} WHERE l.erased_at IS NULL AND {where}",
            {**values, **parameters},
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _candidates(lead_ids: list[int]) -> list[tuple[int, int, int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, campaign_id, lead_id, stage FROM campaigns_candidate WHERE lead_id = ANY(%s) AND stage <> 'evicted'",
            [lead_ids],
        )
        return [(pk, campaign, lead, stage in live_sql.EVICTABLE) for pk, campaign, lead, stage in cursor.fetchall()]


def _layout() -> Any:
    """A row of a set as binary COPY has it."""
    import numpy as np

    return np.dtype(
        [("n", ">i2"), ("a", ">i4"), ("campaign", ">i4"), ("b", ">i4"), ("lead", ">i8"), ("c", ">i4"), ("rank", ">i4")]
    )


def append(campaigns: Any, leads: Any, ranks: Any) -> None:
    """Put rows into sets that do not have them."""
    import numpy as np

    table = np.empty(len(campaigns), dtype=_layout())
    table["n"], table["a"], table["b"], table["c"] = 3, 4, 8, 4
    table["campaign"], table["lead"], table["rank"] = campaigns, leads, ranks
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY audience_livematch (campaign_id, lead_id, rank_key) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + table.tobytes() + b"\xff\xff")


def _stored(lead_ids: list[int]) -> tuple[Any, Any, Any]:
    """Campaign, lead and rank of every stored row of these leads, as arrays."""
    import numpy as np

    if len(lead_ids) < COPY_FROM:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT campaign_id, lead_id, rank_key FROM audience_livematch WHERE lead_id = ANY(%s)", [lead_ids]
            )
            found = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
        return found[:, 0], found[:, 1], found[:, 2]
    layout = _layout()
    ids = ",".join(str(int(lead)) for lead in lead_ids)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY (SELECT campaign_id, lead_id, rank_key FROM audience_livematch"
            f" WHERE lead_id = ANY('{{{ids}}}'::bigint[])) TO STDOUT (FORMAT binary)"
        ) as copy,
    ):
        raw = b"".join(bytes(part) for part in copy)
    table = np.frombuffer(raw, dtype=layout, offset=19, count=(len(raw) - 21) // layout.itemsize)
    return tuple(table[name].astype(np.int64) for name in ("campaign", "lead", "rank"))  # type: ignore[return-value]
