"""The home page, composed of what rooms contribute to `HOME`: what to do next first, how it goes below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from outreach.core import clock
from outreach.core.navigation import COUNT_CAP, capped_text
from outreach.core.registry import Point


@dataclass(frozen=True)
class Tile:
    """A number that needs attention: drafts to review, replies waiting. Not shown at zero.

    `count` is a number, or the rows themselves: those of all tiles are counted together, in one statement. `colour` is
    that of a badge; `action` says what the page behind `url` is for: the first tile's is the page's button.
    """

    label: str
    count: int | QuerySet[Any]
    url: str
    colour: str = "blue"
    hint: str = ""
    order: int = 50
    action: str = ""

    @property
    def text(self) -> str:
        return capped_text(self.count) if isinstance(self.count, int) else ""


@dataclass(frozen=True)
class Panel:
    """One box of the home page: a template with its context, in the area `main` or `side`, lowest order first."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50
    area: str = "main"
    url: str = ""
    """Where the title leads."""


Shown = Tile | Panel
PanelSource = Callable[[HttpRequest], "Shown | None"]
HOME: Point[PanelSource] = Point("home")
"""What each wing shows on the home page."""


def collect(request: HttpRequest) -> list[Shown]:
    """What the rooms have to show this viewer now."""
    return [shown for source in HOME.entries() if (shown := source(request)) is not None]


def counted(tiles: list[Tile]) -> list[Tile]:
    """The tiles with their numbers, each up to the cap, without those that count nothing."""
    parts = [
        tile.count.order_by().annotate(tile=Value(place)).values_list("tile")[: COUNT_CAP + 1]
        for place, tile in enumerate(tiles)
        if isinstance(tile.count, QuerySet)
    ]
    found = Counter(place for (place,) in parts[0].union(*parts[1:], all=True)) if parts else Counter[int]()
    numbers = [tile.count if isinstance(tile.count, int) else found[place] for place, tile in enumerate(tiles)]
    return [replace(tile, count=number) for tile, number in zip(tiles, numbers, strict=True) if number]


def greeting(hour: int) -> str:
    """A greeting for the hour of the viewer's day."""
    if 5 <= hour < 12:
        return _("Good morning")
    if 12 <= hour < 18:
        return _("Good afternoon")
    return _("Good evening")


def home(request: HttpRequest) -> HttpResponse:
    """GET /"""
    shown = collect(request)
    panels = sorted((panel for panel in shown if isinstance(panel, Panel)), key=lambda panel: panel.order)
    tiles = sorted(counted([tile for tile in shown if isinstance(tile, Tile)]), key=lambda tile: tile.order)
    local = timezone.localtime(clock.now())
    context = {
        "tiles": tiles,
        "first": next((tile for tile in tiles if tile.action), None),
        "main": [panel for panel in panels if panel.area == "main"],
        "side": [panel for panel in panels if panel.area == "side"],
        "greeting": greeting(local.hour),
        "today": local,
    }
    return render(request, "core/home.html", context)
