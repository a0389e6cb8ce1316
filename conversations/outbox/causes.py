"""Why messages failed or are held, grouped, with what to change and where: the poison queue.

A cause is what the row itself says: its state, the check that refused or the carrier's code. Its advice stands in one
table; a code that nobody foresaw keeps the carrier's own sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from conversations.models import MESSAGE, Message
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

FILTERED = "30007"
"""Twilio: the carrier filtered the text."""
Text = str | Promise
MAX_CAUSES = 200
SCANNED = 50_000
"""The newest problems that are looked at; a queue that is longer says so."""


@dataclass(frozen=True)
class Advice:
    """A cause's label, what to change, the page for it (a URL name), and whether retrying makes sense."""

    title: Text
    change: Text
    page: str = ""
    page_label: Text = ""
    can_retry: bool = True


_SENDERS = ("senders:list", gettext_lazy("Senders"))
_CONSENT = ("consent:ledger", gettext_lazy("Consent ledger"))

ADVICE: dict[str, Advice] = {
    "unknown": Advice(
        gettext_lazy("Not known whether it was sent"),
        gettext_lazy("Check with the carrier, in the mailbox or by asking, then settle each message."),
        can_retry=False,
    ),
    "not_overdue": Advice(
        gettext_lazy("Missed during an outage"),
        gettext_lazy("Check whether they still make sense. Releasing them sends them one at a time, never in a burst."),
    ),
    "approved": Advice(
        gettext_lazy("Changed after approval"),
        gettext_lazy("Open the message, read it and approve it again, or cancel it."),
        can_retry=False,
    ),
    "consented": Advice(
        gettext_lazy("No consent for text messages"),
        gettext_lazy("Record the consent with its source and what the person was shown, then retry."),
        *_CONSENT,
    ),
    "postal_address": Advice(
        gettext_lazy("Campaign mail without a postal address"),
        gettext_lazy(
            "Set company.postal_address in outreach.toml and restart, or enter the sender's own address, then retry."
        ),
        *_SENDERS,
    ),
    "predecessor_not_failed": Advice(
        gettext_lazy("The previous message failed"),
        gettext_lazy("Retry the previous message; this one then continues automatically."),
        can_retry=False,
    ),
    "sandbox": Advice(
        gettext_lazy("Sandbox and real addresses mixed"),
        gettext_lazy("Choose a sandbox sender for reserved addresses and a real one for real addresses."),
        *_SENDERS,
    ),
    "filtered_text": Advice(
        gettext_lazy("Text filtered by a carrier"),
        gettext_lazy("The same text is never sent again. Cancel these and write new ones without links or capitals."),
        can_retry=False,
    ),
    FILTERED: Advice(
        gettext_lazy("Filtered by the carrier"),
        gettext_lazy("The same text is never sent again. Cancel these and write new ones without links or capitals."),
        can_retry=False,
    ),
    "21617": Advice(
        gettext_lazy("Text too long"), gettext_lazy("Cancel it and write a new one of at most 1,600 characters.")
    ),
    "21610": Advice(
        gettext_lazy("Opted out at the carrier"),
        gettext_lazy("Nothing to fix: the opt-out was recorded. Cancel these messages."),
        "consent:list",
        gettext_lazy("Suppressions"),
        can_retry=False,
    ),
    "30004": Advice(
        gettext_lazy("Blocked by the recipient or the carrier"),
        gettext_lazy(
            "Ask the person on another channel. Text messages to this number are suppressed until that is lifted."
        ),
        "consent:list",
        gettext_lazy("Suppressions"),
    ),
    "30003": Advice(
        gettext_lazy("Phone switched off, twice"), gettext_lazy("Try again another day, or use another channel.")
    ),
    "30034": Advice(
        gettext_lazy("Number not registered"),
        gettext_lazy("Register the number for A2P 10DLC in Twilio's console, resume the sender, then retry."),
        *_SENDERS,
    ),
    "30032": Advice(
        gettext_lazy("Toll-free number not verified"),
        gettext_lazy("Verify the number in Twilio's console, resume the sender, then retry."),
        *_SENDERS,
    ),
    "21608": Advice(
        gettext_lazy("Trial account"),
        gettext_lazy("Verify the recipient's number in Twilio's console or upgrade the account, then retry."),
        *_SENDERS,
    ),
}
_FALLBACK = {
    "skipped": Advice(gettext_lazy("Held by a check"), gettext_lazy("Read the reason, fix it, then retry.")),
    "failed": Advice(
        gettext_lazy("Rejected by the carrier"),
        gettext_lazy("Read the carrier's answer, fix the cause, then retry."),
    ),
}


