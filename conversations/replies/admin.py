"""Operators' console: conversations, how replies were read, what was suggested. States change by services only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.inbox import services as inbox
from conversations.models import Conversation, MessageEvent
from conversations.replies import services
from conversations.replies.models import Reading, Suggestion
from outreach.access.models import User
from outreach.core.admin import ReadOnly
from outreach.core.errors import OutreachError


def _each(request: HttpRequest, rows: QuerySet[Any], work: Callable[[Any, User], object]) -> None:
    count = 0
    for row in rows:
        try:
            work(row, request.user)  # type: ignore[arg-type]
            count += 1
        except OutreachError as error:
            messages.warning(request, f"{row}: {error.reason}")
    messages.success(request, _("%(count)s changed.") % {"count": count})


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
    search_fields = ("contact", "lead__full_name", "lead__identities__address")
    actions = ("take_over", "release", "close")

    @admin.action(description=gettext_lazy("Take over"))
    def take_over(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        _each(request, queryset, lambda row, user: inbox.take_over(conversation=row, user=user))

    @admin.action(description=gettext_lazy("Give back to the AI"))
    def release(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        _each(request, queryset, lambda row, user: inbox.release(conversation=row, user=user))

    @admin.action(description=gettext_lazy("Close"))
    def close(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        _each(request, queryset, lambda row, user: inbox.move(conversation=row, to="closed", user=user))


@admin.register(MessageEvent)
class MessageEventAdmin(ReadOnly):
    list_display = ("id", "message", "kind", "occurred_at", "recorded_at", "external_id")
    list_filter = ("kind",)
    list_select_related = ("message",)
    search_fields = ("external_id", "message__address")


@admin.register(Reading)
class ReadingAdmin(ReadOnly):
    list_display = ("id", "message", "intent", "source", "confidence", "language", "decided_by", "created_at")
    list_filter = ("intent", "source", "language")
    list_select_related = ("message", "decided_by")
    search_fields = ("message__body", "message__address")


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnly):
    list_display = ("id", "conversation", "channel", "state", "decided_by", "decided_at", "created_at")
    list_filter = ("state", "channel")
    list_select_related = ("conversation__lead", "decided_by")
    search_fields = ("body",)
    actions = ("discard",)

    @admin.action(description=gettext_lazy("Discard"))
    def discard(self, request: HttpRequest, queryset: QuerySet[Suggestion]) -> None:
        _each(request, queryset, lambda row, user: services.discard(suggestion=row, user=user))
