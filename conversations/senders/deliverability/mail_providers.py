"""The mail provider of a domain, from the names of its MX hosts. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from outreach.core.addresses import free_mail_group

GOOGLE, MICROSOFT, YAHOO, OTHER = "google", "microsoft", "yahoo", "other"
PROVIDERS = (GOOGLE, MICROSOFT, YAHOO, OTHER)

_HOSTS: tuple[tuple[str, str], ...] = (
    ("google.com", GOOGLE),
    ("googlemail.com", GOOGLE),
    ("psmtp.com", GOOGLE),
    ("smtp.goog", GOOGLE),
    ("mail.protection.outlook.com", MICROSOFT),
    ("olc.protection.outlook.com", MICROSOFT),
    ("mail.protection.partner.outlook.cn", MICROSOFT),
    ("mx.microsoft", MICROSOFT),
    ("outlook.com", MICROSOFT),
    ("hotmail.com", MICROSOFT),
    ("yahoodns.net", YAHOO),
    ("yahoo.com", YAHOO),
    ("mail.aol.com", YAHOO),
)
"""Endings of MX host names, longest first where they overlap in meaning."""


def provider_of_hosts(hosts: Iterable[str]) -> str:
    """The provider behind MX `hosts`, the most preferred first; `other` when none is known."""
    for host in hosts:
        name = host.strip().rstrip(".").lower()
        for ending, provider in _HOSTS:
            if name == ending or name.endswith(f".{ending}"):
                return provider
    return OTHER


def provider_of_domain(domain: str) -> str | None:
    """The provider of a free-mail domain, known without asking; None for every other domain."""
    return free_mail_group(domain) or None
