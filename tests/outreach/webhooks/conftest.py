"""A receiver, and subscriptions to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from outreach.core.models import Actor
from outreach.webhooks import services
from outreach.webhooks.models import Subscription
from outreach.webhooks.services import SubscriptionData
from tests.servers.receiver import Receiver

ACTOR = Actor.system("test")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


def subscribe(url: str, *kinds: str, connector: str = "webhook", **fields: str) -> Subscription:
    data = SubscriptionData(connector=connector, url=url, kinds=kinds or ("*",), is_local=True, fields=fields)
    return services.add(data, actor=ACTOR)[0]
