"""What CRMs have in common: which facts of a lead go into which of their fields, and an event in words. Pure."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

LEAD_FIELDS = (
    "first_name",
    "last_name",
    "name",
    "title",
    "email",
    "phone",
    "company",
    "domain",
    "country",
    "city",
    "url",
)
MOST_TEXT = 10_000
FOLLOWED = ("message.sent", "reply.received", "conversation.booked", "lead.qualified", "lead.opted_out")
"""What a CRM wants to know by default; each becomes an activity. Other events only bring the person up to date."""
TITLES = {
    "message.sent": "E-mail sent",
    "reply.received": "Reply received",
    "conversation.booked": "Call booked",
    "lead.qualified": "Qualified",
    "lead.opted_out": "Opted out",
}


@dataclass(frozen=True)
class Activity:
    """An event as a line of a CRM's history. `marker` is in its text, so that it is found again."""

    kind: str
    title: str
    html: str
    at: str
    marker: str


def mapping_of(text: str, *, field: str = "mapping") -> dict[str, str]:
    """`theirs = ours`, one a line, as {theirs: ours}. Raises `Invalid` for a line that is wrong."""
    found = {}
    for line in filter(str.strip, text.splitlines()):
        theirs, equals, ours = (part.strip() for part in line.partition("="))
        if not equals or not theirs or ours not in LEAD_FIELDS:
            known = ", ".join(LEAD_FIELDS)
            raise Invalid(field, _("“%(line)s” should be: their field = one of %(known)s.") % {"line": line, "known": known})  # fmt: skip
        found[theirs] = ours
    return found


def values_of(lead: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    """Their fields with what is known of the lead; nothing is emptied because we do not know it."""
    return {theirs: lead[ours] for theirs, ours in mapping.items() if lead.get(ours)}


def activity_of(number: str, body: Mapping[str, Any]) -> Activity | None:
    """The event as an activity; None for a kind that is none."""
    kind, data = str(body["type"]), body["data"]
    if kind not in TITLES:
        return None
    message, verdict, campaign = (data.get(name) or {} for name in ("message", "verdict", "campaign"))
    facts = [
        message.get("subject"),
        message.get("text"),
        f"Starts at {data['starts_at']}" if data.get("starts_at") else "",
        f"Score {verdict['score']:.2f}" if verdict.get("score") is not None else "",
        f"Campaign: {campaign['name']}" if campaign.get("name") else "",
        f"Outreach {number}",
    ]
    title = TITLES[kind] if not message.get("subject") else f"{TITLES[kind]}: {message['subject']}"
    text = "<br>".join(html.escape(str(fact)[:MOST_TEXT]).replace("\n", "<br>") for fact in facts if fact)
    return Activity(kind, title[:200], text, str(body["timestamp"]), f"Outreach {number}")
