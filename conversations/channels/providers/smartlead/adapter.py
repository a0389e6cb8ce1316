"""Hands one approved message to a Smartlead campaign: a lead whose custom fields contain our text.

Smartlead keeps a person once a campaign, so that a repeated hand-over sends nothing twice. What goes on in a thread
(answers and follow-ups) is sent as an answer in Smartlead's own thread. The key stands in the address of every request,
as Smartlead asks for it, and is taken out of every error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from conversations.channels.base import (
    Accepted,
    Account,
    Evidence,
    Fault,
    Finding,
    NotSent,
    OutcomeUnknown,
    Outgoing,
    Report,
)
from conversations.channels.email import html, mime
from conversations.channels.providers.adapter import Answer, ProviderAdapter
from conversations.channels.providers.news import SOURCE
from conversations.channels.providers.smartlead.account import API, BODY, INFO, NUMBER, SUBJECT
from outreach.core.errors import Invalid

_KEY = re.compile(r"api_key=[^&\s'\")]+")
_PLACEHOLDER = re.compile(r"\{\{|\{%|\{[^{}]*\|[^{}]*\}")
_SKEW = timedelta(seconds=30)
NOT_SENT_YET = timedelta(hours=1)
"""A thread cannot go on before its first message left Smartlead's own queue."""


class Api:
    """A kept session. `ProviderAdapter` calls this its backend."""

    def __init__(self, account: Account) -> None:
        import requests

        self.session = requests.Session()
        self.session.params = {"api_key": str(account.credentials.get("api_key") or "")}
        self.api_url = str(account.settings.get("base_url") or API).rstrip("/")

    def open(self) -> None:
        """Nothing to do: connections are opened when they are needed."""


