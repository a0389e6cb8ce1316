"""The kinds of senders as people choose among them: two providers to connect, a mailbox, a number, an API, a network."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from conversations.channels import registry
from conversations.channels.fields import AdapterInfo
from leads.models import Channel
from outreach.core.states import Text
from outreach.core.words import gettext as _

CONNECTED = {"google": gettext_lazy("Connect Google"), "microsoft": gettext_lazy("Connect Microsoft")}
MAILBOX = "smtp"
CONTINUE_AT = "continue_at"
"""Name in the session: the page that sent somebody here to add a sender, which a sender that may send leads back to."""


@dataclass(frozen=True)
class Card:
    """One choice. `kind` is the last part of the form's address; `#…` leads to a list on the same page."""

    kind: str
    title: Text
    help: Text
    icon: str


def cards() -> list[Card]:
    """The choices in the order in which most teams need them."""
    found = [
        Card("google", CONNECTED["google"], _("Gmail or Google Workspace, without a password"), "mail"),
        Card("microsoft", CONNECTED["microsoft"], _("Outlook or Microsoft 365, without a password"), "mail"),
        Card(MAILBOX, _("Other mailbox"), _("Address and password; the servers are found for you"), "mail"),
    ]
    real = [info for info in registry.available() if not info.is_simulated]
    found += [
        Card(info.name, _("SMS number"), str(info.label), "phone")
        for info in real
        if Channel.SMS.value in info.channels
    ]
    names = ", ".join(str(info.label) for info in providers()[:3])
    found.append(Card("#providers", _("E-mail provider (API)"), _("%(names)s and others") % {"names": names}, "code"))
    found += [
        Card(info.name, _("Professional network"), _("Invitations and messages of an account"), "network")
        for info in real
        if Channel.NETWORK.value in info.channels
    ]
    found += [
        Card(name, _("Sandbox"), _("Made-up recipients who answer; no one real is reached"), "flask")
        for name in registry.simulated()
    ]
    return found


def providers() -> list[AdapterInfo]:
    """Services that send e-mail over an API."""
    return [
        info
        for info in registry.available()
        if info.channels == (Channel.EMAIL.value,) and info.name != MAILBOX and not info.is_simulated
    ]


def title(kind: str) -> Text:
    """The heading of the form of a kind."""
    if kind in CONNECTED:
        return CONNECTED[kind]
    return _("Other mailbox") if kind == MAILBOX else registry.info(kind).label
