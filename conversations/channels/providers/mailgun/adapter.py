"""Sends over Mailgun, which keeps our Message-ID and calls the message by it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conversations.channels.base import Account, Evidence, Fault, Finding, Outgoing, Report
from conversations.channels.providers.adapter import Answer, ProviderAdapter
from conversations.channels.providers.mailgun.account import API, INFO
from conversations.channels.providers.news import SOURCE
from outreach.core.errors import Invalid

_DOMAIN = re.compile(r"[A-Za-z0-9.-]+")


class MailgunAdapter(ProviderAdapter):
    def check_more(self, account: Account) -> None:
        domain = str(account.settings.get("domain") or "")
        if domain and not _DOMAIN.fullmatch(domain):
            raise Invalid("domain", f"“{domain}” is not a domain.", code="malformed")

    def make_backend(self, account: Account) -> Any:
        from anymail.backends.mailgun import EmailBackend

        return EmailBackend(
            api_key=account.credentials.get("api_key", ""),
            sender_domain=_domain(account),
            api_url=str(account.settings.get("base_url") or API),
            timeout=self.timeout(account),
        )

    def answer_of(self, status: int, body: Mapping[str, Any], text: str) -> Answer:
        return Answer(status, "", str(body.get("message") or text), body)

    def fault_of(self, answer: Answer) -> Fault | None:
        return Fault.ADDRESS if "'to' parameter" in answer.message else None

    def authentication(self, account: Account) -> dict[str, Any]:
        return {"auth": ("api", str(account.credentials.get("api_key", "")))}

    def introduce(self, account: Account) -> str:
        answer = self.get(account, f"domains/{_domain(account)}")
        state = str((answer.body.get("domain") or {}).get("state", "unknown"))
        if answer.status == 404 or state != "active":
            raise self.not_taken(
                Answer(403, "domain_not_active", f"the domain {_domain(account)} is {state} at Mailgun")
            )
        return f"Mailgun knows the key, and {_domain(account)} is active."

    def look_up(self, account: Account, outgoing: Outgoing) -> Evidence | None:
        """Its event log, which is searched by our Message-ID."""
        for event in self._events(account, outgoing):
            return Evidence(Finding.FOUND, f"Mailgun's log has it ({event.get('event')}).", outgoing.rfc_message_id)
        return Evidence(Finding.NOT_FOUND, "Mailgun's log has no such message.")

    def reports(self, account: Account, outgoing: Outgoing, provider_id: str) -> list[Report]:
        """Its event log holds the same events that its webhooks bring."""
        return [
            Report(f"{SOURCE}.mailgun", f"{event['id']}:{event['event']}", {"event-data": event})
            for event in self._events(account, outgoing)
            if event.get("event") not in {"accepted", "stored"}
        ]

    def _events(self, account: Account, outgoing: Outgoing) -> list[dict[str, Any]]:
        parameters = {"message-id": outgoing.rfc_message_id, "limit": 100}
        items = self.get(account, f"{_domain(account)}/events", **parameters).body.get("items") or []
        return [item for item in items if isinstance(item, dict) and item.get("id")]


def _domain(account: Account) -> str:
    return str(account.settings.get("domain") or account.address.rpartition("@")[2])


ADAPTER = MailgunAdapter(INFO)
