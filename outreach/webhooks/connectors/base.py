"""What a connector is: given an event and a way to make requests, it tells another system. It knows no database."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from outreach.core.errors import Invalid, Permanent, Retryable
from outreach.core.states import Text
from outreach.web.fetching import Bounds, Fetcher, Page

BOUNDS = Bounds(max_bytes=64 * 1024, timeout=timedelta(seconds=15), step=timedelta(seconds=10), cuts=True)
EXCERPT = 1_000
"""Characters kept of an answer."""
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True)
class Field:
    """One thing that a connector needs to be told. A secret one is stored encrypted and never shown again."""

    name: str
    label: Text
    help: Text = ""
    is_secret: bool = False
    is_required: bool = True
    is_long: bool = False
    default: str = ""
    check: Callable[[str], object] | None = None
    """Raises `Invalid` for what was entered."""


@dataclass(frozen=True)
class Order:
    """One event for one receiver. `id` is the same in every attempt."""

    id: str
    body: Mapping[str, Any]
    url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    """The secret in force, and during a rotation the earlier one."""
    timestamp: int = 0

    @property
    def kind(self) -> str:
        return str(self.body["type"])

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.body["data"]
        return found


class Answered(Exception):
    """The other system answered with something else than success."""

    def __init__(self, page: Page) -> None:
        super().__init__(f"{page.status}")
        self.page = page


@dataclass
class Exchange:
    """Requests for one order; remembers the last answer, which is what a person sees when it went wrong."""

    fetcher: Fetcher
    last: Page | None = None

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes = b"", accepts: tuple[int, ...] = ()
    ) -> Page:
        """One request. Raises `Answered` for what is neither 2xx nor in `accepts`, and like `Fetcher.send`."""
        self.last = None
        self.last = self.fetcher.send(method, url, content=content, headers=headers, bounds=BOUNDS)
        if not (HTTPStatus.OK <= self.last.status < HTTPStatus.MULTIPLE_CHOICES or self.last.status in accepts):
            raise Answered(self.last)
        return self.last

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str], body: Any = None, accepts: tuple[int, ...] = ()
    ) -> tuple[int, Any]:
        """A request of a JSON API; the status and the answer, None when it is not JSON."""
        content = b"" if body is None else json.dumps(body).encode()
        given = {"Accept": "application/json", **headers}
        if body is not None:
            given["Content-Type"] = "application/json"
        page = self.send(method, url, headers=given, content=content, accepts=accepts)
        try:
            return page.status, json.loads(page.text)
        except ValueError:
            return page.status, None


class Connector(ABC):
    """One kind of receiver."""

    name: str
    label: Text
    help: Text
    fields: tuple[Field, ...] = ()
    has_url = True
    """Whether its address is entered; else the connector knows it."""
    is_signed = False
    """Whether a signing secret of ours belongs to it."""
    default_kinds: tuple[str, ...] = ("*",)
    at_once = 4
    """Requests to it at a time."""

    def test(self, order: Order, exchange: Exchange) -> None:
        """See whether it would work; where others would see a made-up event, without telling one."""
        self.deliver(order, exchange)

    @abstractmethod
    def deliver(self, order: Order, exchange: Exchange) -> None:
        """Tell the other system; doing so twice with the same order is like once, as far as it allows.

        Raises `Answered`, `Retryable` and `Permanent`.
        """


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt. `error` is empty when it worked."""

    status: int | None = None
    response: str = ""
    error: str = ""
    retry_after: timedelta | None = None
    is_gone: bool = False
    """The receiver does not want anything any more (410)."""

    @property
    def is_success(self) -> bool:
        return not self.error


def attempt(connector: Connector, order: Order, fetcher: Fetcher) -> Outcome:
    """Deliver once; whatever goes wrong outside is an outcome."""
    exchange = Exchange(fetcher)
    try:
        (connector.test if order.body.get("test") else connector.deliver)(order, exchange)
    except Answered as answer:
        page = answer.page
        return Outcome(
            status=page.status,
            response=_excerpt(page),
            error=f"HTTP {page.status}",
            retry_after=_retry_after(page),
            is_gone=page.status == HTTPStatus.GONE,
        )
    except Retryable as error:
        return Outcome(error=error.reason)
    except (Invalid, Permanent) as error:
        return Outcome(status=exchange.last.status if exchange.last else None, error=error.reason)
    last = exchange.last
    return Outcome(status=last.status if last else None, response=_excerpt(last) if last else "")


def _excerpt(page: Page) -> str:
    return page.text[:EXCERPT].replace("\x00", "")


def _retry_after(page: Page) -> timedelta | None:
    """The seconds of a Retry-After header; a date is left to the usual waits."""
    text = page.headers.get("retry-after", "")
    return timedelta(seconds=int(text[:8])) if page.status in BUSY and text.isascii() and text.isdigit() else None
