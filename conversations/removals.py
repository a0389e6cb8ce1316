"""This wing's part when leads are removed or erased: see `leads.keepers`."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from conversations.files.models import ReceivedFile
from conversations.models import MESSAGE, Conversation, Message
from leads.keepers import Holding
from leads.models import Lead
from outreach.core.errors import Refused
from outreach.core.words import gettext as _


def objection(leads: QuerySet[Lead], *, since: datetime) -> str:
    """Something was sent, is being sent, was received or was noted after `since`."""
    sent = Q(sending_at__gte=since) | Q(sent_at__gte=since) | Q(state__in=MESSAGE.in_flight)
    said = Q(direction="out") & sent | Q(direction__in=["in", "note"], created_at__gte=since)
    message = Message.objects.filter(said, lead__in=leads.values("pk")).select_related("lead").first()
    if message is None:
        return ""
    return _("Messages were already sent to or received from %(lead)s (#%(number)s).") % {
        "lead": message.lead,
        "number": message.lead_id,
    }


def remove(leads: QuerySet[Lead]) -> None:
    """Planned messages and empty conversations; locked first, so that nothing is sent meanwhile."""
    messages = Message.objects.filter(Q(lead__in=leads.values("pk")) | Q(conversation__lead__in=leads.values("pk")))
    rows = list(messages.order_by("pk").select_for_update().values_list("pk", "state", "direction"))
    if any(direction != "out" or state not in MESSAGE.unsent for _pk, state, direction in rows):
        raise Refused(_("Messages were already sent to a lead of this import."), code="import_not_undoable")
    Message.objects.filter(pk__in=[pk for pk, _state, _direction in rows]).delete()
    Conversation.objects.filter(lead__in=leads.values("pk")).delete()


def holdings(leads: QuerySet[Lead]) -> list[Holding]:
    """Messages with them, messages planned for them, and files they sent."""
    messages = Message.objects.filter(Q(lead__in=leads.values("pk")) | Q(conversation__lead__in=leads.values("pk")))
    planned = messages.filter(direction="out", state__in=MESSAGE.waiting)
    return [
        Holding(_("Planned messages, which are cancelled"), planned.count()),
        Holding(_("Texts of messages and notes"), messages.count()),
        Holding(_("Files that they sent"), ReceivedFile.objects.filter(message__in=messages.values("pk")).count()),
    ]
