"""The web for other rooms, in one call each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from django.conf import settings

from outreach.core.errors import Permanent
from outreach.core.words import gettext as _
from outreach.web.addresses import OWN_NETWORKS, networks
from outreach.web.fetching import Bounds, Fetcher, Page
from outreach.web.politeness import agent, default_bounds, fetcher


def fetch_safely(
    url: str,
    *,
    max_bytes: int | None = None,
    timeout: timedelta | None = None,
    headers: Mapping[str, str] | None = None,
) -> Page:
    """One file at an address that we were given (a picture, a document): safe, without robots.txt and pace.

    Follows redirects, each of them checked. `headers` (a password, for example) go to the first host and no other. Raises like `Fetcher.get`, and `Permanent` `redirects`.
    """
    bounds = _bounds(max_bytes)
    if timeout is not None:
        bounds = replace(bounds, timeout=timeout)
    history: list[str] = []
    first = urlsplit(url)
    with fetcher() as connections:
        while True:
            parts = urlsplit(url)
            is_at_home = (parts.scheme, parts.netloc) == (first.scheme, first.netloc)
            page = connections.get(url, bounds=bounds, headers=headers if is_at_home else None)
            if not page.location:
                return replace(page, history=tuple(history))
            history.append(url)
            url = urljoin(page.url, page.location)
            if url in history or len(history) > settings.OUTREACH.fetching.max_redirects:
                raise Permanent(_("%(url)s redirects in a loop.") % {"url": history[0]}, code="redirects")


def caller(*, is_local: bool = False) -> Fetcher:
    """A fetcher for telling other systems something: without proxies and cookies, for one thread.

    `is_local`: somebody allowed this receiver to be on this machine or in a private network.
    """
    allowed = networks(settings.OUTREACH.fetching.allowed_networks)
    return Fetcher(agent=agent(), allowed_networks=(*allowed, *(OWN_NETWORKS if is_local else ())), keeps_cookies=False)


def _bounds(max_bytes: int | None) -> Bounds:
    bounds = default_bounds()
    return bounds if max_bytes is None else replace(bounds, max_bytes=max_bytes)
