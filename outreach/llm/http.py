"""The connections to model servers: bounded in time and bytes, and never to an address that may not be asked.

A server that drips bytes, or sends ten megabytes, is cut off. The address of a provider that was entered on the page
is checked when the connection is made, so that neither a redirect nor a second answer of the name server leads astray.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from outreach.core.errors import Permanent
from outreach.web import addresses

MAX_BYTES = 4 * 1024 * 1024
"""Far more than the longest answer that a route may ask for."""
OWN_NETWORKS = addresses.OWN_NETWORKS


SEEN: ContextVar[dict[str, str]] = ContextVar("rate_limit_headers", default={})  # noqa: B039  never changed in place
"""What the last answer in this context said about the server's limits, whichever SDK asked."""


class Reach(StrEnum):
    """Where a provider may be."""

    ANYWHERE = "anywhere"
    """outreach.toml names it: whoever writes that file runs the machine."""
    PUBLIC = "public"
    OWN_NETWORK = "own_network"
    """Public, on this machine or in a private network."""


class TooLarge(Permanent):
    """The answer is larger than `MAX_BYTES`, or compressed although we asked for it plain."""


def client(base_url: str, reach: Reach) -> httpx2.Client:
    """An HTTP client for one provider, through the environment's proxy if there is one for it."""
    parts = urlsplit(base_url)
    proxy = getproxies().get(parts.scheme)
    transport = httpx2.HTTPTransport(proxy=proxy if proxy and not proxy_bypass(parts.hostname or "") else None)
    if reach != Reach.ANYWHERE:
        transport.close()
        transport = httpx2.HTTPTransport()
        transport._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(), network_backend=_Checked(reach), max_connections=64
        )
    return httpx2.Client(transport=_Bounded(transport), follow_redirects=True, headers={"Accept-Encoding": "identity"})


class _Checked(httpcore2.SyncBackend):
    """Resolves, checks, and connects to what was checked."""

    def __init__(self, reach: Reach) -> None:
        self._allowed = OWN_NETWORKS if reach == Reach.OWN_NETWORK else ()

    def connect_tcp(self, host: str, port: int, *arguments: Any, **options: Any) -> httpcore2.NetworkStream:
        problem: Exception = httpcore2.ConnectError(f"the host {host} does not exist")
        for address in checked_addresses(host, port, self._allowed):
            try:
                return super().connect_tcp(address, port, *arguments, **options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
        raise problem


def checked_addresses(host: str, port: int, allowed: Iterable[addresses.Network]) -> list[str]:
    """The addresses of a host; one that may not be asked refuses them all. Raises `Permanent` `address_not_allowed`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return []
    texts = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for text in texts:
        try:
            addresses.check(text, allowed=allowed)
        except Permanent as error:
            raise Permanent(_explained(text), code=error.code) from error
    return texts


def _explained(address: str) -> str:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if any(ip in network for network in OWN_NETWORKS if network.version == ip.version):
        return f"{address} is not a public address. Tick “on this machine or in my own network” to allow it."
    return f"{address} is not an address that a model server may have."


class _Bounded(httpx2.BaseTransport):
    """Counts bytes, and lets the whole exchange take no longer than one read may."""

    def __init__(self, inner: httpx2.HTTPTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        seconds = request.extensions.get("timeout", {}).get("read")
        deadline = time.monotonic() + seconds if seconds else None
        SEEN.set({})
        answer = self._inner.handle_request(request)
        SEEN.set({name: value for name, value in answer.headers.items() if "ratelimit" in name})
        encoding = answer.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            answer.close()
            raise TooLarge(f"The answer is compressed ({encoding[:20]}), which we did not ask for.")
        assert isinstance(answer.stream, httpx2.SyncByteStream)
        return httpx2.Response(
            status_code=answer.status_code,
            headers=answer.headers,
            stream=_Counted(answer.stream, deadline),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._inner.close()


class _Counted(httpx2.SyncByteStream):
    def __init__(self, inner: httpx2.SyncByteStream, deadline: float | None) -> None:
        self._inner, self._deadline = inner, deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for part in self._inner:
            size += len(part)
            if size > MAX_BYTES:
                raise TooLarge(f"The answer is larger than {MAX_BYTES // 1024 // 1024} MB.")
            if self._deadline and time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the whole exchange took too long")
            yield part

    def close(self) -> None:
        self._inner.close()
