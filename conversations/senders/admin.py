"""Operators' console: senders. Secrets are entered on the sender's own page."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from conversations.senders import assigning, guarding, selectors, services
from conversations.senders.models import Sender
from outreach.core.admin import ReadOnly, for_each
from outreach.core.models import Actor

BY_HAND = "Done in the console."


@admin.register(Sender)
class SenderAdmin(ReadOnly):
    list_display = (
        "name", "channel", "adapter", "address", "state", "daily_cap", "health_sentence", "verified_at",
        "last_polled_at",
    )  # fmt: skip
    list_filter = ("state", "channel", "adapter")
    search_fields = ("name", "address")
    actions = ("verify", "judge", "pause", "drain", "rehome", "activate")
    exclude = ("credentials_token",)

    @admin.display(description="Health")
    def health_sentence(self, sender: Sender) -> str:
        return str(sender.health.get("sentence", "")) if sender.health else ""

    @admin.action(description="Judge the last seven days")
    def judge(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        rows = list(queryset)
        verdicts = guarding.judge(senders=rows)
        for sender in rows:
            self.message_user(request, f"{sender}: {verdicts[sender.pk].sentence}")

    @admin.action(description="Drain: finish planned messages, take no new leads")
    def drain(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        for_each(request, queryset, lambda row, actor: services.drain_sender(sender=row, actor=actor, reason=BY_HAND))

    @admin.action(description="Move messages to leads not yet contacted to the channel's other senders")
    def rehome(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        def move(sender: Sender, actor: Actor) -> None:
            others = [other for other in selectors.others(sender, tag="") if other not in queryset]
            moved = assigning.rehome(sender=sender, to=others, actor=actor, reason=BY_HAND)
            self.message_user(request, f"{sender}: {moved.sentence()}")

        for_each(request, queryset, move)

    @admin.action(description="Verify with a real sign-in")
    def verify(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        def sign_in(sender: Sender, actor: Actor) -> None:
            self.message_user(request, f"{sender}: {services.verify_sender(sender=sender, actor=actor)}")

        for_each(request, queryset, sign_in)

    @admin.action(description="Pause")
    def pause(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        for_each(request, queryset, lambda row, actor: services.pause_sender(sender=row, actor=actor, reason=BY_HAND))

    @admin.action(description="Activate")
    def activate(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        for_each(request, queryset, lambda row, actor: services.resume_sender(sender=row, actor=actor))
