"""Users of each role."""

from __future__ import annotations

from itertools import count
from typing import Any

from outreach.access.models import User
from outreach.access.roles import Role

PASSWORD = "correct horse battery"
_numbers = count(1)


def make_user(role: str = Role.REVIEWER, **fields: Any) -> User:
    """A user who may sign in with `PASSWORD`."""
    user = User(username=fields.pop("username", f"{role}-{next(_numbers)}"), **fields)
    user.set_role(role)
    user.set_password(PASSWORD)
    user.save()
    return user
