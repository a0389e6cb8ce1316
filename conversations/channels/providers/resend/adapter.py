"""Sends over Resend. Every request carries our Message-ID as its idempotency key: a repeated one sends nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from conversations.channels.base import Account, Evidence, Fault, Finding, Outgoing, Report
from conversations.channels.providers.adapter import Answer, ProviderAdapter
from conversations.channels.providers.news import SOURCE
from conversations.channels.providers.resend.account import API, INFO

_SKEW = timedelta(seconds=30)
_NEWS = {"delivered", "bounced", "complained", "delivery_delayed", "opened", "clicked", "failed", "suppressed"}


class ResendAdapter(ProviderAdapter):
    switches_tracking = False

    def make_backend(self, account: Account) -> Any:
        from anymail.backends.resend import EmailBackend

        return EmailBackend(
            api_key=account.credentials.get("api_key", ""),
            api_url=str(account.settings.get("base_url") or API),
            verify_attachment_extensions=False,
            timeout=self.timeout(account),
        )

    def before_sending(self, backend: Any, outgoing: Outgoing) -> None:
        backend.session.headers["Idempotency-Key"] = outgoing.rfc_message_id or f"outreach-{outgoing.id}"

    def answer_of(self, status: int, body: Mapping[str, Any], text: str) -> Answer:
        return Answer(status, str(body.get("name") or ""), str(body.get("message") or text), body)

    def fault_of(self, answer: Answer) -> Fault | None:
        if answer.code in {"invalid_from_address", "missing_api_key", "invalid_api_key", "restricted_api_key"}:
            return Fault.SENDER
        return Fault.ADDRESS if "`to`" in answer.message else None

    def introduce(self, account: Account) -> str:
        rows = self.get(account, "domains").body.get("data") or []
        domain = account.address.rpartition("@")[2].lower()
        states = {str(row.get("name")).lower(): str(row.get("status")) for row in rows}
        if states.get(domain) == "verified":
            return f"Resend knows the key, and {domain} is verified."
        raise self.not_taken(
            Answer(
                403,
                "domain_not_verified",
                f"{domain} is {states.get(domain, 'not a domain of this account')} at Resend",
            )
        )

    def look_up(self, account: Account, outgoing: Outgoing) -> Evidence | None:
        """Its newest messages, by recipient, subject and time; it lists no headers, so absence proves nothing."""
        began = outgoing.attempted_at
        for row in self.get(account, "emails", limit=100).body.get("data") or []:
            is_same = outgoing.address in [str(to).lower() for to in row.get("to") or []]
            if is_same and row.get("subject") == outgoing.subject and began and _time(row) >= began - _SKEW:
                identifier = str(row["id"])
                return Evidence(
                    Finding.FOUND, f"Resend lists it as {identifier} ({row.get('last_event')}).", identifier
                )
        return Evidence(Finding.CANNOT_TELL, "It is not among the newest messages that Resend lists.")

    def reports(self, account: Account, outgoing: Outgoing, provider_id: str) -> list[Report]:
        row = self.get(account, f"emails/{provider_id}").body if provider_id else {}
        last = str(row.get("last_event") or "")
        if last not in _NEWS:
            return []
        data = {"email_id": provider_id, "to": row.get("to") or [outgoing.address], "subject": row.get("subject")}
        fields = {"type": f"email.{last}", "created_at": row.get("created_at"), "data": data, "is_status": True}
        return [Report(f"{SOURCE}.resend", f"status:{provider_id}:{last}", {"event": fields, "id": ""})]


def _time(row: Mapping[str, Any]) -> datetime:
    try:
        found = datetime.fromisoformat(str(row.get("created_at")).replace("Z", "+00:00").replace(" ", "T"))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


ADAPTER = ResendAdapter(INFO)
