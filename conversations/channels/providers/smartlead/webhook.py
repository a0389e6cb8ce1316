"""Smartlead's webhooks: HMAC over the body in `X-Smartlead-Signature`; older ones carry the secret in the body instead.

Two shapes are documented, a flat one (`event_type`, `sl_lead_email`) and a nested one (`event`, `lead`); both are read.
A reply comes whole and is turned into the mail that it is, so that it goes the way of all mail.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from conversations.channels.base import Account
from conversations.channels.providers.news import News, Raw
from outreach.core.hashing import canonical_hash

SIGNATURE = "X-Smartlead-Signature"
KINDS = {
    "EMAIL_SENT": "delivered",
    "FIRST_EMAIL_SENT": "delivered",
    "EMAIL_OPEN": "opened",
    "EMAIL_OPENED": "opened",
    "EMAIL_LINK_CLICK": "clicked",
    "EMAIL_CLICKED": "clicked",
    "EMAIL_REPLY": "replied",
    "EMAIL_REPLIED": "replied",
    "EMAIL_BOUNCE": "bounced",
    "EMAIL_BOUNCED": "bounced",
    "LEAD_UNSUBSCRIBED": "unsubscribed",
    "EMAIL_UNSUBSCRIBED": "unsubscribed",
}
_HARD = re.compile(
    r"\b5[. ]?1[. ]?[0136]\b|\b550 .*(?:unknown|no such|not exist)|user unknown|no such user|does not exist",
    re.IGNORECASE,
)
_TIMES = ("event_timestamp", "timestamp", "time_sent", "time_opened", "time_clicked", "time_replied")


class SmartleadWebhook:
    matches_recipient = True
    """Its events name the recipient and Smartlead's own ids, never our number."""

    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], account: Account) -> bool:
        key = str(account.credentials.get("webhook_key") or "")
        if not key:
            return False
        if given := headers.get(SIGNATURE, ""):
            expected = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
            return hmac.compare_digest(given.encode(), expected.encode())
        try:
            told = json.loads(body).get("secret_key")
        except (ValueError, AttributeError):
            return False
        return isinstance(told, str) and hmac.compare_digest(told.encode(), key.encode())

    def split(self, *, body: bytes, headers: Mapping[str, str]) -> list[Raw]:
        event = json.loads(body)
        kind = _kind(event)
        if kind not in KINDS:
            return []
        event.pop("secret_key", None)
        about = [
            kind,
            str(event.get("campaign_id") or ""),
            _recipient(event),
            _identifier(event),
            _first(event, *_TIMES),
        ]
        return [Raw(f"{kind}:{canonical_hash(about)[:40]}", {"event": event})]

    def read(self, fields: Mapping[str, Any]) -> News:
        event = fields["event"]
        kind = KINDS.get(_kind(event), "")
        reason = _first(event, "bounce_message", "bounce_reason", "description", "reason")
        return News(
            kind="" if kind == "replied" else kind,
            at=_moment(_first(event, *_TIMES)),
            recipient=_recipient(event),
            provider_id=_identifier(event) if kind == "delivered" else "",
            event_id=_first(event, *_TIMES) if kind in ("opened", "clicked") else "",
            is_hard=kind == "bounced"
            and (_first(event, "bounce_type").lower() == "hard" or bool(_HARD.search(reason))),
            code=_first(event, "bounce_type"),
            reason=reason[:1000],
            url=_link(event),
        )

    def reply(self, fields: Mapping[str, Any], *, answers: str) -> bytes | None:
        """A reply as the mail that it was, answering our Message-ID `answers`; None for every other event."""
        event = fields["event"]
        if KINDS.get(_kind(event)) != "replied":
            return None
        told = event.get("reply_message") or event.get("reply") or {}
        address = _told(event, "leadCorrespondence", "replyReceivedFrom") or _recipient(event)
        mail = EmailMessage()
        mail["From"] = _line(address)
        mail["To"] = _line(_first(event, "from_email") or "us@invalid.invalid")
        mail["Subject"] = _line(str(told.get("subject") or event.get("subject") or ""))
        if at := _moment(str(told.get("time") or "") or _first(event, *_TIMES)):
            mail["Date"] = format_datetime(at)
        identifier = str(told.get("message_id") or "").strip("<> ")
        mail["Message-ID"] = f"<{_line(identifier) or canonical_hash(event)[:40] + '@smartlead.invalid'}>"
        if answers:
            mail["In-Reply-To"] = f"<{answers}>"
        text = str(told.get("text") or told.get("body") or "") or (
            "" if told.get("html") else _first(event, "reply_body", "preview_text")
        )
        if text:
            mail.set_content(text)
        if told.get("html"):
            if text:
                mail.add_alternative(str(told["html"]), subtype="html")
            else:
                mail.set_content(str(told["html"]), subtype="html")
        return mail.as_bytes()


def _kind(event: Mapping[str, Any]) -> str:
    return str(event.get("event_type") or event.get("event") or "").upper()


def _told(event: Mapping[str, Any], group: str, name: str) -> str:
    values = event.get(group)
    return str(values.get(name) or "").strip().lower() if isinstance(values, Mapping) else ""


def _recipient(event: Mapping[str, Any]) -> str:
    """The person we wrote to, who may differ from the one who answered."""
    return (
        _told(event, "leadCorrespondence", "targetLeadEmail")
        or _first(event, "sl_lead_email", "lead_email", "to_email").lower()
        or _told(event, "lead", "email")
    )


def _identifier(event: Mapping[str, Any]) -> str:
    """The Message-ID under which Smartlead sent or got it, else its own id of the mail."""
    sent = event.get("reply_message") or event.get("sent_message") or event.get("email") or {}
    told = str(sent.get("message_id") or "") if isinstance(sent, Mapping) else ""
    return (told or _first(event, "message_id", "stats_id")).strip("<> ")[:500]


def _first(event: Mapping[str, Any], *names: str) -> str:
    return next((str(event[name]) for name in names if event.get(name)), "")


def _link(event: Mapping[str, Any]) -> str:
    clicked = event.get("link_details") or event.get("link") or event.get("link_clicked") or ""
    if isinstance(clicked, list):
        clicked = clicked[0] if clicked else ""
    if isinstance(clicked, Mapping):
        clicked = clicked.get("url") or clicked.get("link") or ""
    return str(clicked)[:2000]


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _line(text: str) -> str:
    """Text for a header: one line."""
    return " ".join(text.split())[:500]


WEBHOOK = SmartleadWebhook()
