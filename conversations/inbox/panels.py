"""What the page of a lead shows of the conversation with it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.inbox import selectors
from leads.models import Lead
from leads.panels import Panel


def lead_panel(request: HttpRequest, lead: Lead) -> Panel | None:
    """State, last message and whether an answer is drafted; None without messages."""
    shown = selectors.lead_panel(lead.pk, user=request.user)  # type: ignore[arg-type]
    return Panel(_("Conversation"), "conversations/inbox/_lead_panel.html", shown) if shown else None
