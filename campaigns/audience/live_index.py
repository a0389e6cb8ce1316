"""The index over the criteria of all live campaigns, kept in the process, and what it says of changed leads.

Heavy libraries are imported when there is something to compare: an idle worker holds none of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from campaigns.audience.live_reading import Leads
from campaigns.audience.live_sql import FROM
from campaigns.audience.models import LiveFeed, LiveSet
from leads.segments import compiler, fields, schema
from leads.segments.canonical import canonical
from leads.segments.schema import Node

if TYPE_CHECKING:
    from leads.segments.columns import Column
    from leads.segments.criteria_index import CriteriaIndex


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
    channels: list[str] = field(init=False)
    row_of: dict[int, int] = field(init=False)
    """Where each campaign stands in `sets`, and in the arrays below."""
    campaigns: Any = field(init=False)
    channel_at: Any = field(init=False)
    floor_rank: Any = field(init=False)
    floor_lead: Any = field(init=False)

    def __post_init__(self) -> None:
        import numpy as np

        lowest = np.iinfo(np.int64).min
        self.channels = sorted({one.channel for one in self.sets})
        self.row_of = {one.campaign_id: row for row, one in enumerate(self.sets)}
        self.campaigns = np.array([one.campaign_id for one in self.sets], dtype=np.int64)
        self.channel_at = np.array([self.channels.index(one.channel) for one in self.sets], dtype=np.intp)
        self.floor_rank = np.array([one.floor[0] if one.floor else lowest for one in self.sets], dtype=np.int64)
        self.floor_lead = np.array([one.floor[1] if one.floor else lowest for one in self.sets], dtype=np.int64)

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.held.columns if self.held else ()


_kept: dict[str, LiveIndex] = {}


def current() -> LiveIndex:
    """The index of the edition in force; made anew when criteria, sets or floors changed."""
    edition = LiveFeed.objects.values_list("edition", flat=True).first() or 0
    database = str(connection.settings_dict["NAME"])
    known = _kept.get(database)
    if known is None or known.edition != edition:
        known = _kept[database] = build(edition=edition)
    return known


def latest() -> LiveIndex | None:
    """The index as this process knew it last, whatever edition is in force by now."""
    return _kept.get(str(connection.settings_dict["NAME"]))


def forget() -> None:
    """Drop what this process keeps."""
    _kept.clear()


def build(*, edition: int, only: list[int] | None = None) -> LiveIndex:
    """The index over all live sets, or over those of some campaigns."""
    sets_in = LiveSet.objects.all() if only is None else LiveSet.objects.filter(campaign_id__in=only)
    rows = list(
        sets_in.order_by("campaign_id").values_list(
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


def compare(index: LiveIndex, found: Leads, now: datetime) -> Diff:
    """The stored sets of these leads beside what they should be."""
    import numpy as np

    leads, ranks, met = evaluate(index, found.rows, now)
    campaigns, lead_ids = index.campaigns, found.ids
    evicted = _fit_candidates(index, met, leads, found.candidates)
    floor_rank, floor_lead = index.floor_rank[:, None], index.floor_lead[:, None]
    met &= (ranks > floor_rank) | ((ranks == floor_rank) & (leads >= floor_lead))

    at_set, at_lead = np.nonzero(met)
    wanted_campaign, wanted_lead, wanted_rank = campaigns[at_set], leads[at_lead], ranks[at_lead]
    stored_campaign, stored_lead, stored_rank = found.stored
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


def evaluate(index: LiveIndex, rows: Sequence[tuple[Any, ...]], now: datetime) -> tuple[Any, Any, Any]:
    """Ids and ranks of leads as they were read, and sets × leads: true where the lead matches and can be written to."""
    import numpy as np

    held = index.held
    assert held is not None
    leads = np.array([row[0] for row in rows], dtype=np.int64)
    ranks = np.array([row[1] for row in rows], dtype=np.int64)
    first = 2 + len(index.channels)
    values: dict[Column, Any] = {
        column: [_hashable(row[place]) for row in rows] for place, column in enumerate(held.columns, first)
    }
    met = held.evaluate(values, len(rows), now)
    if index.asked:
        met = np.concatenate([met, _ask(index.asked, leads.tolist(), now)])
    reachable = np.array([[row[2 + i] for row in rows] for i in range(len(index.channels))], dtype=bool).reshape(
        len(index.channels), len(rows)
    )
    met &= reachable[index.channel_at]
    return leads, ranks, met


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


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
    index: LiveIndex, met: Any, leads: Any, candidates: Sequence[tuple[int, int, int, bool]]
) -> list[tuple[int, int]]:
    """Takes leads that are candidates already out of `met`; those (id, campaign) that match no longer are to go."""
    import numpy as np

    place = {lead: i for i, lead in enumerate(leads.tolist())}
    evicted = []
    for pk, campaign, lead, is_evictable in candidates:
        row = index.row_of.get(campaign)
        if row is None:
            continue
        column = place.get(lead)
        keeps = index.sets[row].keeps_candidates_to
        if is_evictable and pk > keeps and (column is None or not met[row, column]):
            evicted.append((pk, campaign))
        if column is not None:
            met[row, column] = np.False_
    return evicted
