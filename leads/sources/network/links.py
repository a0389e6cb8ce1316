"""Addresses of profiles: how one is written, and those that a page links to. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urljoin, urlsplit

_PATH = re.compile(r"^/in/([^/?#]+)/?", re.IGNORECASE)
_NOBODY = frozenset({"me"})
_PUBLIC_ID = re.compile(r"[\w%.~-]{1,120}", re.UNICODE)


def host_of(base_url: str) -> str:
    """Host and port of a site, in lower case, without `www.`."""
    return urlsplit(base_url).netloc.rpartition("@")[2].lower().removeprefix("www.")


def public_id_of(url: str, *, base_url: str) -> str:
    """The public id in the address of a profile of this site; empty for any other address."""
    parts = urlsplit(urljoin(base_url, url))
    if parts.scheme not in {"http", "https"} or not _same_site(parts.netloc, base_url):
        return ""
    match = _PATH.match(parts.path)
    public_id = unquote(match[1]).strip().casefold() if match else ""
    return public_id if _PUBLIC_ID.fullmatch(public_id) and public_id not in _NOBODY else ""


def _same_site(netloc: str, base_url: str) -> bool:
    given, own = host_of(f"//{netloc}"), host_of(base_url)
    return given == own or given.endswith(f".{own}") or own.endswith(f".{given}")


def identity_address(public_id: str, *, base_url: str) -> str:
    """The address of a profile as an identity on the channel: host and path, comparable."""
    labels = host_of(base_url)
    match = re.fullmatch(r"(?:[\w-]+\.)*(linkedin\.com)", labels)
    return f"{match[1] if match else labels}/in/{public_id.casefold()}"


def public_id_of_identity(address: str, *, base_url: str) -> str:
    """The public id of an identity on this site, else empty."""
    own = identity_address("x", base_url=base_url).removesuffix("x")
    public_id = address.casefold().removeprefix(own)
    return public_id if address.casefold().startswith(own) and _PUBLIC_ID.fullmatch(public_id) else ""


def profile_url(public_id: str, *, base_url: str) -> str:
    return f"{base_url.rstrip('/')}/in/{public_id}/"


def discover(hrefs: Iterable[tuple[str, str]], *, base_url: str, own_public_id: str = "") -> dict[str, str]:
    """Public id → name, of every profile that a page links to, except one's own.

    `hrefs` are pairs of address and link text; the longest text that looks like a name wins over a bare picture.
    """
    found: dict[str, str] = {}
    for href, text in hrefs:
        public_id = public_id_of(href, base_url=base_url)
        if not public_id or public_id == own_public_id.casefold():
            continue
        name = " ".join(text.split())
        name = name if 0 < len(name) <= 80 else ""
        if len(name) > len(found.get(public_id, "")) or public_id not in found:
            found[public_id] = name
    return found
