"""The home page, composed of panels that the wings bring (`settings.HOME_PANELS`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Panel:
    """One box of the home page. `area` is now, main or side; within an area `order` decides, lowest first."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50
    area: str = "main"


PanelSource = Callable[[HttpRequest], "Panel | None"]


def panels(request: HttpRequest) -> list[Panel]:
    """What the wings have to show this viewer now, in order."""
    sources: list[PanelSource] = [import_string(name) for name in settings.HOME_PANELS]
    found = [panel for source in sources if (panel := source(request)) is not None]
    return sorted(found, key=lambda panel: panel.order)


def home(request: HttpRequest) -> HttpResponse:
    """GET /"""
    found = panels(request)
    areas = {area: [p for p in found if p.area == area] for area in ("now", "main", "side")}
    return render(request, "core/home.html", {"areas": areas})
