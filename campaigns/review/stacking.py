"""What waits for review as a stack: messages that are read one by one, riskiest first, then groups: the
first messages before the follow-ups, the largest first.

A message is one step of one lead with all its variants. Messages whose variants all have the same pattern form a group:
they differ in filled-in values only. A flagged or edited one, or one with an odd value, is an item by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.aggregates import BitXor, BoolOr
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Func, Max, Min, Q, QuerySet, TextField
from django.db.models.functions import Cast

from campaigns.drafts import likeness
from campaigns.drafts.models import DRAFT, Draft
from campaigns.review.selectors import Filters, matching
from campaigns.steps.models import Step

ROWS = 50
"""Members of a group that its table shows at once."""

_PLACES = """
WITH messages AS (SELECT *, CASE WHEN alone THEN first::text ELSE shape END AS key FROM ({messages}) one),
items AS (
    SELECT key, min(first) AS first, max(first) AS last, step_id, min(shape) AS shape, count(*) AS size, max(top) AS risk
    FROM messages GROUP BY step_id, key
),
places AS (
    SELECT key, first, last, step_id, shape, size,
        row_number() OVER (ORDER BY size > 1, risk DESC NULLS FIRST, number, size DESC, first) AS place,
        count(*) OVER () AS total, (sum(size) OVER ())::bigint AS waiting
    FROM items JOIN {steps} steps ON steps.id = step_id
)
SELECT first, last, step_id, shape, size, place, total, waiting FROM places
WHERE key = (SELECT key FROM messages WHERE candidate_id = %s AND step_id = %s) AND step_id = %s
    OR place = least(greatest(%s, 1), total)
ORDER BY place = least(greatest(%s, 1), total) LIMIT 1
"""


@dataclass(frozen=True)
class Item:
    """One item of the stack: a message (`size` 1) or a group of messages, known by its first draft."""

    first: int
    last: int
    step_id: int
    shape: str
    size: int
    place: int
    total: int
    """Items in the stack."""
    waiting: int
    """Messages in the stack."""

    @property
    def is_group(self) -> bool:
        return self.size > 1


@dataclass(frozen=True)
class Alike:
    """A group as somebody saw it: what they filtered by, the shape of its messages, and the last one that was there."""

    filters: Filters
    step_id: int
    shape: str
    upto: int


def waiting(filters: Filters) -> Filters:
    """`filters` on what waits for a person, whatever state they name."""
    return replace(filters, state=DRAFT.PENDING_REVIEW)


def item_at(filters: Filters, *, place: int = 1, message: tuple[int, int] | None = None) -> Item | None:
    """The item of `message` (candidate and step) while it waits, else the one at `place`, or the last one beyond the end.

    None when nothing waits.
    """
    candidate, step = message or (0, 0)
    try:
        messages, parameters = _messages(waiting(filters)).query.sql_with_params()
    except EmptyResultSet:  # a number in the filters that no row can have
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            _PLACES.format(messages=messages, steps=Step._meta.db_table),
            [*parameters, candidate, step, step, place, place],
        )
        row = cursor.fetchone()
    return Item(*row) if row else None


def _messages(filters: Filters) -> Any:
    """Messages (a QuerySet of dicts) with the shape of their waiting variants: one row for each lead and step."""
    variant = Func("variant", function="hashtext")
    texts = Func("pattern", variant, function="hashtextextended", output_field=BigIntegerField())
    return (
        matching(filters)
        .order_by()
        .values("candidate_id", "step_id")
        .annotate(
            shape=Cast(BitXor(texts), TextField()),
            alone=BoolOr(Q(stands_alone=True) | Q(pattern="")),
            top=Max("risk"),
            first=Min("pk"),
        )
    )


def members(group: Alike) -> QuerySet[Draft, int]:
    """Ids of the candidates whose messages belong to `group` now and were there when it was seen."""
    found = _messages(waiting(group.filters)).filter(
        step=group.step_id, shape=group.shape, alone=False, first__lte=group.upto
    )
    ids: QuerySet[Draft, int] = found.values_list("candidate_id", flat=True)
    return ids


def texts(group: Alike, variant: str) -> list[tuple[int, int]]:
    """(id, version) of the group's waiting texts in one variant, in the order of the table."""
    rows = Draft.objects.to_review().filter(step=group.step_id, variant=variant, candidate__in=list(members(group)))
    return list(rows.order_by("pk").values_list("pk", "version"))


@dataclass(frozen=True)
class Row:
    """A member of a group in the table of its values."""

    draft_id: int
    lead: str
    values: list[str]


@dataclass(frozen=True)
class Table:
    """The values in which the messages of a group differ; `next_after` is the draft to go on after."""

    slots: list[str]
    rows: list[Row]
    next_after: int | None

    def differing(self) -> list[str]:
        """Those whose values are not all the same in these rows."""
        seen = {name: {row.values[place] for row in self.rows} for place, name in enumerate(self.slots)}
        return [name for name in self.slots if len(seen[name]) > 1]


def table(group: Alike, *, after: int = 0, limit: int = ROWS) -> Table:
    """The values of the group's members, a fixed number of queries."""
    firsts = _messages(waiting(group.filters)).filter(
        step=group.step_id, shape=group.shape, alone=False, first__lte=group.upto, first__gt=after
    )
    ids = sorted(firsts.order_by("first").values_list("first", flat=True)[: limit + 1])
    shown = ids[:limit]
    found = (
        Draft.objects.filter(pk__in=shown).select_related("candidate__lead").only("facts", "candidate__lead__full_name")
    )
    rows = {draft.pk: (draft.values, str(draft.candidate.lead)) for draft in found}
    slots = [name for name in likeness.SLOTS if any(name in values for values, _lead in rows.values())]
    return Table(
        slots=slots,
        rows=[Row(pk, rows[pk][1], [rows[pk][0].get(name, "") for name in slots]) for pk in shown],
        next_after=shown[-1] if len(ids) > limit else None,
    )


def alike(draft: Draft) -> Alike | None:
    """The group that a waiting draft belongs to; None for one that is read by itself."""
    mine = Filters(campaign_id=draft.candidate.campaign_id)
    row = _messages(waiting(mine)).filter(candidate=draft.candidate_id, step=draft.step_id).order_by("first").first()
    if row is None or row["alone"]:
        return None
    last = _messages(waiting(mine)).filter(step=draft.step_id, shape=row["shape"], alone=False)
    newest = max(last.values_list("first", flat=True), default=row["first"])
    return Alike(mine, draft.step_id, row["shape"], newest)


def slots_of(drafts: Iterable[Draft]) -> list[str]:
    """Names of the values that stand in these texts, in the order of `likeness.SLOTS`."""
    names = {name for draft in drafts for name in draft.values}
    return [name for name in likeness.SLOTS if name in names]


def similar(draft: Draft) -> QuerySet[Draft]:
    """Unsent texts of the same variant that came from the same wording, `draft` among them."""
    if not draft.pattern:
        return Draft.objects.filter(pk=draft.pk)
    return Draft.objects.filter(step=draft.step_id, pattern=draft.pattern, state__in=DRAFT.open)
