"""Sends over Postmark, which keeps our Message-ID on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conversations.channels.base import Account, Evidence, Fault, Finding, Outgoing, Report
from conversations.channels.providers.adapter import Answer, ProviderAdapter
from conversations.channels.providers.news import METADATA, SOURCE
from conversations.channels.providers.postmark.account import API, INFO

_SENDER_CODES = {"10", "400", "401", "402", "403", "404", "405", "411", "412", "413", "1235"}
"""Keys, sender signatures, credits, streams, and accounts that wait for approval."""
_EVENTS = {"Delivered": "Delivery", "Bounced": "Bounce", "SpamComplaint": "SpamComplaint", "Transient": "Bounce"}


class PostmarkAdapter(ProviderAdapter):
    def make_backend(self, account: Account) -> Any:
        from anymail.backends.postmark import EmailBackend

        return EmailBackend(
            server_token=account.credentials.get("api_key", ""),
            message_stream=str(self.info.value(account.settings, "message_stream")),
            api_url=str(account.settings.get("base_url") or API),
            timeout=self.timeout(account),
        )

    def extra_headers(self, account: Account, outgoing: Outgoing) -> dict[str, str]:
        return {"X-PM-KeepID": "true"}

    def answer_of(self, status: int, body: Mapping[str, Any], text: str) -> Answer:
        return Answer(status, str(body.get("ErrorCode", "")), str(body.get("Message") or text), body)

    def fault_of(self, answer: Answer) -> Fault | None:
        if answer.code == "406":
            return Fault.ADDRESS
        return Fault.SENDER if answer.code in _SENDER_CODES or "'From'" in answer.message else None

    def authentication(self, account: Account) -> dict[str, Any]:
        token = str(account.credentials.get("api_key", ""))
        return {"headers": {"X-Postmark-Server-Token": token, "Accept": "application/json"}}

    def introduce(self, account: Account) -> str:
        server = self.get(account, "server").body
        return f"Postmark knows the token of the server “{server.get('Name', '')}”."

    def look_up(self, account: Account, outgoing: Outgoing) -> Evidence | None:
        """Its list of sent messages, searched by the number that we gave along."""
        parameters = {"count": 1, "offset": 0, f"metadata_{METADATA}": str(outgoing.id)}
        for row in self.get(account, "messages/outbound", **parameters).body.get("Messages") or []:
            identifier = str(row.get("MessageID", ""))
            return Evidence(Finding.FOUND, f"Postmark lists it as {identifier} ({row.get('Status')}).", identifier)
        return Evidence(Finding.NOT_FOUND, "Postmark lists no such message.")

    def reports(self, account: Account, outgoing: Outgoing, provider_id: str) -> list[Report]:
        """The events stored with each message, in the form of its webhooks."""
        if not provider_id:
            return []
        body = self.get(account, f"messages/outbound/{provider_id}/details").body
        reports = []
        for event in body.get("MessageEvents") or []:
            kind = _EVENTS.get(str(event.get("Type")))
            if kind is None:
                continue
            details = event.get("Details") or {}
            fields = {
                "RecordType": kind,
                "MessageID": provider_id,
                "Recipient": event.get("Recipient"),
                "DeliveredAt": event.get("ReceivedAt"),
                "Details": details.get("DeliveryMessage") or details.get("Summary") or "",
                "Metadata": {METADATA: str(outgoing.id)},
            }
            if event.get("Type") == "Transient":
                fields["Type"] = "Transient"
            reports.append(Report(f"{SOURCE}.postmark", f"status:{provider_id}:{kind}", fields))
        return reports


ADAPTER = PostmarkAdapter(INFO)
