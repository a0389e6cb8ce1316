"""This wing's events as other systems see them, and what their ids stand for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from conversations.models import Message
from outreach.events.kinds import EventKind, Subject, page


def campaign(pk: int) -> dict[str, Any] | None:
    return _told(Campaign.objects.filter(pk=pk).first())


def campaign_of_message(pk: int) -> dict[str, Any] | None:
    """The campaign that a message belongs to, or for one that somebody wrote to us: of the newest that we wrote."""
    row = Message.objects.filter(pk=pk).first()
    if row is None:
        return None
    ours = Message.objects.filter(conversation=row.conversation_id).exclude(stream=None).order_by("-pk")
    stream = row.stream_id or ours.values_list("stream", flat=True).first()
    return _told(Campaign.objects.filter(stream=stream).first()) if stream else None


def _told(row: Campaign | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"id": row.pk, "name": row.name, "state": row.state, "url": page("campaigns:detail", row.pk)}


_CAMPAIGN = {
    "id": 17,
    "name": "Logistics in spring",
    "state": "sending",
    "url": "https://outreach.example/campaigns/17/",
}

SUBJECTS = [
    Subject("campaign_id", "campaign", campaign, _CAMPAIGN),
    Subject("message_id", "campaign", campaign_of_message, _CAMPAIGN),
]

KINDS = [
    EventKind("campaign.started", _("A campaign began to send, or went on after a pause."), {"campaign_id": 17}),
    EventKind("campaign.paused", _("A campaign was paused."), {"campaign_id": 17}),
    EventKind("campaign.completed", _("A campaign ended."), {"campaign_id": 17}),
]
