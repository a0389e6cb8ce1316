"""Requests that providers' SDKs make by the library `requests`, kept to the same addresses as our own fetches.

An API address or token endpoint that somebody enters on a page must not lead to this machine, its neighbours or a
cloud's metadata. The library is imported late: it is large.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from outreach.core.errors import OutreachError
from outreach.web.fetching import Bounds, Page
from outreach.web.services import caller

if TYPE_CHECKING:
    import requests


def guard(session: requests.Session) -> requests.Session:
    """The session, which from now on connects only to addresses that were checked; redirects are checked as well."""
    from requests.adapters import HTTPAdapter

    for prefix in ("https://", "http://"):
        adapter = HTTPAdapter()
        adapter.poolmanager.pool_classes_by_scheme = _pools()
        session.mount(prefix, adapter)
    return session


def guarded_session() -> requests.Session:
    """A new session of that kind."""
    import requests

    return guard(requests.Session())


def require_allowed(url: str) -> None:
    """For a library whose connections cannot be led. Raises `Permanent` or `Retryable` when `url` may not be asked."""
    with caller() as fetcher:
        fetcher.addresses(urlsplit(url).hostname or "", 0)


def post_form(url: str, form: dict[str, str], *, bounds: Bounds) -> Page:
    """The answer to a form. Raises like `Fetcher.send`; redirects are not followed."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    with caller() as fetcher:
        return fetcher.send("POST", url, content=urlencode(form).encode(), headers=headers, bounds=bounds)


class _Checked:
    """Resolves, checks, and connects to what was checked; a refusal is told as a connection that never was."""

    def _new_conn(self: Any) -> Any:
        from urllib3.exceptions import NewConnectionError

        host = self._dns_host
        try:
            with caller() as fetcher:
                found = fetcher.addresses(host.strip("[]"), self.port)
        except OutreachError as error:
            raise NewConnectionError(self, error.reason) from error
        problem: Exception = NewConnectionError(self, f"{host} has no address")
        for address, _port in found:
            self._dns_host = address
            try:
                return super()._new_conn()  # type: ignore[misc]
            except NewConnectionError as error:
                problem = error
            finally:
                self._dns_host = host
        raise problem


@cache
def _pools() -> dict[str, type]:
    from urllib3 import connection, connectionpool

    plain = type("CheckedHTTPConnection", (_Checked, connection.HTTPConnection), {})
    secure = type("CheckedHTTPSConnection", (_Checked, connection.HTTPSConnection), {})
    return {
        "http": type("CheckedHTTPPool", (connectionpool.HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("CheckedHTTPSPool", (connectionpool.HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
