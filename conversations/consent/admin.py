"""Operators' console: suppressions and the consent ledger, append-only."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from conversations.consent.models import ConsentEntry, Suppression
from conversations.consent.selectors import search
from conversations.consent.services import lift
from outreach.core.errors import OutreachError
from outreach.core.models import Actor


class AppendOnlyAdmin(ModelAdmin):
    def get_readonly_fields(self, request: HttpRequest, obj: object | None = None) -> list[str]:
        return [field.name for field in self.model._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(Suppression)
class SuppressionAdmin(AppendOnlyAdmin):
    list_display = ("id", "reason", "channel", "address", "domain", "lead", "actor", "created_at", "lifted_at")
    list_filter = ("reason", "channel", ("lifted_at", admin.EmptyFieldListFilter))
    list_select_related = ("lead",)
    search_fields = ("=domain",)
    search_help_text = "An address (found by its hash) or a domain"
    actions = ("lift",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        return (queryset & search(search_term) if search_term else queryset), False

    @admin.action(description="Lift")
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        for row in queryset:
            try:
                lift(suppression=row, actor=Actor.of(request.user), reason="Lifted in the admin.")
            except OutreachError as error:
                self.message_user(request, f"#{row.pk}: {error.reason}", messages.WARNING)


@admin.register(ConsentEntry)
class ConsentEntryAdmin(AppendOnlyAdmin):
    list_display = ("lead", "channel", "basis", "source", "actor", "created_at", "expires_at")
    list_filter = ("basis", "channel")
    list_select_related = ("lead",)
