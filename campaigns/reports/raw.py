"""The numbers counted from the raw rows: what the kept ones must equal, and for periods that are not made of days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from campaigns import counts
from campaigns.models import Outcome
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.lines import WON, Asked, Row, key_of

_UNITS = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}


class Raw:
    """Reads messages, outcomes and candidates."""

    is_behind = False

    def of_messages(self, asked: Asked, by: str) -> dict[str, Row]:
        """A line for each value of a dimension of messages; without one a single line, by the empty key."""
        found: dict[str, Row] = {}
        sent = asked.messages().annotate(key=_value(by, "", asked)).values_list("key")
        for key, messages, people in sent.annotate(m=Count("pk"), p=Count("draft__candidate", distinct=True)):
            found[key_of(key)] = Row(key_of(key), messages=messages, sent=people)
        facts = asked.outcomes().annotate(key=_value(by, "message__", asked))
        people = Count("candidate", distinct=True)
        for key, kind, n in facts.filter(kind__in=counts.FACTS).values_list("key", "kind").annotate(n=people):
            found[key_of(key)].results[kind] = n
        for key, n in facts.filter(WON).values_list("key").annotate(n=people):
            found[key_of(key)].results["won"] = n
        won = counts.valued().filter(message__in=asked.messages().values("pk"))
        return _with_values(found, won.annotate(key=_value(by, "message__", asked)))

    def of_people(self, asked: Asked, by: str) -> dict[str, Row]:
        """A line for each value of a dimension of people, written to or not."""
        won = counts.valued().filter(candidate__in=asked.people())
        if not by:
            total = {"": Row.of_people("", counts.total(asked.people()))}
            return _with_values(total, won.annotate(key=Value("")))
        column = DIMENSIONS[by].of_people
        parts: dict[str, list[counts.Numbers]] = defaultdict(list)
        for key, one in counts.numbers(column, asked.people()).items():
            parts[key_of(key)].append(one)  # nothing and the empty text are one line
        found = {key: Row.of_people(key, counts.joined(some)) for key, some in parts.items()}
        return _with_values(found, won.annotate(key=F(f"candidate__{column}")))

    def over_time(self, asked: Asked, unit: str) -> tuple[dict[date, int], dict[date, int]]:
        """Messages sent and people who replied to them, by the first day of the unit in which the message left."""
        truncated = _UNITS[unit]
        sent = asked.messages().annotate(at=truncated("sent_at", tzinfo=asked.zone)).values_list("at")
        replied = asked.outcomes().filter(kind=Outcome.Kind.REPLIED)
        answers = replied.annotate(at=truncated("message__sent_at", tzinfo=asked.zone)).values_list("at")
        return (
            {at.date(): n for at, n in sent.annotate(n=Count("pk"))},
            {at.date(): n for at, n in answers.annotate(n=Count("candidate", distinct=True))},
        )

    def lines_over_time(self, asked: Asked, unit: str, by: str) -> dict[str, dict[date, int]]:
        """People who replied, by line and the first day of the unit in which the message left."""
        replied = asked.outcomes().filter(kind=Outcome.Kind.REPLIED).annotate(key=_value(by, "message__", asked))
        read = replied.annotate(at=_UNITS[unit]("message__sent_at", tzinfo=asked.zone)).values_list("key", "at")
        found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for key, at, n in read.annotate(n=Count("candidate", distinct=True)):
            found[key_of(key)][at.date()] += n
        return found

    def first_day(self, asked: Asked) -> date | None:
        """The day of the first message."""
        first = asked.messages().aggregate(at=Min("sent_at"))["at"]
        return first.astimezone(asked.zone).date() if first else None


def _with_values(found: dict[str, Row], won: Any) -> dict[str, Row]:
    for key, value in won.values_list("key").annotate(sum=Sum("value")):
        if key_of(key) in found:
            found[key_of(key)].value += float(value or 0)
    return found


def _value(by: str, prefix: str, asked: Asked) -> Combinable:
    return DIMENSIONS[by].value(prefix, asked.zone) if by else Value("")
