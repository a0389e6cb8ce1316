"""The site of the operators' console: what it lists depends on the role alone, so it is put together once."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import get_language
from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    """Unfold's site; asking seventy models for permissions and addresses took a third of every page."""

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._lists: dict[tuple[object, ...], list[dict[str, Any]]] = {}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The models that the viewer may see, by app; kept for each role and language."""
        key = (getattr(request.user, "role", ""), request.user.is_active, get_language(), app_label)
        if key not in self._lists:
            self._lists[key] = super().get_app_list(request, app_label)
        return [{**app, "models": [dict(model) for model in app["models"]]} for app in self._lists[key]]


class ConsoleConfig(AdminConfig):
    """`django.contrib.admin` with our site."""

    default_site = "outreach.core.console.ConsoleSite"
    default = False
