"""The one place where a message's state is written, for one row or many.

Three statements of `dispatch` write it in their own SQL, because what they check and what they write has to be one
statement: the claim, the gate, and the carrier's acceptance. They take the allowed states from the machine, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from conversations.models import MESSAGE, Message


def move(chosen: QuerySet[Message], to: str, *, sources: Iterable[str] | None = None, **changes: Any) -> list[int]:
    """Move the messages of `chosen` that may go to `to` (from `sources`, if given) and set further columns; their ids.

    Rows in another state stay as they are: somebody else was first. The message's events are its trail; the caller
    writes them in the same transaction.
    """
    return MESSAGE.move_where(chosen, to, actor=None, sources=sources, changes=changes)


def in_sql(states: Iterable[str]) -> str:
    """`('scheduled', 'deferred')`, for the statements that write states in SQL."""
    return "(" + ", ".join(f"'{state}'" for state in states) + ")"
