"""Role checks for pages and API: who may read, review, operate, administer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from outreach.access.roles import Role


class RolePermission(BasePermission):
    """Reading needs the view's `read_role` (viewer unless it says otherwise), changing its `required_role` (operator)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not user.is_authenticated:
            return False
        is_reading = request.method in SAFE_METHODS
        role = getattr(view, "read_role", Role.VIEWER) if is_reading else getattr(view, "required_role", Role.OPERATOR)
        return user.has_role(role)


def viewer_has(request: HttpRequest, role: str) -> bool:
    """Whether someone with `role` or a higher role is signed in."""
    return request.user.is_authenticated and request.user.has_role(role)


def role_required(role: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorator for pages: 403 unless the signed-in user has `role` or a higher one."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not viewer_has(request, role):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.required_role = role  # type: ignore[attr-defined]
        return guarded

    return decorate
