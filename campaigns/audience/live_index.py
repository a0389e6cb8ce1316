"""The index over the criteria of all live campaigns, kept in the process, applied to changed leads.

A campaign costs next to nothing here: the leads are read once and compared with all sets at once. Asking the database
campaign by campaign, or all of them in one statement, takes 6 to 80 times as long (`python -m tests.benchmarks live`).
Heavy libraries are imported when there is something to compare: an idle worker holds none of this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from campaigns.audience import live_sql
from campaigns.audience.models import LiveFeed, LiveSet
from campaigns.models import CANDIDATE
from conversations.consent.eligibility import ways_in_use
from leads.segments import fields, schema
from leads.segments.canonical import canonical
from leads.segments.schema import Node

if TYPE_CHECKING:
    from leads.segments.criteria_index import CriteriaIndex

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Leads:
    """What the database holds of some leads. `ids` are distinct and ascend; who was erased or deleted is in no row."""

    ids: list[int]
    rows: Rows
    """Id, rank, whether reachable on each channel of the index, each of its columns."""
    stored: Rows
    """Campaign, lead and rank of every row of a set."""
    candidates: Rows
    """Id, campaign, lead and stage of every candidate that is not evicted."""


@dataclass(frozen=True)
class Diff:
    """What must be written: columns of (campaign, lead, rank) to put in, of (campaign, lead) to take out, candidates."""

    put: list[list[int]]
    left: list[list[int]]
    evicted: list[int]

    @property
    def is_empty(self) -> bool:
        return not (self.put[0] or self.left[0] or self.evicted)


@dataclass
class LiveIndex:
    """One edition of all live sets, in the order of their campaigns."""

    edition: int
    criteria: CriteriaIndex
    campaigns: Any
    channels: list[str]
    channel_at: Any
    """Which of `channels` each set is for."""
    floors: Any
    """Rank and lead of each set's floor; the least of all numbers where there is none."""
    keeps_to: list[int]
    windows: list[tuple[str, int]]
    """(column, days) of every window that passes by itself."""
    row_of: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.row_of = {campaign: row for row, campaign in enumerate(self.campaigns.tolist())}

    def read(self, ids: list[int]) -> Leads:
        """All that decides about these leads."""
        statement, parameters = live_sql.read(self.criteria.columns, self.channels, ways=ways_in_use())
        return Leads(
            ids,
            fetch(statement, {**parameters, "ids": ids}),
            fetch(live_sql.STORED, {"ids": ids}),
            fetch(live_sql.CANDIDATES, {"ids": ids}),
        )

    def evaluate(self, rows: Rows, now: datetime) -> tuple[Any, Any, Any]:
        """Ids and ranks of leads as they were read, and sets × leads: true where it matches and can be written to."""
        import numpy as np

        leads = np.array([row[0] for row in rows], dtype=np.int64)
        ranks = np.array([row[1] for row in rows], dtype=np.int64)
        first = 2 + len(self.channels)
        values = {
            column: [tuple(row[place]) if isinstance(row[place], list) else row[place] for row in rows]
            for place, column in enumerate(self.criteria.columns, first)
        }
        met = self.criteria.evaluate(values, len(rows), now)
        reachable = np.array([row[2:first] for row in rows], dtype=bool).reshape(len(rows), len(self.channels)).T
        met &= reachable[self.channel_at]
        return leads, ranks, met

    def compare(self, found: Leads, now: datetime) -> Diff:
        """The stored sets of these leads compared with what they should be."""
        import numpy as np

        ids = np.array(found.ids, dtype=np.int64)
        leads, ranks, met = self.evaluate(found.rows, now)
        evicted = self._settle_candidates(met, leads, found.candidates)
        floor_rank, floor_lead = self.floors
        met &= (ranks > floor_rank) | ((ranks == floor_rank) & (leads >= floor_lead))
        at_set, at_lead = np.nonzero(met)
        wanted = np.stack([self.campaigns[at_set], leads[at_lead], ranks[at_lead]])
        stored = np.array(found.stored, dtype=np.int64).reshape(-1, 3).T

        def keys(rows: Any) -> Any:
            return rows[0] * len(ids) + np.searchsorted(ids, rows[1])

        _both, in_wanted, in_stored = np.intersect1d(
            keys(wanted), keys(stored), assume_unique=True, return_indices=True
        )
        is_put, is_gone = np.ones(wanted.shape[1], dtype=bool), np.ones(stored.shape[1], dtype=bool)
        is_put[in_wanted] = wanted[2, in_wanted] != stored[2, in_stored]
        is_gone[in_stored] = False
        return Diff(wanted[:, is_put].tolist(), stored[:2, is_gone].tolist(), evicted)

    def _settle_candidates(self, met: Any, leads: Any, candidates: Rows) -> list[int]:
        """Takes leads that are candidates already out of `met`; the ids of those that match no longer and may go."""
        place = {lead: i for i, lead in enumerate(leads.tolist())}
        evicted = []
        for pk, campaign, lead, stage in candidates:
            row, column = self.row_of.get(campaign), place.get(lead)
            if row is None:
                continue
            matches = column is not None and met[row, column]
            if not matches and stage in CANDIDATE.without_texts and pk > self.keeps_to[row]:
                evicted.append(pk)
            if column is not None:
                met[row, column] = False
        return evicted


_kept: dict[str, LiveIndex] = {}


def current() -> LiveIndex:
    """The index of the edition in force; built again when criteria, sets or floors changed."""
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
    import numpy as np

    from leads.segments.criteria_index import CriteriaIndex

    nodes: list[Node] = []
    parsed: dict[int, Node] = {}
    sets = list(LiveSet.objects.select_related("segment_version").order_by("campaign_id"))
    for row in sets:
        if row.segment_version_id not in parsed:
            parsed[row.segment_version_id] = canonical(schema.parse(row.segment_version.criteria))
        nodes.append(parsed[row.segment_version_id])
    channels = sorted({row.channel for row in sets})
    least = np.iinfo(np.int64).min
    floors = [(least, least) if row.floor_rank is None else (row.floor_rank, row.floor_lead) for row in sets]
    return LiveIndex(
        edition=edition,
        criteria=CriteriaIndex(nodes),
        campaigns=np.array([row.campaign_id for row in sets], dtype=np.int64),
        channels=channels,
        channel_at=np.array([channels.index(row.channel) for row in sets], dtype=np.intp),
        floors=np.array(floors, dtype=np.int64).reshape(-1, 2).T[:, :, None],
        keeps_to=[row.keeps_candidates_to for row in sets],
        windows=_windows(parsed.values()),
    )


def _windows(nodes: Any) -> list[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for node in nodes:
        for condition in schema.conditions(node):
            if condition.operator == "within_days":
                meta = fields.find(condition.field)
                assert meta is not None and isinstance(condition.value, int)
                found.add((meta.column, condition.value))
    return sorted(found)


def fetch(statement: str, parameters: dict[str, Any] | None = None) -> Rows:
    """All rows of `statement`."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: Rows = cursor.fetchall()
        return rows
