"""A sender's domain: its checks, run once a day and on demand."""

from __future__ import annotations

from datetime import timedelta

from conversations.senders.deliverability import own_domains
from conversations.senders.deliverability.models import DomainCheck
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _


def domain_of(sender: Sender) -> str:
    """The domain after the @ of an e-mail sender; empty for every other one."""
    return sender.address.rpartition("@")[2].lower() if sender.channel == Channel.EMAIL else ""


def selector_of(sender: Sender) -> str:
    """The DKIM selector in use: our own, or the provider's."""
    return str(sender.settings.get("dkim_selector") or sender.settings.get("provider_dkim_selector") or "").strip()


def has_domain(sender: Sender) -> bool:
    """Whether there is a real domain to check."""
    return own_domains.is_examined(domain_of(sender))


def examine_sender(*, sender: Sender) -> list[DomainCheck]:
    """Ask the DNS about the sender's domain now. Raises `Invalid` for a sender that has none to be asked about."""
    domain = domain_of(sender)
    if not has_domain(sender):
        raise Invalid("sender", _("Only e-mail senders with a real domain have a domain to check."))
    return own_domains.examine(
        domain=domain, selector=selector_of(sender), dkim_domain=str(sender.settings.get("dkim_domain") or "")
    )


def checks_of(sender: Sender) -> list[DomainCheck]:
    """The sender's domain checks; empty when never checked, or without a domain."""
    domain = domain_of(sender)
    return own_domains.checks_of(domain=domain, selector=selector_of(sender)) if domain else []


def examine_due() -> int:
    """Check the domains of sending mailboxes not checked for a day; returns how many."""
    since = clock.now() - own_domains.FRESH + timedelta(minutes=5)
    seen = set(DomainCheck.objects.filter(checked_at__gt=since).values_list("domain", "selector"))
    count = 0
    for sender in Sender.objects.sending().filter(channel=Channel.EMAIL):
        key = (domain_of(sender), selector_of(sender))
        if key not in seen and has_domain(sender):
            seen.add(key)
            examine_sender(sender=sender)
            count += 1
    return count
