"""A verifier's protocol and verdicts. Pure."""

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
    """The person a finder looks for. A domain is more reliable than a company's name."""

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
    """A service that verifies and finds mailboxes. Both methods raise `Retryable`, `Permanent` or `Invalid`."""

    name: str
    label: str
    costs: bool
    """Whether a question counts against the day's budget."""

    def verify(self, address: str) -> Checked:
        """Whether the mailbox accepts mail."""

    def find(self, person: Person) -> Found | None:
        """The person's work address; None when unknown."""
