"""Sends to nobody: simulated recipients react through the code paths of real channels.

The adapter decides the outcome from the address alone; what the recipient does later is written down by `recorder`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from campaigns.demo.sandbox import persona
from campaigns.demo.sandbox.account import INFO
from conversations.channels import fields
from conversations.channels.base import Accepted, Account, Evidence, Fault, Finding, NotSent, OutcomeUnknown, Outgoing
from outreach.core.addresses import is_reserved
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

Recorder = Callable[[Account, Outgoing], None]


def record_in_database(account: Account, outgoing: Outgoing) -> None:
    from campaigns.demo.sandbox import recorder

    recorder.plan(account, outgoing)


class SandboxAdapter:
    """Implements `conversations.channels.base.Adapter`."""

    name = INFO.name
    channels = INFO.channels

    def __init__(self, record: Recorder = record_in_database) -> None:
        self._record = record

    def check_settings(self, account: Account) -> None:
        fields.check(INFO.settings, account.settings)
        fields.check(INFO.credentials, account.credentials)
        if (
            account.address
            and account.channel in {"email", "sms"}
            and not is_reserved(account.channel, account.address)
        ):
            raise Invalid(
                "address",
                "A sandbox sender needs an address that belongs to nobody, such as me@sandbox.example or +12025550100.",
                code="not_reserved",
            )

    def verify(self, account: Account) -> str:
        return _("A sandbox sends to simulated recipients only; nothing leaves this machine.")

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        if outgoing.channel in {"email", "sms"} and not is_reserved(outgoing.channel, outgoing.address):
            raise NotSent(
                Fault.MESSAGE, "not_reserved", "A sandbox sender never writes to an address that may be real."
            )
        match persona.character(outgoing.address, seed=seed(account)):
            case "refused":
                raise NotSent(Fault.ADDRESS, "5.1.1", "This address cannot receive mail: 550 5.1.1 User unknown")
            case "passing":
                raise NotSent(
                    Fault.PASSING,
                    "4.7.0",
                    "The server asks to try again later: 451 4.7.0",
                    retry_after=timedelta(minutes=10),
                )
            case "sender":
                raise NotSent(Fault.SENDER, "5.7.1", "The server refuses this sender: 550 5.7.1")
            case "unknown":
                self._record(account, outgoing)
                raise OutcomeUnknown("lost_after_dot", "The connection was lost before the answer.")
        self._record(account, outgoing)
        return Accepted(provider_id=provider_id(outgoing), detail="250 2.0.0 Ok: simulated")

    def find(self, account: Account, outgoing: Outgoing) -> Evidence:
        return Evidence(Finding.FOUND, "The sandbox took it.", provider_id=provider_id(outgoing))

    def close(self) -> None:
        return None


def provider_id(outgoing: Outgoing) -> str:
    """The sandbox's own id for a message; mail has none beside its Message-ID."""
    return "" if outgoing.channel == "email" else f"sandbox-{outgoing.id}"


def seed(account: Account) -> str:
    return str(INFO.value(account.settings, "seed"))


ADAPTER = SandboxAdapter()
