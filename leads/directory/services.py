"""Saved views and chosen columns."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from leads.directory.listing import KINDS, Listing
from leads.directory.models import ColumnChoice, ListKind, SavedView
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.errors import Invalid, Refused
from outreach.core.words import gettext as _

MAX_NAME = 80


def columns_of(user: User, kind: ListKind) -> list[str]:
    """The columns that `user` chose, else the usual ones."""
    choice = ColumnChoice.objects.filter(user=user, kind=kind).first()
    return choice.columns if choice else list(KINDS[kind].usual)


def choose_columns(*, user: User, kind: ListKind, columns: Sequence[str]) -> list[str]:
    """Remember the columns; unknown names are left out, and the order is the list's own."""
    chosen = [column.name for column in KINDS[kind].columns if column.name in columns]
    ColumnChoice.objects.update_or_create(user=user, kind=kind, defaults={"columns": chosen})
    return chosen


def views_of(user: User, kind: ListKind) -> list[SavedView]:
    """The user's own views and those that others share, by name."""
    return list(SavedView.objects.seen_by(user).filter(kind=kind).select_related("owner")[:50])


def save_view(*, user: User, listing: Listing, name: str, columns: Sequence[str], is_shared: bool) -> SavedView:
    """Save how a list looks now under a name; the user's view of that name is replaced.

    Raises `Invalid` for an empty name and for one that somebody else shares already.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise Invalid("name", _("Enter a name of at most %(count)s characters.") % {"count": MAX_NAME})
    taken = SavedView.objects.filter(kind=listing.kind, name=name, is_shared=True).filter(~Q(owner=user))
    if taken.exists():
        raise Invalid("name", _("A shared view called “%(name)s” already exists.") % {"name": name}, code="name_taken")
    values = {"filters": listing.filters, "sort": listing.sort, "columns": list(columns), "is_shared": is_shared}
    view, _is_new = SavedView.objects.update_or_create(owner=user, kind=listing.kind, name=name, defaults=values)
    return view


def delete_view(*, user: User, view: SavedView) -> None:
    """Delete a view. Raises `Refused` for a view of somebody else, except for administrators."""
    if view.owner_id != user.pk and not user.has_role(Role.ADMINISTRATOR):
        raise Refused(_("Only its owner can delete this view."), code="not_yours")
    view.delete()
