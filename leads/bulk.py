"""What can be done with many people or companies at once. Rooms of all wings contribute actions to the two lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest

from leads.models import Lead
from outreach.core.models import Actor
from outreach.core.registry import Point
from outreach.core.states import Text

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class BulkAction:
    """One entry of the bar under a selection. Its fields are named `<name>-…`, so that all actions share a form.

    `read` takes the posted fields and returns what is stored with the job, or raises `Invalid`. `apply` handles some
    thousand rows in one transaction and counts what it did under names that `sentence` turns into words.
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
COMPANY_ACTIONS: Point[BulkAction] = Point("leads.company_bulk_actions")


def action(point: Point[BulkAction], name: str) -> BulkAction | None:
    """The action called `name`, or None."""
    return next((entry for entry in point.entries() if entry.name == name), None)


def with_their_people(action: BulkAction, label: Text) -> BulkAction:
    """An action on people as one on companies: it is done with everyone who works there."""

    def apply(ids: Sequence[int], parameters: Parameters, actor: Actor) -> Counter[str]:
        people = Lead.objects.alive().filter(company__in=ids).order_by("pk").values_list("pk", flat=True)
        return action.apply(list(people), parameters, actor)

    return replace(action, label=label, apply=apply)
