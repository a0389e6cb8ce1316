"""One HTTP request that cannot be led astray: the name is resolved, every address is checked, and the connection goes
to the checked address, so that a second answer of the name server changes nothing. Redirects are not followed here.

Bounded in every direction: whole time, bytes on the wire, bytes after decompression, headers.
"""

from __future__ import annotations

import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx

from outreach.core.addresses import is_reserved_host
from outreach.core.errors import Permanent, Retryable
from outreach.web.addresses import Location, Network, check, locate

ENCODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""What we ask for, with zlib's window bits; nothing else is decompressed."""


@dataclass(frozen=True)
class Bounds:
    """How much and how long. `timeout` is for the whole exchange, each step has at most `step`."""

    max_bytes: int = 5 * 1024 * 1024
    timeout: timedelta = timedelta(seconds=20)
    step: timedelta = timedelta(seconds=10)
    cuts: bool = False
    """A body above the limit is cut instead of refused."""


@dataclass(frozen=True)
class Page:
    """An answer. `url` is where it was found, after redirects; `headers` have lower-case names."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    history: tuple[str, ...] = ()
    """The addresses that led here by redirects."""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text: by the charset of the header, else UTF-8; what does not fit is replaced."""
        _type, _semicolon, rest = self.headers.get("content-type", "").partition("charset=")
        charset = rest.partition(";")[0].strip().strip("\"'") or "utf-8"
        try:
            return self.body.decode(charset, "replace")
        except (LookupError, UnicodeError):  # unknown, or one of Python's codecs that are no charset
            return self.body.decode("utf-8", "replace")

    @property
    def location(self) -> str:
        """Where a redirect leads, or an empty text."""
        return self.headers.get("location", "") if self.status in {301, 302, 303, 307, 308} else ""


