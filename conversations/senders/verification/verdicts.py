"""What a verifier can say, and what it is asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Checked:
    """`status` is a value of `Identity.Status`: valid, risky, invalid or unknown. `detail` is the service's own word."""

    status: str
    detail: str = ""


@dataclass(frozen=True)
class Person:
    """Whom a finder looks for. A domain is surer than a company's name."""

    first_name: str
    last_name: str
    domain: str = ""
    company: str = ""


@dataclass(frozen=True)
class Found:
    """An address and what is known of it."""

    address: str
    checked: Checked


class Verifier(Protocol):
    """A service that knows mailboxes. Both questions raise `Retryable`, `Permanent` or `Invalid`."""

    name: str
    label: str
    costs: bool
    """Whether a question counts against the day's budget."""

    def verify(self, address: str) -> Checked:
        """Whether the mailbox takes mail."""

    def find(self, person: Person) -> Found | None:
        """The person's address at work; None when nobody knows it."""
