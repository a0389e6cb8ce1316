"""Sign-in by login name and password, and who may see what in Django's admin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from outreach.access.models import User
from outreach.access.roles import PERMISSIONS, Role

GUARDED_APPS = frozenset({"access", "auth", "sessions"})
"""Apps whose rows only administrators touch."""


class RoleBackend(ModelBackend):
    """Permissions follow from the role; there are no permission rows to keep in step.

    Operators see and change everything in the admin except users and keys, and delete nothing there; administrators
    may do all. What is append-only refuses changes to everybody (in its own `ModelAdmin`).
    """

    def user_can_authenticate(self, user: AbstractBaseUser | AnonymousUser | None) -> bool:
        return isinstance(user, User) and user.may_sign_in

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not isinstance(user_obj, User) or not user_obj.may_sign_in:
            return False
        app, _, action = perm.partition(".")
        if app == "outreach":
            return action in PERMISSIONS and user_obj.has_role(PERMISSIONS[action])
        if user_obj.has_role(Role.ADMINISTRATOR):
            return True
        return user_obj.has_role(Role.OPERATOR) and app not in GUARDED_APPS and not action.startswith("delete_")

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return self.has_perm(user_obj, f"{app_label}.view_any")
