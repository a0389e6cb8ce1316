"""Search over everything: one answer for the command palette (Ctrl+K) and for the page /search/.

Rooms contribute finders of their rows to `FINDERS` and things to do to `ACTIONS`; pages come from the navigation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from outreach.core.navigation import address, entries_for
from outreach.core.registry import Point
from outreach.core.states import Text

PER_GROUP = 5
SHORTEST = 2
"""Letters from which rows are looked for; pages and actions answer from the first."""
LONGEST = 100


@dataclass(frozen=True)
class Found:
    """One answer: its name, where it leads, and what tells it from others of that name."""

    title: str
    url: str
    detail: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Finder:
    """A kind of rows that can be found. `find(request, text, limit)` is indexed: it answers while somebody types."""

    label: Text
    icon: str
    find: Callable[[HttpRequest, str, int], Iterable[Found]]
    order: int = 50


@dataclass(frozen=True)
class Action:
    """Something to do that has its own page. `words` are further words that find it."""

    label: Text
    page: str
    icon: str
    permission: str = ""
    words: Text = ""
    arguments: tuple[str, ...] = ()


FINDERS: Point[Finder] = Point("finders")
ACTIONS: Point[Action] = Point("actions")


@dataclass(frozen=True)
class Group:
    title: str
    found: list[Found]


def answers(request: HttpRequest, text: str) -> list[Group]:
    """Groups that found something for `text`; without a text what one may do and where one may go."""
    text = " ".join(text.split())[:LONGEST]
    groups = [Group(_("Actions"), _actions(request, text)), Group(_("Pages"), _pages(request, text))]
    if len(text) >= SHORTEST:
        for finder in sorted(FINDERS.entries(), key=lambda finder: finder.order):
            rows = [
                Found(row.title, row.url, row.detail, row.icon or finder.icon)
                for row in finder.find(request, text, PER_GROUP)
            ]
            groups.append(Group(str(finder.label), rows))
    return [group for group in groups if group.found]


def _fits(text: str, *names: Text) -> bool:
    """Whether every word of `text` begins a word of `names`."""
    words = " ".join(str(name) for name in names).casefold().replace("-", " ").split()
    return all(any(word.startswith(part) for word in words) for part in text.casefold().split())


def _actions(request: HttpRequest, text: str) -> list[Found]:
    found = [
        Found(str(action.label), address(action.page, *action.arguments), icon=action.icon)
        for action in ACTIONS.entries()
        if (not action.permission or request.user.has_perm(action.permission))
        and _fits(text, action.label, action.words)
    ]
    return found[: PER_GROUP if text else None]


def _pages(request: HttpRequest, text: str) -> list[Found]:
    found = [
        Found(str(entry.label), address(entry.page), str(entry.group), entry.icon)
        for entry in entries_for(request)
        if (text or not entry.door) and _fits(text, entry.label, entry.tab, entry.help if len(text) > 2 else "")
    ]
    return found[: PER_GROUP if text else None]


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """GET /search/?q=…: a page, or for the palette the list alone."""
    text = request.GET.get("q", "")
    template = "core/_found.html" if getattr(request, "htmx", False) else "core/search.html"
    return render(request, template, {"text": text, "groups": answers(request, text)})
