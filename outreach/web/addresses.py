"""Which web addresses may be fetched. Pure.

A page that we were told to fetch may name our own machine, its neighbours or a cloud's metadata service; nothing but
public unicast addresses is connected to, unless the operator allowed a network in so many words.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from outreach.core.errors import Invalid, Permanent

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

RESERVED_HOSTS: dict[str, Callable[[], str]] = {}
"""Sites under names that belong to nobody (RFC 2606): host → what gives its `ip:port`. Whoever runs one adds it here."""
LOCAL_SITES: list[Callable[[], str]] = []
"""Sites of our own on this machine that a browser may visit by their address: each gives its `ip:port`."""
MAX_URL = 2_000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_EMBEDDED_TAIL = (_NAT64, ipaddress.ip_network("::/96"))


@dataclass(frozen=True)
class Location:
    """The parts of a checked URL. `host` is in ASCII (IDNA) and lower case."""

    scheme: str
    host: str
    port: int
    url: str

    @property
    def origin(self) -> str:
        usual = {"http": 80, "https": 443}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == usual else f":{self.port}")


def locate(url: str) -> Location:
    """Take a URL apart. Raises `Invalid` `url_invalid` for anything but a plain http or https address."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        host = (parts.hostname or "").rstrip(".")
        if not host.isascii():
            host = host.encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise Invalid("url", f"“{text[:200]}” is not a web address.", code="url_invalid") from error
    is_odd = len(text) > MAX_URL or any(c.isspace() or ord(c) < 32 for c in text) or "\\" in text
    if parts.scheme not in {"http", "https"} or not host or is_odd:
        raise Invalid("url", f"“{text[:200]}” is not a web address (http or https).", code="url_invalid")
    if parts.username is not None or parts.password is not None:
        raise Invalid("url", "Web addresses that contain a login name or password are not fetched.", code="url_invalid")
    if port < 1024 and port not in {80, 443}:
        raise Invalid("url", f"Port {port} is not a web port.", code="url_invalid")
    return Location(parts.scheme, host.lower(), port, text)


def is_local_site(host: str, port: int) -> bool:
    """Whether it is a site that we run for browsers to visit."""
    return any(f"{host}:{port}" == place() for place in LOCAL_SITES)


def networks(texts: Iterable[str]) -> list[Network]:
    """Networks as they are written in the configuration. Raises `ValueError`."""
    return [ipaddress.ip_network(text, strict=False) for text in texts]


OWN_NETWORKS = tuple(networks(["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"]))
"""This machine and private networks; never link-local addresses, where clouds keep their metadata."""


def check(address: str, *, allowed: Iterable[Network] = ()) -> Address:
    """The address to connect to. Raises `Permanent` `address_not_allowed` for what is not public."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    embedded = _embedded(ip)
    is_only_a_dress = embedded is not None and (ip in _NAT64 or ip.ipv4_mapped is not None)  # type: ignore[union-attr]
    for candidate in (embedded,) if is_only_a_dress else (ip, embedded):
        if candidate is None or any(
            candidate in network for network in allowed if network.version == candidate.version
        ):
            continue
        if not _is_public(candidate):
            raise Permanent(
                f"{address} is not a public address, so it is not fetched. An operator can allow its network in "
                "outreach.toml (fetching.allowed_networks).",
                code="address_not_allowed",
            )
    return ip


def _is_public(ip: Address) -> bool:
    return ip.is_global and not (
        ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_private
    )


def _embedded(ip: Address) -> Address | None:
    """The IPv4 address that an IPv6 address stands for (mapped, compatible, 6to4, Teredo, NAT64)."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return None
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip.sixtofour:
        return ip.sixtofour
    if ip.teredo:
        return ip.teredo[1]
    if any(ip in network for network in _EMBEDDED_TAIL) and int(ip) > 1:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None
