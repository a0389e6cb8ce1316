"""The protocol of a source adapter. Copy `listings/` for a new one and register it in `registry.py`.

An adapter knows one kind of site: where a crawl begins, what stands on a page, where to go on. It holds no state and
writes no rows: the pipeline keeps its records, takes in its features and remembers which pages are left, so that a
crawl survives any interruption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from leads.sources.features import Features
from outreach.core.errors import OutreachError
from outreach.core.states import Text

if TYPE_CHECKING:
    from leads.sources.models import CrawlJob, RawRecord


@dataclass(frozen=True)
class Order:
    """A requested crawl."""

    seeds: Sequence[str] = ()
    locations: Sequence[str] = ()
    categories: Sequence[str] = ()
    keywords: Sequence[str] = ()
    pages: int = 1
    """Result pages for each seed."""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """One page to visit. `kind` and `data` mean something to the adapter only.

    With `source` and `external_id` the pipeline skips a page whose record was seen recently.
    """

    url: str
    kind: str = "page"
    number: int = 1
    data: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    external_id: str = ""


@dataclass(frozen=True)
class Found:
    """One record on a page: the bytes as they came and what was read out of them."""

    source: str
    external_id: str
    url: str
    media_type: str
    body: bytes
    features: Features | None = None


@dataclass(frozen=True)
class Visit:
    """The result of visiting one target. `remark` is counted in the job's report, such as the layout that matched."""

    found: Sequence[Found] = ()
    targets: Sequence[Target] = ()
    remark: str = ""


class Unreadable(OutreachError):
    """A page that could not be understood; `body` is kept as a record, to be parsed again by a better adapter."""

    code = "layout_unknown"

    def __init__(self, reason: str, *, code: str, body: bytes = b"", media_type: str = "text/html") -> None:
        super().__init__(reason, code=code)
        self.body = body
        self.media_type = media_type


class Stop(OutreachError):
    """The whole job must stop: forbidden, challenged, signed out. `reason` is shown to people as it is."""

    code = "stopped"


class Session(Protocol):
    """What stays open over some pages: connections, a signed-in browser."""

    def visit(self, target: Target) -> Visit:
        """Fetch and understand one page.

        Raises `Retryable(after=…)` (come again: politeness, a passing fault), `Unreadable` or `Permanent` (this page
        will not do, go on with others), `Stop` (leave the site alone and say so).
        """


class Adapter(Protocol):
    """One kind of source."""

    name: str
    label: Text
    version: str
    """Changes when the same page would be read differently: then stored records are worth another reading."""
    bite: timedelta
    """How long one wake-up works before the next job of the lane has its turn."""

    def targets(self, order: Order) -> list[Target]:
        """The first pages. Raises `Invalid` when the order does not do."""

    def session(self, job: CrawlJob) -> AbstractContextManager[Session]:
        """Opened for one bite of a job, closed whatever happens. May raise like `Session.visit`."""

    def read(self, record: RawRecord) -> Features | None:
        """Re-read a stored record; None when it contains no person. Raises `Unreadable`."""
