"""The only way to the DNS. Returns an answer or `unknown`, never raises.

`settings.DNS_RESOLVER` names the class that answers; the demo world and the tests answer from a table and ask nobody.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from conversations.senders.deliverability.answers import Answer, Status

TIMEOUT_SECONDS = 5.0


class Resolver(Protocol):
    def query(self, name: str, record_type: str) -> Answer:
        """The records of `record_type` (MX, TXT, A, AAAA, CNAME, PTR) of `name`."""


class SystemResolver:
    """Asks the name servers of this machine through dnspython."""

    def __init__(self) -> None:
        from dns import resolver

        self._resolver = resolver.Resolver()
        self._resolver.timeout = TIMEOUT_SECONDS / 2
        self._resolver.lifetime = TIMEOUT_SECONDS

    def query(self, name: str, record_type: str) -> Answer:
        from dns import exception, resolver

        try:
            found = self._resolver.resolve(name, record_type, search=False)
        except resolver.NXDOMAIN:
            return Answer(Status.NO_SUCH_NAME)
        except resolver.NoAnswer:
            return Answer(Status.NO_RECORDS)
        except (exception.DNSException, OSError, UnicodeError, ValueError) as error:
            return Answer(Status.UNKNOWN, detail=f"{type(error).__name__}: {error}"[:300])
        return Answer(Status.FOUND, _values(found, record_type))


def _values(found: Any, record_type: str) -> tuple[str, ...]:
    if record_type == "MX":
        records = sorted(found, key=lambda record: (record.preference, str(record.exchange)))
        return tuple(str(record.exchange).rstrip(".").lower() for record in records)
    if record_type == "TXT":
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in found)
    return tuple(str(record).rstrip(".") for record in found)


class TableResolver:
    """Answers from `settings.DNS_TABLE`: {name: {type: [values]}}; `*` matches every other name.

    A name that is not there does not exist; "unknown" in place of records means that nobody answers.
    """

    def query(self, name: str, record_type: str) -> Answer:
        records = settings.DNS_TABLE.get(name.strip().rstrip(".").lower(), settings.DNS_TABLE.get("*"))
        if records is None:
            return Answer(Status.NO_SUCH_NAME)
        if isinstance(records, str):
            return Answer(Status.UNKNOWN, detail="The table says there is no answer.")
        values = tuple(records.get(record_type, ()))
        return Answer(Status.FOUND if values else Status.NO_RECORDS, values)


@cache
def _resolver(path: str) -> Resolver:
    resolver: Resolver = import_string(path)()
    return resolver


def query(name: str, record_type: str) -> Answer:
    """Query the configured resolver; a non-ASCII domain is sent as punycode."""
    try:
        ascii_name = name.strip().rstrip(".").encode("idna").decode() if not name.isascii() else name
    except UnicodeError as error:
        return Answer(Status.UNKNOWN, detail=f"This is not a domain name: {error}")
    return _resolver(settings.DNS_RESOLVER).query(ascii_name, record_type)


def mail_hosts(domain: str) -> Answer:
    """The hosts that accept mail for `domain`, preferred first. A null MX (RFC 7505) is an answer without hosts.

    A domain without MX takes mail at its own address records (RFC 5321, 5.1).
    """
    answer = query(domain, "MX")
    if answer.status is Status.FOUND:
        hosts = tuple(host for host in answer.values if host not in ("", "."))
        return Answer(Status.FOUND if hosts else Status.NO_RECORDS, hosts, "" if hosts else "null MX")
    if answer.status is not Status.NO_RECORDS:
        return answer
    for record_type in ("A", "AAAA"):
        address = query(domain, record_type)
        if address.status is Status.FOUND:
            return Answer(Status.FOUND, (domain,), "no MX, its own address")
        if address.status is Status.UNKNOWN:
            return address
    return Answer(Status.NO_RECORDS, detail="neither MX nor address")
