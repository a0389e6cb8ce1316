"""Operators' console: senders. Secrets are entered on the sender's own page."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from conversations.senders import services
from conversations.senders.models import Sender
from outreach.core.errors import OutreachError
from outreach.core.models import Actor


@admin.register(Sender)
class SenderAdmin(ModelAdmin):
    list_display = ("name", "channel", "adapter", "address", "state", "daily_cap", "verified_at", "last_polled_at")
    list_filter = ("state", "channel", "adapter")
    search_fields = ("name", "address")
    actions = ("verify", "pause", "activate")
    exclude = ("credentials_token",)

    def get_readonly_fields(self, request: HttpRequest, obj: Sender | None = None) -> list[str]:
        return [field.name for field in Sender._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Sender | None = None) -> bool:
        return False

    @admin.action(description="Verify: sign in for real")
    def verify(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        for sender in queryset:
            try:
                found = services.verify_sender(sender=sender, actor=Actor.of(request.user))
                self.message_user(request, f"{sender}: {found}")
            except OutreachError as error:
                self.message_user(request, f"{sender}: {error.reason}", messages.ERROR)

    @admin.action(description="Pause")
    def pause(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        for sender in queryset:
            try:
                services.pause_sender(sender=sender, actor=Actor.of(request.user), reason="Paused in the admin.")
            except OutreachError as error:
                self.message_user(request, f"{sender}: {error.reason}", messages.ERROR)

    @admin.action(description="Activate")
    def activate(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        for sender in queryset:
            try:
                services.resume_sender(sender=sender, actor=Actor.of(request.user))
            except OutreachError as error:
                self.message_user(request, f"{sender}: {error.reason}", messages.ERROR)
