"""Shared by commands that act on behalf of a user."""

from __future__ import annotations

from outreach.access.models import User
from outreach.core.errors import Invalid


def found_user(name: str) -> User | None:
    """The user called `name`; None for an empty name. Raises `Invalid` when there is no such user."""
    if not name:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise Invalid("user", f"There is no user “{name}”.")
    return user
