"""What people are notified of in this wing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from conversations.models import Conversation
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.words import gettext as _
from outreach.notifications.kinds import Line, NoticeKind


def _who(data: Mapping[str, Any]) -> str:
    lead, message = data.get("lead") or {}, data.get("message") or {}
    return str(lead.get("name") or message.get("address") or _("Someone"))


def _inbox(data: Mapping[str, Any]) -> str:
    return reverse("inbox:conversation", args=[data["conversation_id"]])


def _reply(data: Mapping[str, Any]) -> Line | None:
    """A reply that still needs an answer; nothing once it was answered."""
    if not (data.get("conversation") or {}).get("needs_answer"):
        return None
    said = " ".join(str((data.get("message") or {}).get("text", "")).split())[:140]
    return Line(_("%(name)s replied: %(text)s") % {"name": _who(data), "text": said}, _inbox(data))


def _booking(data: Mapping[str, Any]) -> Line | None:
    if not data.get("conversation"):
        return None
    at = str(data.get("starts_at") or "")[:16].replace("T", " ")
    text = _("%(name)s booked a call: %(time)s UTC") if at else _("%(name)s booked a call")
    return Line(text % {"name": _who(data), "time": at}, _inbox(data))


def _mention(data: Mapping[str, Any]) -> Line:
    by = User.objects.filter(pk=data.get("by_user_id") or 0).first()
    note = " ".join(str((data.get("message") or {}).get("text", "")).split())[:140]
    words = {"name": by.get_username() if by else _("Someone"), "text": note}
    return Line(_("%(name)s mentioned you in a note: %(text)s") % words, _inbox(data))


def _sender(data: Mapping[str, Any]) -> Line | None:
    found = data.get("sender")
    if not found:
        return None
    text = _("The sender %(name)s was paused: %(reason)s") % {"name": found["name"], "reason": data.get("reason", "")}
    return Line(text, reverse("senders:detail", args=[found["id"]]))


def assignee(data: Mapping[str, Any]) -> int | None:
    """Who looks after the conversation, if someone does."""
    rows = Conversation.objects.filter(pk=data.get("conversation_id") or 0)
    found: int | None = rows.values_list("assigned_to", flat=True).first()
    return found


KINDS = [
    NoticeKind(
        "reply",
        gettext_lazy("Reply that needs an answer"),
        gettext_lazy("To whoever looks after the conversation; to everyone who may answer while no one does."),
        role=Role.REVIEWER,
        event="reply.received",
        line=_reply,
        owner=assignee,
    ),
    NoticeKind(
        "booking",
        gettext_lazy("Call booked"),
        gettext_lazy("Someone booked a call."),
        event="conversation.booked",
        key=lambda data: f"{data['conversation_id']} {data.get('starts_at') or ''}",
        line=_booking,
        owner=assignee,
    ),
    NoticeKind(
        "mention",
        gettext_lazy("Mentioned in a note"),
        gettext_lazy("A colleague named you with @ in a note."),
        event="conversation.mentioned",
        key=lambda data: f"{data['message_id']} {data['user_id']}",
        line=_mention,
        owner=lambda data: int(data["user_id"]),
    ),
    NoticeKind(
        "sender",
        gettext_lazy("Sender unhealthy"),
        gettext_lazy("A sender was paused because its figures reached a limit."),
        role=Role.OPERATOR,
        event="sender.paused",
        line=_sender,
    ),
]
