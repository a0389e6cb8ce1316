"""A signed webhook: for your own programs, Zapier, n8n, Make and everything else that accepts a POST."""

from __future__ import annotations

import json

from django.utils.translation import gettext_lazy as _

from outreach.webhooks import signing
from outreach.webhooks.connectors.base import Connector, Exchange, Order


class Webhook(Connector):
    """POSTs the event as JSON, signed by Standard Webhooks."""

    name = "webhook"
    label = _("Webhook")
    help = _("A signed POST to any address: your own programs, Zapier, n8n, Make.")
    is_signed = True

    def deliver(self, order: Order, exchange: Exchange) -> None:
        body = json.dumps(order.body, ensure_ascii=False, separators=(",", ":")).encode()
        signed = signing.headers(order.secrets, number=order.id, timestamp=order.timestamp, body=body)
        exchange.send("POST", order.url, headers={"Content-Type": "application/json", **signed}, content=body)
