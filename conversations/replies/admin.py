"""Operators' console: how replies were read, what was suggested. States change by services only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from conversations.replies import services
from conversations.replies.models import Reading, Suggestion
from outreach.access.pages import viewer
from outreach.core.admin import ReadOnly, for_each


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
        for_each(request, queryset, lambda row, _actor: services.discard(suggestion=row, user=viewer(request)))
