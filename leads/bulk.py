"""What can be done with many people at once. Rooms of all wings contribute actions to the list of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from outreach.core.models import Actor
from outreach.core.registry import Point
from outreach.core.states import Text

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class BulkAction:
    """One entry of the bar under a selection. Its fields are named `<name>-…`, so that all actions share a form.

    `read` takes the posted fields and returns what is stored with the job, or raises `Invalid`. `apply` handles some
    thousand leads in one transaction and counts what it did under names that `sentence` turns into words.
    """

    name: str
    label: Text
    icon: str
    template: str
    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    apply: Callable[[Sequence[int], Parameters, Actor], Counter[str]]
    sentence: Callable[[Counter[str], Parameters], str]
    context: Callable[[HttpRequest], dict[str, Any]] = lambda _request: {}


LEAD_ACTIONS: Point[BulkAction] = Point("leads.bulk_actions")


def action(name: str) -> BulkAction | None:
    """The action called `name`, or None."""
    return next((entry for entry in LEAD_ACTIONS.entries() if entry.name == name), None)
