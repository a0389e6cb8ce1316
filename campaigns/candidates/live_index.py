# ruff: noqa: S608  (made of the registry's columns and this room's own texts; values are parameters)
"""The index over the criteria of all live campaigns, kept in the process, and what it says of changed leads.

Heavy libraries are imported when there is something to compare: an idle worker holds none of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from campaigns.candidates.eligibility import ANY_DOMAIN, is_eligible
from campaigns.candidates.live_sql import FROM
from campaigns.candidates.models import LiveFeed, LiveSet
from leads.segments import compiler, fields, schema
from leads.segments.canonical import canonical
from leads.segments.ranking import RANK
from leads.segments.schema import Node

if TYPE_CHECKING:
    from leads.segments.columns import Column
    from leads.segments.criteria_index import CriteriaIndex

EVICTABLE = ("matched", "shortlisted", "qualified")
COPY_FROM = 500
"""From this many leads on the stored rows are read by binary COPY, not row by row."""


@dataclass(frozen=True)
class _Set:
    campaign_id: int
    channel: str
    node: Node
    floor: tuple[int, int] | None
    keeps_candidates_to: int


@dataclass
class LiveIndex:
    """One edition. `sets` that the index holds come first, `asked` (by SQL) after them."""

    edition: int
    sets: list[_Set] = field(default_factory=list)
    held: CriteriaIndex | None = None
    asked: list[_Set] = field(default_factory=list)
    windows: list[tuple[str, int]] = field(default_factory=list)
    """(column, days) of every window that passes by itself."""

    @property
    def channels(self) -> list[str]:
        return sorted({one.channel for one in self.sets})


_kept: dict[str, LiveIndex] = {}


def current() -> LiveIndex:
    """The index of the edition in force; made anew when criteria, sets or floors changed."""
    edition = LiveFeed.objects.values_list("edition", flat=True).first() or 0
    database = str(connection.settings_dict["NAME"])
    known = _kept.get(database)
    if known is None or known.edition != edition:
        known = _kept[database] = _build(edition)
    return known


def forget() -> None:
    """Drop what this process keeps."""
    _kept.clear()


def _build(edition: int) -> LiveIndex:
    rows = list(
        LiveSet.objects.order_by("campaign_id").values_list(
            "campaign_id", "channel", "segment_version__criteria", "floor_rank", "floor_lead", "keeps_candidates_to"
        )
    )
    if not rows:
        return LiveIndex(edition)
    from leads.segments.criteria_index import CriteriaIndex, is_indexable

    parsed: dict[bytes, Node] = {}
    sets = []
    for campaign_id, channel, criteria, rank, lead, keeps in rows:
        key = repr(criteria).encode()
        node = parsed.get(key)
        if node is None:
            node = parsed[key] = canonical(schema.parse(criteria))
        floor = None if rank is None or lead is None else (rank, lead)
        sets.append(_Set(campaign_id, channel, node, floor, keeps))
    held = [one for one in sets if is_indexable(one.node)]
    asked = [one for one in sets if not is_indexable(one.node)]
    return LiveIndex(edition, held + asked, CriteriaIndex([one.node for one in held]), asked, _windows(sets))


def _windows(sets: Sequence[_Set]) -> list[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for one in sets:
        for condition in schema.conditions(one.node):
            if condition.operator == "within_days":
                meta = fields.find(condition.field)
                assert meta is not None and isinstance(condition.value, int)
                found.add((meta.column, condition.value))
    return sorted(found)


@dataclass
class Diff:
    """What must be written: (campaigns, leads, ranks) to put in or move, (campaigns, leads) to take out."""

    entered: tuple[list[int], list[int], list[int]]
    moved: tuple[list[int], list[int], list[int]]
    left: tuple[list[int], list[int]]
    evicted: list[int]
    counts: tuple[list[int], list[int], list[int]]
    """Campaigns with a difference: how many entered, how many left."""

    @property
    def is_empty(self) -> bool:
        return not (self.entered[0] or self.moved[0] or self.left[0] or self.evicted)


def compare(index: LiveIndex, lead_ids: list[int], now: datetime) -> Diff:
    """The stored sets of these leads beside what they should be. `lead_ids` ascend and are distinct."""
    import numpy as np

    held = index.held
    assert held is not None
    channels = index.channels
    rows = _read(held.columns, channels, lead_ids)
    leads = np.array([row[0] for row in rows], dtype=np.int64)
    ranks = np.array([row[1] for row in rows], dtype=np.int64)
    first = 2 + len(channels)
    values: dict[Column, Any] = {
        column: [_hashable(row[place]) for row in rows] for place, column in enumerate(held.columns, first)
    }
    met = held.evaluate(values, len(rows), now)
    if index.asked:
        met = np.concatenate([met, _ask(index.asked, leads.tolist(), now)])
    reachable = np.array([[row[2 + i] for row in rows] for i in range(len(channels))], dtype=bool).reshape(
        len(channels), len(rows)
    )
    met &= reachable[np.array([channels.index(one.channel) for one in index.sets])]

    campaigns = np.array([one.campaign_id for one in index.sets], dtype=np.int64)
    evicted = _fit_candidates(index, met, campaigns, leads, lead_ids)
    lowest = np.iinfo(np.int64).min
    floor_rank = np.array([one.floor[0] if one.floor else lowest for one in index.sets], dtype=np.int64)[:, None]
    floor_lead = np.array([one.floor[1] if one.floor else lowest for one in index.sets], dtype=np.int64)[:, None]
    met &= (ranks > floor_rank) | ((ranks == floor_rank) & (leads >= floor_lead))

    at_set, at_lead = np.nonzero(met)
    wanted_campaign, wanted_lead, wanted_rank = campaigns[at_set], leads[at_lead], ranks[at_lead]
    stored_campaign, stored_lead, stored_rank = _stored(lead_ids)
    ids = np.array(lead_ids, dtype=np.int64)
    order = np.sort(np.unique(np.concatenate([campaigns, stored_campaign])))

    def keys(campaign: Any, lead: Any) -> Any:
        return np.searchsorted(order, campaign) * len(ids) + np.searchsorted(ids, lead)

    wanted, stored = keys(wanted_campaign, wanted_lead), keys(stored_campaign, stored_lead)
    by_key = np.argsort(stored)
    places = np.searchsorted(stored[by_key], wanted)
    places_in = np.minimum(places, max(len(stored) - 1, 0))
    is_known = (stored[by_key][places_in] == wanted) if len(stored) else np.zeros(len(wanted), dtype=bool)
    is_moved = np.zeros(len(wanted), dtype=bool)
    if len(stored):
        is_moved = is_known & (stored_rank[by_key][places_in] != wanted_rank)
    is_gone = ~np.isin(stored, wanted)

    entered_of = np.bincount(np.searchsorted(order, wanted_campaign[~is_known]), minlength=len(order))
    left_of = np.bincount(np.searchsorted(order, stored_campaign[is_gone]), minlength=len(order))
    touched = (entered_of > 0) | (left_of > 0)
    if evicted:
        touched |= np.isin(order, [campaign for _pk, campaign in evicted])
    return Diff(
        entered=(wanted_campaign[~is_known].tolist(), wanted_lead[~is_known].tolist(), wanted_rank[~is_known].tolist()),
        moved=(wanted_campaign[is_moved].tolist(), wanted_lead[is_moved].tolist(), wanted_rank[is_moved].tolist()),
        left=(stored_campaign[is_gone].tolist(), stored_lead[is_gone].tolist()),
        evicted=[pk for pk, _campaign in evicted],
        counts=(order[touched].tolist(), entered_of[touched].tolist(), left_of[touched].tolist()),
    )


def blocks_domains() -> bool:
    """Whether any whole domain is blocked. One that is blocked a moment later feeds its leads again."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ANY_DOMAIN}")
        return bool(cursor.fetchone()[0])


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _read(columns: Sequence[Column], channels: Sequence[str], lead_ids: list[int]) -> list[tuple[Any, ...]]:
    """Id, rank, reachable on each channel, and the columns asked about; erased leads are not there."""
    with_domains = blocks_domains()
    parts = [
        "l.id",
        RANK,
        *(is_eligible(f"'{channel}'", with_domains=with_domains) for channel in channels),
        *(c.sql for c in columns),
    ]
    parameters = [p for column in columns for p in column.parameters]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(parts)} {FROM} WHERE l.erased_at IS NULL AND l.id = ANY(%s) ORDER BY l.id",
            [*parameters, lead_ids],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _ask(asked: Sequence[_Set], lead_ids: list[int], now: datetime) -> Any:
    """Definitions that the index does not hold, answered by the database: one statement for all of them."""
    import numpy as np

    met = np.zeros((len(asked), len(lead_ids)), dtype=bool)
    parts, parameters = [], {"ids": lead_ids}
    for number, one in enumerate(asked):
        predicate = compiler.compile_criteria(one.node, now=now)
        sql = predicate.sql
        for name, value in predicate.parameters.items():
            parameters[f"s{number}_{name}"] = value
            sql = sql.replace(f"%({name})s", f"%(s{number}_{name})s")
        parts.append(f"({sql}) IS TRUE")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.id, array_positions(ARRAY[{', '.join(parts)}], true) {FROM} WHERE l.id = ANY(%(ids)s)",
            parameters,
        )
        place = {lead: i for i, lead in enumerate(lead_ids)}
        for lead, numbers in cursor.fetchall():
            met[[number - 1 for number in numbers], place[lead]] = True
    return met


