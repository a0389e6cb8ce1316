"""The viewer's language and time zone on every page."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from outreach.access.sessions import note_use


class PreferencesMiddleware:
    """Activates the signed-in user's language and zone; strangers get their browser's language and UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            with translation.override(translation.get_language_from_request(request)):
                return self.get_response(request)
        try:
            zone = zoneinfo.ZoneInfo(user.time_zone or "UTC")
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            zone = zoneinfo.ZoneInfo("UTC")
        note_use(request)
        with translation.override(user.language), timezone.override(zone):
            return self.get_response(request)
