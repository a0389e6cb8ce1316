"""The kinds of things that people are notified of, contributed by the rooms that know them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from outreach.access.roles import Role
from outreach.core.registry import Point
from outreach.core.states import Text

MAIL, CHAT = "mail", "chat"


@dataclass(frozen=True)
class Line:
    """One notice in words: what it says and the path that it leads to. Made when it is sent, so nothing is kept twice."""

    text: str
    path: str


@dataclass(frozen=True)
class Seen:
    """Something that a watch found. `key` tells one occurrence from the next: the same key is told once."""

    key: str
    text: str
    path: str


@dataclass(frozen=True)
class NoticeKind:
    """One kind. It comes from an event of the log, or from a watch that is asked every few minutes.

    `line(data)` puts an event in words, None when there is nothing (any more) to tell. `owner(data)` names the one user
    who is told; None: everyone with `role`.
    """

    name: str
    label: Text
    help: Text
    role: str = Role.VIEWER
    event: str = ""
    key: Callable[[Mapping[str, Any]], str] | None = None
    line: Callable[[Mapping[str, Any]], Line | None] | None = None
    owner: Callable[[Mapping[str, Any]], int | None] | None = None
    watch: Callable[[], Iterable[Seen]] | None = None
    is_on: bool = True
    """Whether it is mailed to people who chose nothing."""


NOTICE_KINDS: Point[NoticeKind] = Point("notice kinds")


def kinds() -> dict[str, NoticeKind]:
    """All kinds by name."""
    return {kind.name: kind for kind in NOTICE_KINDS.entries()}