def _fit_candidates(
    index: LiveIndex, met: Any, campaigns: Any, leads: Any, lead_ids: list[int]
) -> list[tuple[int, int]]:
    """Takes leads that are candidates already out of `met`; those (id, campaign) that match no longer are to go."""
    import numpy as np

    row_of = {campaign: i for i, campaign in enumerate(campaigns.tolist())}
    keeps = {one.campaign_id: one.keeps_candidates_to for one in index.sets}
    place = {lead: i for i, lead in enumerate(leads.tolist())}
    evicted = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, campaign_id, lead_id, stage FROM campaigns_candidate WHERE lead_id = ANY(%s) AND stage <> 'evicted'",
            [lead_ids],
        )
        for pk, campaign, lead, stage in cursor.fetchall():
            row = row_of.get(campaign)
            if row is None:
                continue
            column = place.get(lead)
            if stage in EVICTABLE and pk > keeps[campaign] and (column is None or not met[row, column]):
                evicted.append((pk, campaign))
            if column is not None:
                met[row, column] = np.False_
    return evicted


def _stored(lead_ids: list[int]) -> tuple[Any, Any, Any]:
    """Campaign, lead and rank of every stored row of these leads, as arrays."""
    import numpy as np

    if len(lead_ids) < COPY_FROM:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT campaign_id, lead_id, rank_key FROM candidates_livematch WHERE lead_id = ANY(%s)", [lead_ids]
            )
            found = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
        return found[:, 0], found[:, 1], found[:, 2]
    layout = np.dtype(
        [("n", ">i2"), ("a", ">i4"), ("campaign", ">i4"), ("b", ">i4"), ("lead", ">i8"), ("c", ">i4"), ("rank", ">i4")]
    )
    ids = ",".join(str(int(lead)) for lead in lead_ids)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY (SELECT campaign_id, lead_id, rank_key FROM candidates_livematch"
            f" WHERE lead_id = ANY('{{{ids}}}'::bigint[])) TO STDOUT (FORMAT binary)"
        ) as copy,
    ):
        raw = b"".join(bytes(part) for part in copy)
    table = np.frombuffer(raw, dtype=layout, offset=19, count=(len(raw) - 21) // layout.itemsize)
    return tuple(table[name].astype(np.int64) for name in ("campaign", "lead", "rank"))  # type: ignore[return-value]
