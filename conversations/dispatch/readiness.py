"""What a campaign's mail lacks before it may start, in sentences: asked by the launch gate of campaigns."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from conversations.consent import links
from conversations.dispatch import footers
from conversations.senders.models import Sender
from outreach.core.addresses import EMAIL


@dataclass(frozen=True)
class Lack:
    """One thing to mend. What is not blocking is a warning."""

    code: str
    sentence: str
    is_blocking: bool


def mail_lacks(sender: Sender) -> list[Lack]:
    """What campaign mail from `sender` lacks; nothing for other channels and for simulated recipients."""
    if sender.channel != EMAIL or sender.is_simulated:
        return []
    return [lack for lack in (_postal_address(sender), _one_click(sender)) if lack]


def _postal_address(sender: Sender) -> Lack | None:
    if footers.postal_address(sender):
        return None
    return Lack(
        "postal_address_missing",
        _(
            "“%(sender)s” has no postal address, and campaign mail does not leave without one:"
            " set company.postal_address in outreach.toml, or the sender's own."
        )
        % {"sender": sender.name},
        is_blocking=True,
    )


def _one_click(sender: Sender) -> Lack | None:
    if links.is_one_click_possible():
        return None
    return Lack(
        "one_click_missing",
        _(
            "Mail from “%(sender)s” carries no one-click unsubscribe, which Gmail and Yahoo ask of bulk senders:"
            " set PUBLIC_BASE_URL to the https address under which this product is reached."
        )
        % {"sender": sender.name},
        is_blocking=False,
    )
