"""Operators' console: streams, and the outbox row by row. States change by services only."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from conversations.delivery import services
from conversations.delivery.models import Stream
from conversations.models import Message, MessageEvent
from outreach.core.errors import OutreachError
from outreach.core.models import Actor


class ReadOnlyAdmin(ModelAdmin):
    """Rows that only the product itself writes."""

    def get_readonly_fields(self, request: HttpRequest, obj: object | None = None) -> list[str]:
        return [field.name for field in self.model._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


def apply(
    request: HttpRequest, rows: QuerySet[Message], act: Callable[[Message], object], console: ReadOnlyAdmin
) -> None:
    """Do `act` with every row and say what was refused."""
    for row in rows:
        try:
            act(row)
        except OutreachError as error:
            console.message_user(request, f"#{row.pk}: {error.reason}", messages.WARNING)


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "priority", "daily_cap", "is_stopped_by_reply")
    list_filter = ("state",)
    search_fields = ("name",)


class EventInline(TabularInline):
    model = MessageEvent
    extra = 0
    can_delete = False
    fields = readonly_fields = ("kind", "occurred_at", "recorded_at", "external_id", "data")

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "direction",
        "channel",
        "state",
        "lead",
        "sender",
        "stream",
        "scheduled_at",
        "sent_at",
        "error_code",
    )
    list_filter = ("state", "direction", "channel", "sender")
    list_select_related = ("lead", "sender", "stream")
    search_fields = ("=address", "=rfc_message_id", "=provider_id")
    show_full_result_count = False
    inlines = (EventInline,)
    actions = ("retry", "cancel", "settle_sent", "settle_not_sent")

    @admin.action(description="Try again now")
    def retry(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        actor = Actor.of(request.user)
        apply(request, queryset, lambda row: services.retry(message=row, actor=actor), self)

    @admin.action(description="Cancel")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        actor = Actor.of(request.user)
        apply(request, queryset, lambda row: services.cancel(message=row, actor=actor, reason="Admin"), self)

    @admin.action(description="Settle: it was sent")
    def settle_sent(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._settle(request, queryset, "sent")

    @admin.action(description="Settle: it was not sent, send it again")
    def settle_not_sent(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._settle(request, queryset, "not_sent")

    def _settle(self, request: HttpRequest, queryset: QuerySet[Message], outcome: str) -> None:
        actor = Actor.of(request.user)
        apply(
            request,
            queryset,
            lambda row: services.settle(message=row, outcome=outcome, actor=actor, reason="Settled in the admin."),
            self,
        )
