"""Addresses and domains as messages and suppressions hold them. Pure."""

from __future__ import annotations

from outreach.core.addresses import EMAIL, SMS, is_free_mail, normalise_email, normalise_phone
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _


def normalise(channel: str, address: str) -> str:
    """`address` as messages hold it; raises `Invalid` for what cannot be an address of `channel`."""
    if channel == EMAIL:
        return normalise_email(address)
    if channel == SMS:
        return normalise_phone(address)
    if not address.strip() or any(ord(character) < 32 for character in address):
        raise Invalid("address", _("This is not an address."), code="address_invalid")
    return address.strip()


def normalise_domain(text: str) -> str:
    """A domain as suppressions hold it; raises `Invalid` for a bare word, an address or a free-mail provider."""
    domain = text.strip().lower().removeprefix("@").rstrip(".")
    try:
        normalise_email(f"postmaster@{domain}")
    except Invalid as error:
        raise Invalid(
            "domain", _("“%(text)s” is not a domain.") % {"text": text.strip()}, code="domain_invalid"
        ) from error
    if is_free_mail(domain):
        raise Invalid(
            "domain",
            _("Many independent people have their mail at %(domain)s. Suppress single addresses instead.")
            % {"domain": domain},
            code="domain_shared",
        )
    return domain
