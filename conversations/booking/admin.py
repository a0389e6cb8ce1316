"""Operators' console: connect booking pages; see the calls."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversations.booking import services
from conversations.booking.models import Booking, BookingPage
from outreach.core.admin import Console, ReadOnly
from outreach.core.models import Actor


@admin.register(BookingPage)
class BookingPageAdmin(Console):
    """Added with a name and a provider; address and secret are then pasted at the provider."""

    list_display = ("name", "provider", "last_event_at", "created_at")
    fields = ("name", "provider", "webhook_url", "webhook_secret", "last_event_at")
    readonly_fields = ("webhook_url", "webhook_secret", "last_event_at")
    may_change = False

    def get_fields(self, request: HttpRequest, obj: BookingPage | None = None) -> Any:
        return self.fields if obj else ("name", "provider")

    @admin.display(description=_("Webhook address"))
    def webhook_url(self, page: BookingPage) -> str:
        return f"{settings.PUBLIC_BASE_URL.rstrip('/')}{reverse('inbound:booking', args=[page.pk])}"

    @admin.display(description=_("Webhook secret"))
    def webhook_secret(self, page: BookingPage) -> str:
        return page.secret

    def save_model(self, request: HttpRequest, obj: BookingPage, form: Any, change: bool) -> None:
        made = services.connect(name=obj.name, provider=obj.provider, actor=Actor.of(request.user))
        obj.pk, obj.secret_token = made.pk, made.secret_token

    def delete_model(self, request: HttpRequest, obj: BookingPage) -> None:
        services.disconnect(page=obj, actor=Actor.of(request.user))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for page in queryset:
            self.delete_model(request, page)


@admin.register(Booking)
class BookingAdmin(ReadOnly):
    list_display = ("id", "conversation", "title", "starts_at", "state", "source", "name")
    list_filter = ("state", "source")
    list_select_related = ("conversation__lead",)
