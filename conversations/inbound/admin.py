"""What came in, in the operators' console: shown as text only, never rendered."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from conversations.inbound import services
from conversations.inbound.models import FeedbackCursor, InboundEvent, MailboxCursor
from outreach.core.admin import ReadOnly, for_each
from outreach.core.words import gettext as _

SHOWN_CHARACTERS = 50_000


@admin.register(InboundEvent)
class InboundEventAdmin(ReadOnly):
    list_display = ["id", "source", "kind", "state", "sender", "message", "attempts", "error", "received_at"]
    list_filter = ["state", "source", "kind"]
    list_select_related = ["sender", "message"]
    search_fields = ["external_id", "error"]
    show_full_result_count = False
    fields = [
        "source",
        "external_id",
        "sender",
        "state",
        "kind",
        "message",
        "attempts",
        "error",
        "received_at",
        "handled_at",
        "fields",
        "raw",
    ]
    readonly_fields = ["raw"]
    actions = ["handle_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundEvent]:
        rows: QuerySet[InboundEvent] = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("_changelist")
        return rows.defer("body", "fields") if is_list else rows

    @admin.display(description=gettext_lazy("Raw message"))
    def raw(self, event: InboundEvent) -> SafeString:
        text = bytes(event.body).decode("utf-8", "replace")
        return format_html("<pre>{}</pre>", text[:SHOWN_CHARACTERS])

    @admin.action(description=gettext_lazy("Process again"))
    def handle_again(self, request: HttpRequest, queryset: QuerySet[InboundEvent]) -> None:
        for_each(
            request,
            queryset,
            lambda row, actor: services.handle_again(event=row, actor=actor, reason=_("In the admin console.")),
        )


@admin.register(MailboxCursor)
class MailboxCursorAdmin(ReadOnly):
    list_display = ["sender", "folder", "uid_validity", "last_uid", "polled_at"]
    list_filter = ["folder"]
    list_select_related = ["sender"]
    search_fields = ["sender__name"]


@admin.register(FeedbackCursor)
class FeedbackCursorAdmin(ReadOnly):
    list_display = ("sender", "swept_at", "after_sent_at", "error")
    list_select_related = ("sender",)
