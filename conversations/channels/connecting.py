"""What an error of `requests` proves about a request that got no answer. Imported late: the library is large."""

from __future__ import annotations


def never_connected(error: BaseException) -> bool:
    """Whether the request cannot have arrived: no name, no connection in time, no encryption."""
    from requests import exceptions
    from urllib3.exceptions import NameResolutionError, NewConnectionError, SSLError

    if isinstance(error, (exceptions.ConnectTimeout, exceptions.SSLError)):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, (NewConnectionError, NameResolutionError, SSLError))
