"""What the home page says while a restore holds all sending."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.resuming import services
from outreach.access.permissions import viewer_has
from outreach.access.roles import Role
from outreach.core.home import Panel


def sending_held(request: HttpRequest) -> Panel | None:
    """For everyone, for nothing leaves; nothing when no restore is open."""
    restore = services.open_restore()
    if restore is None:
        return None
    context = {"restore": restore, "may_resume": viewer_has(request, Role.ADMINISTRATOR)}
    return Panel(_("Sending is paused"), "conversations/resuming/_home.html", context, 1)
