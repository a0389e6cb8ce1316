"""Sends over SendGrid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conversations.channels.base import Account, Evidence, Fault, Finding, Outgoing, Report
from conversations.channels.providers.adapter import Answer, ProviderAdapter
from conversations.channels.providers.news import METADATA, SOURCE
from conversations.channels.providers.sendgrid.account import API, INFO
from outreach.core import clock


class SendGridAdapter(ProviderAdapter):
    def make_backend(self, account: Account) -> Any:
        from conversations.channels.providers.sendgrid.backend import SendGridBackend  # anymail needs all settings

        return SendGridBackend(
            api_key=account.credentials.get("api_key", ""),
            api_url=str(account.settings.get("base_url") or API),
            timeout=self.timeout(account),
        )

    def answer_of(self, status: int, body: Mapping[str, Any], text: str) -> Answer:
        first = (body.get("errors") or [{}])[0]
        return Answer(status, str(first.get("field") or ""), str(first.get("message") or text), body)

    def fault_of(self, answer: Answer) -> Fault | None:
        if answer.code.startswith("personalizations") and ".to" in answer.code:
            return Fault.ADDRESS
        return Fault.SENDER if answer.code.startswith("from") else None

    def introduce(self, account: Account) -> str:
        scopes = self.get(account, "scopes").body.get("scopes") or []
        if "mail.send" not in scopes:
            raise self.not_taken(Answer(403, "scope_missing", "the key may not send mail (scope mail.send)"))
        return "SendGrid knows the key, and it may send mail."

    def look_up(self, account: Account, outgoing: Outgoing) -> Evidence | None:
        """Its Email Activity API, which some plans lack."""
        found = self._activity(account, f"(unique_args['{METADATA}']=\"{outgoing.id}\")")
        for row in found:
            identifier = str(row.get("msg_id", ""))
            return Evidence(
                Finding.FOUND, f"SendGrid lists it as {identifier} ({row.get('status')}).", _short(identifier)
            )
        return Evidence(Finding.NOT_FOUND, "SendGrid lists no such message.")

    def reports(self, account: Account, outgoing: Outgoing, provider_id: str) -> list[Report]:
        """Events from Email Activity; opens and clicks come by webhook only."""
        kinds = {"delivered": "delivered", "not_delivered": "bounce", "deferred": "deferred"}
        reports = []
        for row in self._activity(account, f"(unique_args['{METADATA}']=\"{outgoing.id}\")"):
            if kind := kinds.get(str(row.get("status"))):
                fields = {
                    "event": kind,
                    "email": row.get("to_email"),
                    "sg_message_id": row.get("msg_id"),
                    "timestamp": _seconds(row.get("last_event_time")),
                    METADATA: str(outgoing.id),
                    "is_status": True,
                }
                reports.append(Report(f"{SOURCE}.sendgrid", f"status:{row.get('msg_id')}:{kind}", fields))
        return reports

    def _activity(self, account: Account, query: str) -> list[dict[str, Any]]:
        found = self.get(account, "messages", limit=10, query=query).body.get("messages") or []
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _short(identifier: str) -> str:
    return identifier.partition(".")[0]


def _seconds(text: object) -> int:
    try:
        return int(datetime.fromisoformat(str(text)).timestamp())
    except ValueError:
        return int(clock.now().timestamp())


ADAPTER = SendGridAdapter(INFO)
