"""Slack, by an incoming webhook: a Block Kit message a person can act on. Mattermost and Rocket.Chat read the text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from outreach.webhooks.connectors.base import Connector, Exchange, Order

TITLE, TEXT = 150, 2_900
"""Slack's limits are 150 characters for a header and 3,000 for a section."""


class Slack(Connector):
    """POSTs to an address such as https://hooks.slack.com/services/… that Slack gives to one channel."""

    name = "slack"
    label = _("Slack")
    help = _("A message in one channel, by an incoming webhook of Slack.")
    default_kinds = ("reply.received", "conversation.booked", "lead.opted_out", "sender.paused", "webhook.disabled")

    def deliver(self, order: Order, exchange: Exchange) -> None:
        content = json.dumps(message(order.body)).encode()
        exchange.send("POST", order.url, headers={"Content-Type": "application/json"}, content=content)


def message(body: Mapping[str, Any]) -> dict[str, Any]:
    """The event as Block Kit: a header, what was said, who it is about, and a link. `text` is for notifications."""
    data = body["data"]
    title = _title(str(body["type"]), data)
    blocks: list[dict[str, Any]] = [{"type": "header", "text": {"type": "plain_text", "text": title[:TITLE]}}]
    if said := _said(data):
        quoted = "\n".join(f"> {line}" for line in escaped(said)[: TEXT - 200].splitlines())
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": quoted[:TEXT]}})
    facts = [f"*{name}:* {escaped(str(value))}" for name, value in _facts(data).items() if value]
    if facts:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(facts)[:TEXT]}})
    if url := _url(data):
        button = {"type": "button", "text": {"type": "plain_text", "text": "Open in Outreach"}, "url": url}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": escaped(title), "blocks": blocks}


def escaped(text: str) -> str:
    """As Slack wants the three characters that control its markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


VERBS = {
    "reply.received": "{name} replied",
    "reply.read": "Reply of {name} read as “{intent}”",
    "conversation.booked": "{name} booked a call",
    "lead.created": "New lead: {name}",
    "lead.qualified": "{name} was qualified",
    "lead.opted_out": "{name} opted out",
    "message.sent": "Message sent to {name}",
    "sender.paused": "Sender {sender} was paused",
    "campaign.started": "Campaign “{campaign}” started",
    "campaign.paused": "Campaign “{campaign}” paused",
    "campaign.completed": "Campaign “{campaign}” completed",
}
"""Titles by kind; a kind without one shows its name."""


def _title(kind: str, data: Mapping[str, Any]) -> str:
    def name(subject: str, otherwise: str) -> str:
        return str((data.get(subject) or {}).get("name") or otherwise)

    return VERBS.get(kind, kind).format(
        name=name("lead", "Someone"),
        sender=name("sender", ""),
        campaign=name("campaign", ""),
        intent=data.get("intent", ""),
    )


def _said(data: Mapping[str, Any]) -> str:
    return str((data.get("message") or {}).get("text") or data.get("reason") or "")


def _facts(data: Mapping[str, Any]) -> dict[str, Any]:
    lead, message, campaign = (data.get(name) or {} for name in ("lead", "message", "campaign"))
    return {
        "Who": ", ".join(filter(None, (lead.get("name"), lead.get("title"), lead.get("company")))),
        "Subject": message.get("subject"),
        "When": data.get("starts_at"),
        "Campaign": campaign.get("name"),
    }


def _url(data: Mapping[str, Any]) -> str:
    for name in ("conversation", "message", "lead", "campaign", "sender", "job"):
        if url := (data.get(name) or {}).get("url"):
            return str(url)
    return ""
