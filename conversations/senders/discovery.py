"""Finding the servers of a mailbox from its address: known providers, their MX hosts, SRV records, usual names.

Only the domain name system is asked, through `deliverability.dns`; nothing is fetched.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy

from conversations.channels.base import NotSent, OutcomeUnknown
from conversations.senders.deliverability import dns
from conversations.senders.deliverability.answers import Status
from conversations.senders.services import SenderConfig
from outreach.core.errors import Invalid
from outreach.core.states import Text
from outreach.core.words import gettext as _

DATA = Path(__file__).parent / "data" / "mail_servers.toml"
HINTS: dict[str, Text] = {
    "google": gettext_lazy(
        "Google needs an app password: turn on 2-Step Verification, create one at "
        "myaccount.google.com/apppasswords, and enter it here. Or choose Connect Google."
    ),
    "microsoft": gettext_lazy(
        "Microsoft accepts passwords from mail programs in few accounts only. Choose Connect Microsoft instead."
    ),
    "app_password": gettext_lazy(
        "This provider needs an app password, which you create in the security settings of the account."
    ),
    "imap_off": gettext_lazy(
        "This provider lets other programs in only after you allow POP3 and IMAP in the mail settings."
    ),
}
SIGN_IN_CODES = frozenset({"534", "535", "530", "5.7.8", "5.7.9", "5.7.3", "5.7.57", "5.7.139", "imap_sign_in"})


@dataclass(frozen=True)
class Endpoint:
    host: str
    port: int
    security: str
    """`ssl` or `starttls`."""


@dataclass(frozen=True)
class MailServers:
    """Where a mailbox sends and reads. `source` says how that is known; `provider` is empty for an unknown one."""

    smtp: Endpoint
    imap: Endpoint | None
    provider: str
    source: str
    hint: str = ""

    def settings(self) -> dict[str, Any]:
        """As settings of the adapter for mailboxes."""
        found = {"host": self.smtp.host, "port": self.smtp.port, "security": self.smtp.security}
        if self.imap:
            found |= {"imap_host": self.imap.host, "imap_port": self.imap.port, "imap_security": self.imap.security}
        return found

    def sentence(self) -> str:
        """What was found, for the person who entered the address."""
        where = self.smtp.host if self.imap is None else f"{self.smtp.host}, {self.imap.host}"
        return _("%(source)s: %(where)s.") % {"source": self.source, "where": where}


@dataclass(frozen=True)
class Preset:
    """A provider whose servers are known."""

    name: str
    label: str
    domains: frozenset[str]
    mx: tuple[str, ...]
    smtp: Endpoint
    imap: Endpoint
    hint: str

    def servers(self) -> MailServers:
        return MailServers(self.smtp, self.imap, self.name, _("Servers of %(name)s") % {"name": self.label}, self.hint)


@cache
def presets() -> tuple[Preset, ...]:
    """The known providers, from `data/mail_servers.toml`."""
    rows = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return tuple(
        Preset(
            name,
            row["label"],
            frozenset(row["domains"]),
            tuple(row["mx"]),
            Endpoint(*row["smtp"]),
            Endpoint(*row["imap"]),
            row["hint"],
        )
        for name, row in rows.items()
    )


def preset(name: str) -> Preset:
    """The provider called `name`. Raises `KeyError` for an unknown one."""
    return {one.name: one for one in presets()}[name]


def find(address: str) -> MailServers | None:
    """The servers of the mailbox `address`, None when nothing is known of them."""
    domain = address.rpartition("@")[2].strip().lower()
    for known in presets():
        if domain in known.domains:
            return known.servers()
    return _by_mx(domain) or _by_srv(domain) or _by_name(domain)


def complete(config: SenderConfig) -> tuple[SenderConfig, MailServers | None]:
    """The settings of a mailbox with its servers, found from the address where none were given.

    Raises `Invalid` (field `host`) when nothing is known of them.
    """
    if config.settings.get("host"):
        return config, None
    servers = find(config.address)
    if servers is None:
        raise Invalid(
            "host",
            _(
                "The servers of %(address)s could not be found. Enter the SMTP and IMAP server: the help pages of "
                "your mail provider name them."
            )
            % {"address": config.address},
            code="servers_unknown",
        )
    return replace(config, settings={**config.settings, **servers.settings()}), servers


def _by_mx(domain: str) -> MailServers | None:
    answer = dns.query(domain, "MX")
    for host in answer.values if answer.status is Status.FOUND else ():
        for known in presets():
            if any(host == ending or host.endswith(f".{ending}") for ending in known.mx):
                return known.servers()
    return None


def _by_srv(domain: str) -> MailServers | None:
    """RFC 6186 and RFC 8314: where the domain itself says that its mail is submitted and read."""
    smtp = _first_srv(domain, (("_submissions._tcp", "ssl"), ("_submission._tcp", "starttls")))
    if smtp is None:
        return None
    imap = _first_srv(domain, (("_imaps._tcp", "ssl"), ("_imap._tcp", "starttls")))
    return MailServers(smtp, imap, "", _("The domain names its servers"))


def _first_srv(domain: str, services: Iterable[tuple[str, str]]) -> Endpoint | None:
    for service, security in services:
        answer = dns.query(f"{service}.{domain}", "SRV")
        rows = [value.split() for value in answer.values] if answer.status is Status.FOUND else []
        offered = [row for row in rows if len(row) == 4 and row[2].isdecimal() and row[3] not in {"", "."}]
        for _priority, _weight, port, host in sorted(offered, key=lambda row: int(row[0])):
            return Endpoint(host.rstrip(".").lower(), int(port), security)
    return None


def _by_name(domain: str) -> MailServers | None:
    """The names that most mail servers have, if they exist: smtp., imap., mail."""
    smtp = _existing(f"smtp.{domain}", f"mail.{domain}")
    if smtp is None:
        return None
    imap = _existing(f"imap.{domain}", f"mail.{domain}")
    return MailServers(
        Endpoint(smtp, 587, "starttls"),
        Endpoint(imap, 993, "ssl") if imap else None,
        "",
        _("Found by their usual names"),
    )


def _existing(*names: str) -> str | None:
    return next((name for name in names if any(dns.query(name, kind).values for kind in ("A", "AAAA"))), None)


def explain(error: NotSent | OutcomeUnknown, hint: str) -> tuple[str, str]:
    """(field, sentence) of a failed sign-in: what happened, what to do, and the server's own words."""
    if error.code in SIGN_IN_CODES:
        advice = str(HINTS.get(hint) or _("Check the password and the user name."))
        return "password", _("The server refused the password. %(advice)s The server said: %(answer)s") % {
            "advice": advice,
            "answer": error.reason.partition(": ")[2] or error.reason,
        }
    return "host", error.reason
