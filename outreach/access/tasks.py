"""Background work of access."""

from __future__ import annotations

from outreach.access import resetting
from outreach.access.models import User
from outreach.core.words import gettext as _


def send_reset_link(user_id: int) -> str:
    """Write a link for a new password to a user who asked for it."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None:
        return _("The user no longer exists.")
    resetting.send_link(user)
    return _("Link sent to user %(number)s.") % {"number": user_id}
