"""Reads over what is known of domains."""

from __future__ import annotations

from conversations.senders.deliverability.mail_providers import OTHER, provider_of_domain
from conversations.senders.deliverability.models import MailDomain


def provider_of_address(address: str) -> str:
    """The mail provider behind an e-mail address as far as it is known: one read by key, never a question to the DNS."""
    domain = address.rpartition("@")[2].lower()
    found = MailDomain.objects.filter(pk=domain).values_list("provider", flat=True).first()
    return found or provider_of_domain(domain) or OTHER
