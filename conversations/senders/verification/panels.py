"""What this room shows on the page of a lead."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.senders.verification import services
from leads.models import Lead
from leads.panels import Panel
from outreach.access.permissions import viewer_has
from outreach.access.roles import Role


def find_email(request: HttpRequest, lead: Lead) -> Panel | None:
    """A button for a lead without an e-mail address that a finder might know."""
    if not viewer_has(request, Role.OPERATOR) or not services.can_find(lead):
        return None
    return Panel(_("E-mail address"), "conversations/senders/_find_email.html", {"lead": lead})
