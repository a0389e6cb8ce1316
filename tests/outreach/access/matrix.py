"""Who may do what, gathered from the URL conf and the admin.

Print the table: `python manage.py shell --no-imports -c "from tests.outreach.access.matrix import table; print(*table(), sep='\\n')"`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib import admin
from django.test import RequestFactory
from django.urls import get_resolver
from rest_framework.permissions import SAFE_METHODS, AllowAny

from outreach.access.models import User
from outreach.access.roles import Role

ANYONE = "anyone"
SIGNED_IN = str(Role.VIEWER)
API_METHODS = ("get", "post", "put", "patch", "delete")
ROLES = (ANYONE, *(str(role) for role in (Role.VIEWER, Role.REVIEWER, Role.OPERATOR, Role.ADMINISTRATOR)))
VALUES = {"uuid": "00000000-0000-0000-0000-000000000000", "int": "0", "slug": "x", "str": "x", "path": "x"}


class Door(NamedTuple):
    """One address with a method, and the least role that may use it."""

    role: str
    method: str
    route: str

    @property
    def address(self) -> str:
        """An address of this shape; nothing stands there."""
        text = re.sub(r"\(\?P<\w+>([^()]*)\)", lambda found: _sample(found[1]), self.route)
        text = re.sub(r"<(?:(\w+):)?\w+>", lambda found: VALUES.get(found[1] or "str", "x"), text)
        return "/" + re.sub(r"\^|\$|\\Z|\?", "", text).replace("\\.", ".")


def _sample(pattern: str) -> str:
    """Something that the group matches."""
    if exact := re.search(r"\{(\d+)\}$", pattern):
        return "0" * int(exact[1])
    found = pattern.partition("|")[0] if "|" in pattern else "0"
    return found if re.fullmatch(pattern, found) else "x"


def doors() -> Iterator[Door]:
    """Every page and every operation of the API; the admin is told by `admin_lines`."""
    for route, callback in _walk(get_resolver().url_patterns, ""):
        if route.startswith("admin/"):
            continue
        if hasattr(callback, "cls") and route.startswith("api/"):
            yield from _operations(route, callback)
        else:
            yield Door(_role_of_page(callback), "*", route)


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from _walk(entry.url_patterns, route)
        else:
            yield route, entry.callback


def admin_routes() -> list[str]:
    return [route for route, _callback in _walk(get_resolver().url_patterns, "") if route.startswith("admin/")]


def _role_of_page(callback: Any) -> str:
    if role := getattr(callback, "required_role", ""):
        return str(role)
    return SIGNED_IN if getattr(callback, "login_required", True) else ANYONE


def _operations(route: str, callback: Any) -> Iterator[Door]:
    actions = getattr(callback, "actions", None) or {name: name for name in API_METHODS if hasattr(callback.cls, name)}
    for method, action in list(actions.items()):  # a view that is asked for the first time adds its HEAD
        view = callback.cls(**callback.initkwargs)
        view.action = action
        if method not in view.http_method_names or method == "head":
            continue
        if not view.permission_classes or AllowAny in view.permission_classes:
            role = ANYONE
        elif method.upper() in SAFE_METHODS:
            role = str(getattr(view, "read_role", SIGNED_IN))
        else:
            role = str(getattr(view, "required_role", Role.OPERATOR))
        yield Door(role, method.upper(), route)


def admin_lines() -> Iterator[str]:
    """What operators and administrators may do with each model in the admin: its rows, and its actions."""
    for model, console in sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label):
        parts = []
        for role in (Role.OPERATOR, Role.ADMINISTRATOR):
            request = RequestFactory().get("/admin/")
            request.user = User(pk=0, username=str(role), is_staff=True)
            request.user.set_role(role)
            may = [name for name, allowed in console.get_model_perms(request).items() if allowed]
            actions = sorted(console.get_actions(request))
            parts.append(f"{role}: {' '.join(sorted(may)) or '-'}" + (f" ({', '.join(actions)})" if actions else ""))
        yield f"admin {model._meta.label} | " + " | ".join(parts)


def table() -> list[str]:
    """The lines of `matrix.txt`."""
    rows = sorted(set(doors()), key=lambda door: (ROLES.index(door.role), door.route, door.method))
    return [f"{door.role} {door.method} /{door.route}" for door in rows] + list(admin_lines())