@dataclass
class _Deadline:
    """When the exchange that is under way must be over."""

    at: float = 0.0

    def left(self, timeout: float | None) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole exchange took too long")
        return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends by the deadline: a server that drips bytes cannot hold us."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout)), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _CheckedBackend(httpcore.SyncBackend):
    """Resolves, checks, and connects to what was checked."""

    def __init__(self, deadline: _Deadline, addresses: Any) -> None:
        self._deadline, self._addresses = deadline, addresses

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        problem: Exception | None = None
        for address, real_port in self._addresses(host, port):
            try:
                stream = super().connect_tcp(
                    address, real_port, self._deadline.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
            else:
                return _Stream(stream, self._deadline)
        raise problem or httpcore.ConnectError("no address")


class _ProxyBackend(httpcore.SyncBackend):
    """To the operator's own proxy, which may be anywhere."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        try:
            return _Stream(super().connect_tcp(*arguments, **options), self._deadline)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise httpcore.ProxyError(f"it cannot be reached ({error})") from error


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


@dataclass
class Fetcher:
    """Connections and cookies that are used again, for one thread. Close it, or use it as a context.

    `places` gives reserved host names (RFC 2606) an address: name → `ip:port`; names below one count too.
    """

    agent: str
    allowed_networks: tuple[Network, ...] = ()
    proxies: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    keeps_cookies: bool = True

    def __post_init__(self) -> None:
        self._deadline = _Deadline()
        self._cookies = httpx.Cookies()
        self._pools: dict[str, httpcore.ConnectionPool] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, bounds: Bounds | None = None) -> Page:
        """Ask for one page, without following redirects. Raises like `send`."""
        return self.send("GET", url, headers=headers, bounds=bounds)

    def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        bounds: Bounds | None = None,
    ) -> Page:
        """One request of any method, without following redirects.

        Raises `Invalid` `url_invalid`, `Permanent` (`address_not_allowed`, `host_unknown`, `too_large`,
        `encoding_unknown`, `certificate_invalid`) and `Retryable` (`timeout`, `unreachable`).
        """
        location, limits = locate(url), bounds or Bounds()
        self._deadline.at = time.monotonic() + limits.timeout.total_seconds()
        request = httpx.Request(method, location.url, headers=self._headers(headers or {}), content=content or None)
        if self.keeps_cookies:
            self._cookies.set_cookie_header(request)
        step = limits.step.total_seconds()
        with (
            _explained(location.host),
            self._pool(location).stream(
                method,
                str(request.url),
                headers=request.headers.raw,
                content=content or None,
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), step)},
            ) as answer,
        ):
            if self.proxies and answer.status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
                raise httpcore.ProxyError("it requires a valid name and password (407)")
            response = httpx.Response(answer.status, headers=answer.headers, request=request)
            if self.keeps_cookies:
                self._cookies.extract_cookies(response)
            body = _body(answer, response.headers, limits)
        return Page(location.url, answer.status, {k.lower(): v for k, v in response.headers.items()}, body)

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        usual = {
            "User-Agent": self.agent,
            "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.5",
            "Accept-Language": "en,*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        }
        return usual | dict(given)

    def _pool(self, location: Location) -> httpcore.ConnectionPool:
        proxy = ""
        if self.proxies and not self._place_of(location.host):
            proxy = self.proxies[zlib.crc32(location.host.encode()) % len(self.proxies)]
            self._check_beyond_proxy(location)
        if proxy not in self._pools:
            self._pools[proxy] = self._new_pool(proxy)
        return self._pools[proxy]

    def _new_pool(self, proxy: str) -> httpcore.ConnectionPool:
        if not proxy:
            backend = _CheckedBackend(self._deadline, self.addresses)
            return httpcore.ConnectionPool(ssl_context=_tls(), max_connections=4, network_backend=backend)
        parts = httpx.URL(proxy)
        return httpcore.HTTPProxy(
            proxy_url=f"{parts.scheme}://{parts.netloc.decode()}",
            proxy_auth=(parts.username, parts.password) if parts.username else None,
            ssl_context=_tls(),
            max_connections=4,
            network_backend=_ProxyBackend(self._deadline),
        )

    def _check_beyond_proxy(self, location: Location) -> None:
        """The proxy resolves the name again and is the operator's own; what is private by our own name server is refused."""
        try:
            self.addresses(location.host, location.port)
        except Permanent as error:
            if error.code != "host_unknown":
                raise

    def _place_of(self, host: str) -> str:
        if not is_reserved_host(host):
            return ""
        return next((a for name, a in self.places.items() if host == name or host.endswith(f".{name}")), "")

    def addresses(self, host: str, port: int) -> list[tuple[str, int]]:
        """Checked (address, port) pairs of a host; one bad address refuses them all."""
        if place := self._place_of(host):
            address, _colon, real_port = place.rpartition(":")
            return [(address, int(real_port))]
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            if getattr(error, "errno", None) == socket.EAI_AGAIN:
                raise Retryable(
                    f"The name server did not answer for {host}.", after=timedelta(minutes=2), code="unreachable"
                ) from error
            raise Permanent(f"The host {host} does not exist.", code="host_unknown") from error
        texts = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        return [(str(check(text, allowed=self.allowed_networks)), port) for text in texts]


@contextmanager
def _explained(host: str) -> Iterator[None]:
    """Faults of the network as typed errors."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise Retryable(f"{host} did not answer in time.", after=timedelta(minutes=1), code="timeout") from error
    except httpcore.ProxyError as error:
        raise Retryable(
            f"The proxy did not connect to {host}: {error}.", after=timedelta(minutes=5), code="proxy"
        ) from error
    except httpcore.NetworkError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise Permanent(f"The certificate of {host} is not valid.", code="certificate_invalid") from error
        raise Retryable(
            f"{host} cannot be reached: {error or 'connection failed'}.", after=timedelta(minutes=1), code="unreachable"
        ) from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise Retryable(
            f"{host} sent an invalid HTTP response: {error}.", after=timedelta(minutes=5), code="protocol"
        ) from error


def _body(answer: httpcore.Response, headers: httpx.Headers, bounds: Bounds) -> bytes:
    """The body, decompressed piece by piece, never more than the bounds say."""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > bounds.max_bytes and not bounds.cuts:
        raise _too_large(bounds)
    inflate = _inflater(headers.get("content-encoding", ""))
    parts: list[bytes] = []
    size = raw_size = 0
    for raw in answer.iter_stream():
        raw_size += len(raw)
        for part in inflate(raw, bounds.max_bytes + 1 - size):
            parts.append(part)
            size += len(part)
        if size > bounds.max_bytes or raw_size > bounds.max_bytes:
            if not bounds.cuts:
                raise _too_large(bounds)
            break
    else:
        inflate.end()
    return b"".join(parts)[: bounds.max_bytes]


def _inflater(encoding: str) -> _Inflater:
    """Raises `Permanent` `encoding_unknown`."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return _Inflater()
    if name not in ENCODINGS:
        raise Permanent(f"The page is encoded as “{name[:40]}”, which we did not ask for.", code="encoding_unknown")
    return _Compressed(name)


class _Inflater:
    """A body as it is. `inflater(raw, most)` gives pieces of at most so many bytes together."""

    def __call__(self, raw: bytes, most: int) -> Iterator[bytes]:
        yield raw

    def end(self) -> None:
        """Raises `Permanent` `encoding_broken` when something is missing."""


class _Compressed(_Inflater):
    """A compressed body, of one member or of several."""

    def __init__(self, name: str) -> None:
        self._name, self._decoder, self._is_first = name, zlib.decompressobj(wbits=ENCODINGS[name]), True

    def __call__(self, raw: bytes, most: int) -> Iterator[bytes]:
        while raw and most > 0:
            if self._decoder.eof:
                if not raw.startswith(b"\x1f\x8b"):
                    return  # what follows the last member is padding
                self._decoder = zlib.decompressobj(wbits=ENCODINGS[self._name])
            piece = self._decompressed(raw, most)
            self._is_first = False
            most -= len(piece)
            raw = self._decoder.unused_data
            yield piece

    def _decompressed(self, raw: bytes, most: int) -> bytes:
        try:
            return self._decoder.decompress(raw, most)
        except zlib.error as error:
            if not (self._is_first and self._name == "deflate"):
                raise _broken() from error
        self._decoder = zlib.decompressobj(wbits=-15)  # deflate without its header, as some servers send it
        try:
            return self._decoder.decompress(raw, most)
        except zlib.error as error:
            raise _broken() from error

    def end(self) -> None:
        if not self._decoder.eof and not self._is_first and self._name != "deflate":
            raise _broken()


def _broken() -> Permanent:
    return Permanent("The compressed page is damaged.", code="encoding_broken")


def _too_large(bounds: Bounds) -> Permanent:
    return Permanent(f"The page is larger than {bounds.max_bytes / 1024 / 1024:.3g} MB.", code="too_large")
