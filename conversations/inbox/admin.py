"""Operators' console: conversations and what happened to their messages. States change by services only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from conversations.inbox import services
from conversations.models import Conversation, MessageEvent
from leads.selectors import ids_found
from outreach.core.admin import ReadOnly, for_each
from outreach.core.secrets import address_digest


@admin.register(Conversation)
class ConversationAdmin(ReadOnly):
    list_display = (
        "id",
        "__str__",
        "state",
        "handler",
        "assigned_to",
        "waiting_since",
        "snoozed_until",
        "last_inbound_at",
    )
    list_filter = ("state", "handler", "assigned_to")
    list_select_related = ("lead", "assigned_to")
    search_fields = ("=contact", "lead__full_name", "lead__identities__address")
    actions = ("take_over", "release", "close")

    def found(self, term: str) -> QuerySet[Any, Any]:
        rows = Conversation.objects.order_by()
        strangers = rows.filter(contact=term.strip().lower()).exclude(contact="").values("pk")
        return rows.filter(lead__in=ids_found(term)).values("pk").union(strangers)

    @admin.action(description=gettext_lazy("Take over"))
    def take_over(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        for_each(request, queryset, lambda row, _actor: services.take_over(conversation=row, user=request.user))  # type: ignore[arg-type]

    @admin.action(description=gettext_lazy("Return to the AI"))
    def release(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        for_each(request, queryset, lambda row, _actor: services.release(conversation=row, user=request.user))  # type: ignore[arg-type]

    @admin.action(description=gettext_lazy("Close"))
    def close(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        for_each(request, queryset, lambda row, _actor: services.move(conversation=row, to="closed", user=request.user))  # type: ignore[arg-type]


@admin.register(MessageEvent)
class MessageEventAdmin(ReadOnly):
    list_display = ("id", "message", "kind", "occurred_at", "recorded_at", "external_id")
    list_filter = ("kind",)
    list_select_related = ("message",)
    search_fields = ("=external_id", "=message__address_digest")

    def found(self, term: str) -> QuerySet[Any, Any]:
        rows, term = MessageEvent.objects.order_by(), term.strip()
        theirs = rows.filter(message__address_digest=address_digest(term.lower())).values("pk")
        return theirs.union(rows.filter(external_id=term).exclude(external_id="").values("pk"))
