"""Operators' console: senders. Secrets are entered on the sender's own page."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from conversations.senders import guarding, selectors, services
from conversations.senders.models import Sender
from outreach.core.errors import OutreachError
from outreach.core.models import Actor


@admin.register(Sender)
class SenderAdmin(ModelAdmin):
    list_display = (
        "name", "channel", "adapter", "address", "state", "daily_cap", "health_sentence", "verified_at",
        "last_polled_at",
    )  # fmt: skip
    list_filter = ("state", "channel", "adapter")
    search_fields = ("name", "address")
    actions = ("verify", "judge", "pause", "drain", "rehome", "activate")
    exclude = ("credentials_token",)

    def get_readonly_fields(self, request: HttpRequest, obj: Sender | None = None) -> list[str]:
        return [field.name for field in Sender._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Sender | None = None) -> bool:
        return False

    @admin.display(description="Health")
    def health_sentence(self, sender: Sender) -> str:
        return str(sender.health.get("sentence", "")) if sender.health else ""

    @admin.action(description="Judge the last seven days")
    def judge(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        rows = list(queryset)
        verdicts = guarding.judge(senders=rows)
        for sender in rows:
            self.message_user(request, f"{sender}: {verdicts[sender.pk].sentence}")

    @admin.action(description="Drain: finish what is planned, take nothing new")
    def drain(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        for sender in queryset:
            try:
                services.drain_sender(sender=sender, actor=Actor.of(request.user), reason="Drained in the admin.")
            except OutreachError as error:
                self.message_user(request, f"{sender}: {error.reason}", messages.ERROR)

    @admin.action(description="Give what is planned for strangers to the other senders of the channel")
    def rehome(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        for sender in queryset:
            others = [other for other in selectors.others(sender, tag="") if other not in queryset]
            try:
                moved = services.rehome(
                    sender=sender, to=others, actor=Actor.of(request.user), reason="Moved in the admin."
                )
                self.message_user(request, f"{sender}: {moved.sentence()}")
            except OutreachError as error:
                self.message_user(request, f"{sender}: {error.reason}", messages.ERROR)

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
