"""Users, keys and sign-in trouble in the operators' console. Changes go through the services, so they are audited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from outreach.access import external, passkeys, services
from outreach.access.models import ApiKey, ExternalLogin, Passkey, SetupLink, SignInFailures, User
from outreach.core.admin import Console, ReadOnly
from outreach.core.errors import OutreachError
from outreach.core.models import Actor

admin.site.unregister(Group)


def each(
    request: HttpRequest, rows: QuerySet[Any], service: Callable[..., object], name: str, **arguments: Any
) -> None:
    """Call `service(<name>=row, actor=…)` for every row; report how many succeeded and why others did not."""
    done = 0
    for row in rows:
        try:
            service(**{name: row}, actor=Actor.of(request.user), **arguments)
            done += 1
        except OutreachError as error:
            messages.error(request, f"{row}: {error.reason}")
    if done:
        messages.success(request, gettext("Done: %(count)d.") % {"count": done})


@admin.register(User)
class UserAdmin(Console):
    """Passwords and new users are managed on the product's own users page."""

    list_display = ["username", "first_name", "last_name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "first_name", "last_name"]
    fields = [
        "username",
        "first_name",
        "last_name",
        "email",
        "role",
        "language",
        "time_zone",
        "theme",
        "is_active",
        "last_login",
    ]
    readonly_fields = ["username", "role", "is_active", "last_login"]
    actions = ["activate", "deactivate"]
    may_add = may_delete = False

    @admin.action(description=_("Reactivate"))
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        each(request, queryset, services.activate_user, "user")

    @admin.action(description=_("Deactivate"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        each(request, queryset, services.deactivate_user, "user")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly):
    list_display = ["name", "prefix", "user", "scope", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "prefix", "user__username"]
    list_select_related = ["user"]
    exclude = ["digest"]
    actions = ["revoke"]

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        each(request, queryset, services.revoke_api_key, "key")


@admin.register(Passkey)
class PasskeyAdmin(ReadOnly):
    list_display = ["user", "name", "created_at", "last_used_at"]
    search_fields = ["name", "user__username"]
    list_select_related = ["user"]
    actions = ["remove"]

    @admin.action(description=_("Remove"))
    def remove(self, request: HttpRequest, queryset: QuerySet[Passkey]) -> None:
        each(request, queryset, passkeys.remove, "passkey")


@admin.register(ExternalLogin)
class ExternalLoginAdmin(ReadOnly):
    list_display = ["user", "issuer", "email", "created_at", "last_used_at"]
    list_filter = ["issuer"]
    search_fields = ["email", "user__username"]
    list_select_related = ["user"]
    actions = ["disconnect"]

    @admin.action(description=_("Disconnect"))
    def disconnect(self, request: HttpRequest, queryset: QuerySet[ExternalLogin]) -> None:
        each(request, queryset, external.disconnect, "link")


@admin.register(SetupLink)
class SetupLinkAdmin(ReadOnly):
    list_display = ["created_at", "expires_at", "used_at"]
    exclude = ["digest"]


@admin.register(SignInFailures)
class SignInFailuresAdmin(Console):
    """Deleting a row lets someone who is locked out try again at once."""

    list_display = ["last_at", "count", "locked_until"]
    readonly_fields = ["key", "count", "last_at", "locked_until"]
    may_add = False
