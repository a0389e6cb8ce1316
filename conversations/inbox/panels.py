"""What the page of a lead shows of the conversation with it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.inbox import selectors
from conversations.models import Message
from leads.models import Company, Lead
from leads.panels import Panel

SHOWN = 8


def lead_panel(request: HttpRequest, lead: Lead) -> Panel | None:
    """State, last message and whether an answer is drafted; None without messages."""
    shown = selectors.lead_panel(lead.pk, user=request.user)  # type: ignore[arg-type]
    return Panel(_("Conversation"), "conversations/inbox/_lead_panel.html", shown) if shown else None


def company_panel(request: HttpRequest, company: Company) -> Panel | None:
    """The latest replies of the company's people; None without any."""
    replies = Message.objects.received().filter(lead__company=company).select_related("lead").order_by("-pk")
    messages = list(replies[:SHOWN])
    return Panel(_("Replies"), "conversations/inbox/_company_panel.html", {"messages": messages}) if messages else None
