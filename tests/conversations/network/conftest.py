"""A network sender over the made-up network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conversations.senders.models import Sender
from leads.models import Identity, Lead
from leads.sources.network import links
from leads.sources.network.models import NetworkAccount
from tests.conversations.factories import make_conversation, make_message, make_sender
from tests.leads.sources.network.conftest import account, add_account, one_browser, site

__all__ = ["account", "add_account", "one_browser", "site"]


@pytest.fixture
def sender(account: NetworkAccount) -> Sender:
    return make_sender(
        channel="network",
        adapter="network",
        address="",
        settings={"account": account.name, "settle_seconds": 0},
    )


@pytest.fixture
def lead_of(account: NetworkAccount) -> Callable[[str], Lead]:
    """`lead_of(public_id)`: a lead whose address on the network is that profile."""

    def make(public_id: str) -> Lead:
        address = links.identity_address(public_id, base_url=account.base_url)
        if known := Identity.objects.filter(channel="network", address=address).first():
            return known.lead
        lead = Lead.objects.create(full_name=public_id)
        Identity.objects.create(lead=lead, channel="network", address=address)
        return lead

    return make


@pytest.fixture
def message_to(lead_of: Callable[[str], Lead], sender: Sender) -> Callable[..., Any]:
    """`message_to(public_id, body=…)`: an approved message that is due now."""

    def make(public_id: str, **fields: Any) -> Any:
        defaults = {"sender": sender, "body": "Hello, I liked your talk. May I ask you something?"}
        return make_message(conversation=make_conversation(lead_of(public_id)), **{**defaults, **fields})

    return make