@dataclass(frozen=True)
class Cause:
    """Messages with one cause. `key` names it in addresses, the API and on the command line."""

    key: str
    state: str
    code: str
    channel: str
    sender_id: int | None
    sender_name: str
    title: str
    change: str
    page: str
    page_label: str
    can_retry: bool
    count: int
    first_at: datetime | None
    last_at: datetime | None
    sample: str
    """The reason that the newest of them carries."""

    @property
    def colour(self) -> str:
        return MESSAGE.states[self.state].colour

    @property
    def can_cancel(self) -> bool:
        """Whether none of them may have left."""
        return MESSAGE.allows(self.state, MESSAGE.CANCELLED)


def advice(state: str, code: str) -> Advice:
    """What to do about messages in `state` with this check or code."""
    if state == MESSAGE.UNKNOWN:
        return ADVICE["unknown"]
    return ADVICE.get(code) or _FALLBACK[state]


def causes(*, key: str = "") -> list[Cause]:
    """The causes of what needs a person, the most frequent first; read off the index of problems."""
    newest = Message.objects.problems().order_by("-pk")
    edge = newest.values_list("pk", flat=True)[SCANNED : SCANNED + 1]
    rows = newest.filter(pk__gt=edge[0]) if edge else newest
    if key:
        rows = rows.filter(chosen(key))
    grouped = (
        rows.order_by()
        .values("state", "refused_by", "error_code", "channel", "sender_id", "sender__name")
        .annotate(count=Count("id"), first_at=Min("scheduled_at"), last_at=Max("scheduled_at"), newest=Max("id"))
        .order_by("-count")[:MAX_CAUSES]
    )
    found = list(grouped)
    samples = dict(Message.objects.filter(pk__in=[row["newest"] for row in found]).values_list("pk", "error"))
    return [_cause(dict(row), samples.get(row["newest"], "")) for row in found]


def _cause(row: dict[str, object], sample: str) -> Cause:
    state = str(row["state"])
    code = "" if state == MESSAGE.UNKNOWN else str(row["refused_by"] or row["error_code"])
    known = advice(state, code)
    sender_id = row["sender_id"]
    return Cause(
        key=f"{state}:{row['refused_by']}:{row['error_code']}:{row['channel']}:{sender_id or ''}",
        state=state,
        code=code,
        channel=str(row["channel"]),
        sender_id=sender_id if isinstance(sender_id, int) else None,
        sender_name=str(row["sender__name"] or ""),
        title=str(known.title),
        change=str(known.change),
        page=known.page,
        page_label=str(known.page_label),
        can_retry=known.can_retry,
        count=int(str(row["count"])),
        first_at=row["first_at"] if isinstance(row["first_at"], datetime) else None,
        last_at=row["last_at"] if isinstance(row["last_at"], datetime) else None,
        sample=sample,
    )


def chosen(key: str) -> Q:
    """The condition behind a cause's key. Raises `Invalid` for what is none."""
    parts = key.split(":")
    if len(parts) != 5 or parts[0] not in MESSAGE.problems or not (parts[4] == "" or parts[4].isdecimal()):
        raise Invalid("cause", _("Unknown cause “%(key)s”.") % {"key": key}, code="unknown_cause")
    state, check, code, channel, sender = parts
    return Q(state=state, refused_by=check, error_code=code, channel=channel, sender_id=int(sender) if sender else None)
