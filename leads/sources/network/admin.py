"""Network accounts and profiles in the operators' console. Secrets are entered on the account's own page."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from leads.sources.network import services
from leads.sources.network.models import NetworkAccount, NetworkProfile
from outreach.core.admin import ReadOnly, Shown, for_each
from outreach.core.words import gettext as _


@admin.register(NetworkAccount)
class NetworkAccountAdmin(Shown):
    list_display = ["name", "base_url", "username", "state", "state_reason", "session_saved_at", "limited_until"]
    list_filter = ["state"]
    search_fields = ["name", "username"]
    exclude = ["credentials_token", "session_token", "code_token"]
    actions = ["sign_in", "pause", "resume"]

    @admin.action(permissions=["change"], description="Sign in")
    def sign_in(self, request: HttpRequest, queryset: QuerySet[NetworkAccount]) -> None:
        for_each(request, queryset, lambda account, actor: services.request_sign_in(account=account, actor=actor))

    @admin.action(permissions=["change"], description="Pause")
    def pause(self, request: HttpRequest, queryset: QuerySet[NetworkAccount]) -> None:
        for_each(
            request,
            queryset,
            lambda account, actor: services.pause(account=account, actor=actor, reason=_("In the admin console.")),
        )

    @admin.action(permissions=["change"], description="Resume: a person has checked it")
    def resume(self, request: HttpRequest, queryset: QuerySet[NetworkAccount]) -> None:
        for_each(request, queryset, lambda account, actor: services.resume(account=account, actor=actor))


@admin.register(NetworkProfile)
class NetworkProfileAdmin(ReadOnly):
    list_display = ["address", "lead", "account", "state", "degree", "enriched_at", "next_look_at"]
    list_filter = ["state", "degree", "account"]
    list_select_related = ["lead", "account"]
    search_fields = ["public_id"]
