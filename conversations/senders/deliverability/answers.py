"""What the domain name system can answer. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    FOUND = "found"
    NO_RECORDS = "no_records"
    """The name is there, and has no records of this type."""
    NO_SUCH_NAME = "no_such_name"
    UNKNOWN = "unknown"
    """No answer, or none that can be relied on: timeout, SERVFAIL, a name that cannot be asked for."""


@dataclass(frozen=True)
class Answer:
    """Records of one type for one name. MX values are host names by preference, TXT values whole texts."""

    status: Status
    values: tuple[str, ...] = ()
    detail: str = ""


Ask = Callable[[str, str], Answer]
"""Asks for the records of one type (MX, TXT, A …) of one name."""
