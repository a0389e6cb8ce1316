"""How a suppression recognises an address: by keyed hash, and by domain with its parents. Pure but for the key."""

from __future__ import annotations

from outreach.core.addresses import EMAIL, SMS, normalise_email, normalise_phone
from outreach.core.errors import Invalid

FREE_MAIL_DOMAINS = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "aol.com",
        "gmx.de", "gmx.net", "web.de", "mail.ru", "yandex.ru", "yandex.com", "proton.me", "protonmail.com", "bk.ru",
    }
)  # fmt: skip
"""Domains that belong to no single organisation; a whole domain like these is never suppressed."""


def parent_domains(address: str) -> list[str]:
    """The domain of an e-mail address and its parents: `a@x.firm.de` → x.firm.de, firm.de. Empty for a phone number."""
    domain = address.rpartition("@")[2].lower() if "@" in address else ""
    labels = domain.split(".") if domain else []
    return [".".join(labels[start:]) for start in range(max(0, len(labels) - 1))]


def normalise(channel: str, address: str) -> str:
    """`address` as messages hold it; raises `Invalid` for what cannot be an address of `channel`."""
    if channel == EMAIL:
        return normalise_email(address)
    if channel == SMS:
        return normalise_phone(address)
    if not address.strip() or any(ord(character) < 32 for character in address):
        raise Invalid("address", "This is not an address.", code="address_invalid")
    return address.strip()


def normalise_domain(text: str) -> str:
    """A domain as suppressions hold it; raises `Invalid` for a bare word, an address or a free-mail provider."""
    domain = text.strip().lower().removeprefix("@").rstrip(".")
    try:
        normalise_email(f"postmaster@{domain}")
    except Invalid as error:
        raise Invalid("domain", f"“{text.strip()}” is not a domain.", code="domain_invalid") from error
    if domain in FREE_MAIL_DOMAINS:
        raise Invalid(
            "domain",
            f"{domain} is a mail provider with many independent people; suppress single addresses instead.",
            code="domain_shared",
        )
    return domain
