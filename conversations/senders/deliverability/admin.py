"""Operators' console: domains of recipients and the mail providers behind them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from conversations.senders.deliverability import services
from conversations.senders.deliverability.models import MailDomain
from outreach.core.admin import Shown


@admin.register(MailDomain)
class MailDomainAdmin(Shown):
    list_display = ("domain", "provider", "status", "looked_up_at", "next_look_at")
    list_filter = ("provider", "status")
    search_fields = ("domain",)
    actions = ("look_up",)

    @admin.action(description="Look up again")
    def look_up(self, request: HttpRequest, queryset: QuerySet[MailDomain]) -> None:
        for row in queryset[:50]:
            found = services.look_up(row)
            self.message_user(request, f"{found.domain}: {found.provider} ({found.status})")
