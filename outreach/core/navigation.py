"""The navigation: a few doors for everybody, the pages behind each, and Settings for all the rest.

Rooms contribute `NavigationEntry` to `NAVIGATION`; an entry without a `door` is a door itself. Where a page says nothing
else, everyone who is signed in sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from outreach.core.registry import Point
from outreach.core.states import Text

SETTINGS = "settings"
"""The door to everything that is set up once or watched by whoever runs the installation."""


@dataclass(frozen=True)
class NavigationEntry:
    """A page: its name, the name of its address, its icon, and the `door` (a page's name) that it stands behind.

    `tab` is what a door calls itself among its own pages. `group` and `help` are for the settings page. `count` is
    what waits there; `shows_when_counted` hides the entry at zero.
    """

    label: Text
    page: str
    icon: str
    order: int = 50
    door: str = ""
    tab: Text = ""
    group: Text = ""
    help: Text = ""
    permission: str = ""
    count: Callable[[HttpRequest], int] | None = None
    shows_when_counted: bool = False


NAVIGATION: Point[NavigationEntry] = Point("navigation")


COUNT_CAP = 1000


def capped(rows: QuerySet[Any]) -> int:
    """How many rows there are, counted no further than one beyond the cap: a number of the navigation is never slow."""
    return rows.order_by().values("pk")[: COUNT_CAP + 1].count()


def capped_text(count: int) -> str:
    """What to show of a `capped` count."""
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def address(name: str, *args: int | str) -> str:
    """The address of a page, or an empty string when no room has it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class NavigationLink:
    """An entry as one page shows it. `current` is the value of `aria-current`: page, true (a page behind it) or empty."""

    label: str
    url: str
    icon: str
    current: str = ""
    count: int = 0
    help: str = ""

    @property
    def count_text(self) -> str:
        return capped_text(self.count)


@dataclass(frozen=True)
class NavigationGroup:
    title: str
    links: list[NavigationLink]


@dataclass(frozen=True)
class Navigation:
    """What one page shows: the doors, the settings door apart, and the pages beside this one."""

    doors: list[NavigationLink] = field(default_factory=list)
    settings: NavigationLink | None = None
    tabs: list[NavigationLink] = field(default_factory=list)
    title: str = ""
    """What the tabs are about."""

    @property
    def is_in_settings(self) -> bool:
        """Whether the page stands behind the settings door, so that it links back there."""
        return bool(self.tabs and self.settings and self.settings.current)


def entries_for(request: HttpRequest) -> list[NavigationEntry]:
    """What the viewer may open, in order."""
    allowed = (e for e in NAVIGATION.entries() if not e.permission or request.user.has_perm(e.permission))
    return sorted(allowed, key=lambda entry: entry.order)


def current_entry(entries: list[NavigationEntry], path: str) -> NavigationEntry | None:
    """The entry whose address is the longest beginning of `path`."""
    matches = [e for e in entries if path == address(e.page) or (address(e.page) != "/" and _begins(path, e))]
    return max(matches, key=lambda entry: len(address(entry.page)), default=None)


def _begins(path: str, entry: NavigationEntry) -> bool:
    url = address(entry.page)
    return bool(url) and path.startswith(url)


def navigation(request: HttpRequest) -> Navigation:
    """The doors, the open one marked; and on a page of the navigation itself the pages beside it."""
    entries = entries_for(request)
    current = current_entry(entries, request.path)
    is_page = current is not None and address(current.page) == request.path
    open_door = (current.door or current.page) if current else ""
    doors = {
        entry.page: _link(entry, request, ("page" if is_page else "true") if entry.page == open_door else "")
        for entry in entries
        if not entry.door
    }
    settings = doors.pop(SETTINGS, None)
    if current is None or not is_page or current.page == SETTINGS:
        return Navigation(list(doors.values()), settings)
    beside = [e for e in entries if open_door in (e.door, e.page) and e.group == current.group]
    tabs = [_link(e, request, "page" if e is current else "", label=e.tab) for e in beside]
    shown = [
        link for e, link in zip(beside, tabs, strict=True) if link.count or link.current or not e.shows_when_counted
    ]
    title = str(current.group) or next((str(e.label) for e in entries if e.page == open_door), "")
    return Navigation(list(doors.values()), settings, shown if len(shown) > 1 or open_door == SETTINGS else [], title)


def _link(entry: NavigationEntry, request: HttpRequest, current: str = "", *, label: Text = "") -> NavigationLink:
    count = entry.count(request) if entry.count and not label else 0
    return NavigationLink(
        str(label or entry.label), address(entry.page), entry.icon, current, count, help=str(entry.help)
    )


def settings_groups(request: HttpRequest) -> list[NavigationGroup]:
    """The pages behind the settings door that the viewer may open, by what one wants to do."""
    groups: dict[str, list[NavigationLink]] = {}
    for entry in entries_for(request):
        if entry.door == SETTINGS:
            groups.setdefault(str(entry.group), []).append(_link(entry, request))
    return [NavigationGroup(title, links) for title, links in groups.items()]


@require_GET
def settings_page(request: HttpRequest) -> HttpResponse:
    """GET /settings/"""
    return render(request, "core/settings.html", {"groups": settings_groups(request)})