class SmartleadAdapter(ProviderAdapter):
    def make_backend(self, account: Account) -> Any:
        return Api(account)

    def check_more(self, account: Account) -> None:
        if not str(account.settings.get("campaign_id") or "").isdecimal():
            raise Invalid(
                "campaign_id", "The campaign number consists of digits and is part of its URL.", code="malformed"
            )

    def answer_of(self, status: int, body: Mapping[str, Any], text: str) -> Answer:
        error = body.get("error")
        if isinstance(error, Mapping):
            return Answer(status, str(error.get("code") or ""), str(error.get("message") or text), body)
        return Answer(status, "", str(error or body.get("message") or text), body)

    def introduce(self, account: Account) -> str:
        """The campaign exists, sends our text and nothing else."""
        campaign = self._ask(account, "GET", self._campaign(account)).body
        if not campaign.get("id"):
            raise self.not_taken(Answer(404, "campaign_missing", "there is no such campaign"))
        steps = self._ask(account, "GET", f"{self._campaign(account)}/sequences").body.get("items") or []
        texts = [f"{step.get('subject')} {step.get('email_body')}" for step in steps if isinstance(step, Mapping)]
        if len(texts) != 1 or f"{{{{{SUBJECT}}}}}" not in texts[0] or f"{{{{{BODY}}}}}" not in texts[0]:
            sentence = f"its campaign needs one step, with {{{{{SUBJECT}}}}} as subject and {{{{{BODY}}}}} as text"
            raise self.not_taken(Answer(403, "step_missing", sentence))
        return f"Smartlead's campaign “{campaign.get('name')}” is {campaign.get('status')} and sends our text."

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        """Hand over. Raises `NotSent` or `OutcomeUnknown`."""
        try:
            mime.ascii_address(outgoing.address)
            subject = mime.plain(outgoing.subject, field="subject")
        except Invalid as error:
            raise NotSent(Fault.MESSAGE, error.code, str(error)) from error
        if outgoing.attachments:
            raise NotSent(Fault.MESSAGE, "files", "Smartlead doesn't accept files. Send them from a mailbox.")
        if _PLACEHOLDER.search(subject):
            raise NotSent(
                Fault.MESSAGE, "placeholder", "Smartlead would read the braces in the subject as its own placeholders."
            )
        return self._go_on(account, outgoing) if outgoing.in_reply_to else self._hand_over(account, outgoing, subject)

    def _hand_over(self, account: Account, outgoing: Outgoing, subject: str) -> Accepted:
        lead = {
            "email": outgoing.address,
            "custom_fields": {SUBJECT: subject, BODY: _body(outgoing), NUMBER: str(outgoing.id)},
        }
        settings = {
            "ignore_global_block_list": False,
            "ignore_unsubscribe_list": False,
            "ignore_duplicate_leads_in_other_campaign": True,
        }
        body = self._ask(
            account, "POST", f"{self._campaign(account)}/leads", {"lead_list": [lead], "settings": settings}
        ).body
        if _count(body, "upload_count", "added_count"):
            return Accepted(
                detail=f"The person was handed over to Smartlead campaign {account.settings['campaign_id']}."
            )
        return self._skipped(account, outgoing, body)

    def _skipped(self, account: Account, outgoing: Outgoing, body: Mapping[str, Any]) -> Accepted:
        """Why Smartlead added no one, from its counts or reasons."""
        rows = body.get("skipped_leads") or []
        why = " ".join(str(row.get("reason") or "") for row in rows if isinstance(row, Mapping)).lower()
        if _count(body, "already_added_to_campaign", "duplicate_count") or "already" in why or "duplicate" in why:
            lead = self._lead(account, outgoing.address)
            if lead and _number(lead) == str(outgoing.id):
                return Accepted(detail="An earlier attempt had already reached Smartlead.")
            raise NotSent(
                Fault.MESSAGE,
                "already_there",
                "The Smartlead campaign already has this person and doesn't write to anyone twice. Give this "
                "step a sender with another Smartlead campaign.",
            )
        if _count(body, "unsubscribed_leads") or "unsubscribe" in why:
            raise NotSent(Fault.OPTED_OUT, "unsubscribed", "The person unsubscribed at Smartlead.")
        if _count(body, "invalid_email_count", "invalid_emails") or "invalid" in why:
            raise NotSent(Fault.ADDRESS, "invalid_email", f"Smartlead rejected this address: {why or 'invalid'}.")
        if _count(body, "block_count", "bounce_count") or "block" in why or "bounce" in why:
            raise NotSent(Fault.MESSAGE, "blocked", "The address or its domain is on Smartlead's block list.")
        if body.get("is_lead_limit_exhausted"):
            raise NotSent(Fault.SENDER, "lead_limit", "The Smartlead plan doesn't allow more leads.")
        raise self.unknown("strange_answer", str(dict(body)))

    def _go_on(self, account: Account, outgoing: Outgoing) -> Accepted:
        """An answer in the thread that Smartlead began."""
        lead = self._lead(account, outgoing.address)
        history = self._history(account, lead) if lead else []
        ours = [row for row in history if row.get("type") == "SENT" and row.get("stats_id")]
        if not ours:
            reason = "Smartlead has not sent the first message of this thread yet."
            raise NotSent(Fault.PASSING, "thread_missing", reason, retry_after=NOT_SENT_YET)
        answered = next((row for row in reversed(history) if row.get("type") == "REPLY"), ours[-1])
        body = {
            "email_stats_id": ours[-1]["stats_id"],
            "email_body": _body(outgoing),
            "reply_message_id": answered.get("message_id") or "",
            "reply_email_time": answered.get("time") or "",
            "reply_email_body": answered.get("email_body") or "",
        }
        self._ask(account, "POST", f"{self._campaign(account)}/reply-email-thread", body)
        return Accepted(detail="Smartlead accepted it as an answer in its thread.")

    def look_up(self, account: Account, outgoing: Outgoing) -> Evidence | None:
        """The person in the campaign with our number; for an answer, what left in the thread since the attempt."""
        lead = self._lead(account, outgoing.address)
        if outgoing.in_reply_to:
            began = outgoing.attempted_at
            for row in self._history(account, lead) if lead else []:
                if row.get("type") == "SENT" and began and _time(row.get("time")) >= began - _SKEW:
                    return Evidence(Finding.FOUND, "Smartlead's thread has an answer of ours since then.")
            return Evidence(Finding.CANNOT_TELL, "Smartlead's thread does not show it yet.")
        if lead is None:
            return Evidence(Finding.NOT_FOUND, "Smartlead does not know the person.")
        if _number(lead) == str(outgoing.id):
            return Evidence(Finding.FOUND, f"Smartlead has it as lead {lead.get('id')}.")
        return Evidence(Finding.CANNOT_TELL, "Smartlead knows the person from something else.")

    def reports(self, account: Account, outgoing: Outgoing, provider_id: str) -> list[Report]:
        """Events from Smartlead's thread, in the form of its webhooks."""
        lead = self._lead(account, outgoing.address)
        found = []
        for row in self._history(account, lead) if lead else []:
            kind = {"SENT": "EMAIL_SENT", "REPLY": "EMAIL_REPLY"}.get(str(row.get("type")))
            identifier = str(row.get("message_id") or "")
            if kind is None or not identifier:
                continue
            event = {
                "event_type": kind,
                "campaign_id": account.settings["campaign_id"],
                "sl_lead_email": outgoing.address,
                "event_timestamp": row.get("time"),
                "subject": row.get("subject"),
                "message_id": identifier,
            }
            if kind == "EMAIL_REPLY":
                event["reply_message"] = {
                    "message_id": identifier,
                    "html": row.get("email_body"),
                    "time": row.get("time"),
                }
            found.append(Report(f"{SOURCE}.smartlead", f"status:{kind}:{identifier}", {"event": event}))
        return found

    # the wire

    def _campaign(self, account: Account) -> str:
        return f"campaigns/{account.settings.get('campaign_id')}"

    def _lead(self, account: Account, address: str) -> Mapping[str, Any] | None:
        """The person as Smartlead has it, when it is in this campaign."""
        answer = self._ask(account, "GET", "leads/", email=address, is_missing_fine=True)
        campaigns = answer.body.get("lead_campaign_data") or []
        wanted = str(account.settings["campaign_id"])
        is_here = any(str(row.get("campaign_id")) == wanted for row in campaigns if isinstance(row, Mapping))
        return answer.body if answer.body.get("id") and is_here else None

    def _history(self, account: Account, lead: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        path = f"{self._campaign(account)}/leads/{lead['id']}/message-history"
        rows = self._ask(account, "GET", path).body.get("history") or []
        return [row for row in rows if isinstance(row, Mapping)]

    def _ask(
        self,
        account: Account,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        is_missing_fine: bool = False,
        **parameters: Any,
    ) -> Answer:
        import requests

        api = self.backend(account)
        try:
            response = api.session.request(
                method, f"{api.api_url}/{path}", params=parameters, json=body, timeout=self.timeout(account)
            )
        except requests.RequestException as error:
            raise self.from_network(error) from None  # the request's address holds the key
        if response.status_code == 404 and is_missing_fine:
            return Answer(404)
        if response.status_code != 200:
            raise self.not_taken(self._read(response))
        try:
            found = response.json()
        except ValueError:
            if path.endswith("reply-email-thread"):  # said in words, not in JSON
                return Answer(200)
            raise self.unknown("strange_answer", response.text) from None
        if isinstance(found, Mapping) and found.get("ok") is False:
            raise self.not_taken(self.answer_of(400, found, str(found)))
        return Answer(200, body=found if isinstance(found, Mapping) else {"items": found})

    def unknown(self, code: str, detail: str) -> OutcomeUnknown:
        return super().unknown(code, _KEY.sub("api_key=…", str(detail)))

    def unreachable(self, detail: object) -> NotSent:
        return super().unreachable(_KEY.sub("api_key=…", str(detail)))


def _body(outgoing: Outgoing) -> str:
    """HTML in which no brace is a placeholder or a spin of Smartlead's."""
    text = outgoing.body_html or html.of_text(outgoing.body)
    return text.replace("{", "&#123;").replace("}", "&#125;")


def _number(lead: Mapping[str, Any]) -> str:
    fields = lead.get("custom_fields")
    return str(fields.get(NUMBER) or "") if isinstance(fields, Mapping) else ""


def _count(body: Mapping[str, Any], *names: str) -> int:
    """The sum of counters and the lengths of lists under these names."""
    total = 0
    for name in names:
        value = body.get(name)
        total += len(value) if isinstance(value, (list, Mapping)) else int(value or 0)
    return total


def _time(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value or ""))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


ADAPTER = SmartleadAdapter(INFO)
