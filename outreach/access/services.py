"""Use cases of access: preferences, users, keys, first administrator, sign-in."""

from __future__ import annotations

import zoneinfo

from django.conf import settings
from django.utils.translation import gettext as _

from outreach.access.models import Theme, User
from outreach.core.errors import Invalid


def set_preferences(
    *, user: User, theme: str | None = None, language: str | None = None, time_zone: str | None = None
) -> None:
    """Set what is given. Raises `Invalid` for a value that is not offered."""
    changes: dict[str, str] = {}
    if theme is not None:
        if theme not in Theme.values:
            raise Invalid("theme", _("“%(value)s” is not a theme.") % {"value": theme})
        changes["theme"] = theme
    if language is not None:
        if language not in dict(settings.LANGUAGES):
            raise Invalid("language", _("“%(value)s” is not a language of the interface.") % {"value": language})
        changes["language"] = language
    if time_zone is not None:
        if time_zone not in zoneinfo.available_timezones():
            raise Invalid("time_zone", _("“%(value)s” is not a time zone.") % {"value": time_zone})
        changes["time_zone"] = time_zone
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
