"""What recurs across conversations: how many have each tag, and which questions and objections come again and again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Func, Q, TextField
from django.utils.functional import Promise

from conversations.replies.models import Listing, Reading
from conversations.replies.subjects import LABELS

PERIOD = timedelta(days=90)
EXAMPLES, READ_FOR_EXAMPLES = 2, 300
"""Sentences that are shown of each kind, and the newest conversations in which they are looked for."""
_MARK = Func(F("marks"), function="unnest", output_field=TextField())


def counted(kind: str, *, most: int) -> list[tuple[str, int]]:
    """The values of a kind of mark (`tag`, `channel`) with how many conversations have them, the commonest first."""
    rows = Listing.objects.filter(at__isnull=False).annotate(mark=_MARK).values("mark").annotate(count=Count("pk"))
    prefix = f"{kind}:"
    found = {
        mark.removeprefix(prefix): count for mark, count in rows.values_list("mark", "count") if mark.startswith(prefix)
    }
    return sorted(found.items(), key=lambda row: (-row[1], row[0]))[:most]


@dataclass(frozen=True)
class Example:
    """A sentence of theirs, and where it stands."""

    conversation_id: int
    text: str


@dataclass
class Pattern:
    """A question or an objection: in how many conversations it came up lately, and in the time before."""

    kind: str
    label: str | Promise
    count: int
    before: int
    examples: list[Example] = field(default_factory=list)

    @property
    def is_question(self) -> bool:
        return self.kind.startswith("question.")

    @property
    def change(self) -> int:
        return self.count - self.before


def recurring(*, now: datetime) -> list[Pattern]:
    """The questions and objections of the last 90 days (by each conversation's last reply), the commonest first."""
    recent = Q(at__gte=now - PERIOD)
    rows = (
        Listing.objects.filter(at__gte=now - 2 * PERIOD)
        .annotate(mark=_MARK)
        .values("mark")
        .annotate(count=Count("pk", filter=recent), before=Count("pk", filter=~recent))
    )
    found = [
        Pattern(kind, LABELS[kind], count, before)
        for mark, count, before in rows.values_list("mark", "count", "before")
        if (kind := mark.removeprefix("about:")) in LABELS and count
    ]
    found.sort(key=lambda pattern: (-pattern.count, pattern.kind))
    _add_examples(found)
    return found


def _add_examples(found: list[Pattern]) -> None:
    """The newest sentences of each kind."""
    wanted = {pattern.kind: pattern for pattern in found}
    marks = [f"about:{kind}" for kind in wanted]
    newest = Listing.objects.filter(at__isnull=False, marks__overlap=marks).order_by("-at", "-pk")
    places = {pk: place for place, pk in enumerate(newest.values_list("pk", flat=True)[:READ_FOR_EXAMPLES])}
    readings = Reading.objects.filter(message__conversation__in=places, facts__has_key="subjects").order_by("-pk")
    told = readings.values_list("message__conversation", "facts")
    shown: Counter[str] = Counter()
    for conversation_id, facts in sorted(told, key=lambda row: places[row[0]]):
        for kind, quote in facts["subjects"].items():
            pattern = wanted.get(kind)
            example = Example(conversation_id, quote)
            if pattern and shown[kind] < EXAMPLES and example not in pattern.examples:
                shown[kind] += 1
                pattern.examples.append(example)
