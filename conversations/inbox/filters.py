"""What narrows the inbox: filters of this wing, and those that other wings contribute through the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from conversations.inbox import patterns
from conversations.models import Conversation
from conversations.replies.models import Intent
from conversations.replies.subjects import LABELS
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.registry import Point
from outreach.core.words import gettext as _

Choices = list[tuple[str, str]]
Rows = QuerySet[Conversation]
MAX_CHOICES = 200


@dataclass(frozen=True)
class Filter:
    """One filter: its choices, and the conversations that a chosen value leaves."""

    name: str
    label: str | Promise
    choices: Callable[[], Choices]
    narrow: Callable[[Rows, str], Rows]
    is_counted: bool = False
    """Its choices are counted over all conversations, so the page asks for them when they are wanted."""


FILTERS: Point[Filter] = Point("inbox filters")


def _marked(kind: str) -> Callable[[Rows, str], Rows]:
    # the index that holds the marks beside the order of a search holds only people who wrote
    return lambda rows, value: rows.filter(listing__at__isnull=False, listing__marks__contains=[f"{kind}:{value}"])


def _owners() -> Choices:
    people = User.objects.filter(is_active=True).exclude(role=Role.VIEWER).order_by("username")[:MAX_CHOICES]
    return [("none", _("No one")), *((str(user.pk), user.get_full_name() or user.username) for user in people)]


def _of_owner(rows: Rows, value: str) -> Rows:
    if value == "none":
        return rows.filter(assigned_to=None)
    return rows.filter(assigned_to=int(value)) if value.isdecimal() else rows.none()


def _senders() -> Choices:
    rows = Sender.objects.order_by("name").values_list("pk", "name")[:MAX_CHOICES]
    return [(str(pk), name) for pk, name in rows]


def _tags() -> Choices:
    return [(tag, f"{tag} ({count})") for tag, count in patterns.counted("tag", most=MAX_CHOICES)]


def _subjects() -> Choices:
    asked = [(kind, f"{_('Asks about')}: {label}") for kind, label in LABELS.items() if kind.startswith("question.")]
    objected = [(kind, f"{_('Objects')}: {label}") for kind, label in LABELS.items() if kind.startswith("objection.")]
    return [*asked, *objected]


OWN = (
    Filter("owner", gettext_lazy("Owner"), _owners, _of_owner),
    Filter(
        "intent",
        gettext_lazy("Intent"),
        lambda: [(str(intent), str(intent.label)) for intent in Intent],
        _marked("intent"),
    ),
    Filter(
        "channel",
        gettext_lazy("Channel"),
        lambda: [(str(value), str(label)) for value, label in Channel.choices],
        _marked("channel"),
    ),
    Filter("sender", gettext_lazy("Sender"), _senders, _marked("sender")),
    Filter("tag", gettext_lazy("Tag"), _tags, _marked("tag"), is_counted=True),
    Filter("about", gettext_lazy("Question or objection"), _subjects, _marked("about")),
)


def all_filters() -> list[Filter]:
    """The filters in the order of the page."""
    return [*FILTERS.entries(), *OWN]
