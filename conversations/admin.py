"""Operators' console: streams, and the outbox row by row. States change by services only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from conversations.dispatch import reconciling
from conversations.models import MESSAGE, Message, MessageEvent
from conversations.outbox import services as outbox
from conversations.outbox import streams
from conversations.outbox.models import Stream
from outreach.core.admin import Shown, ShownInline, for_each
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _


@admin.register(Stream)
class StreamAdmin(Shown):
    list_display = ("name", "state", "priority", "daily_cap", "is_stopped_by_reply", "skips_holidays")
    list_filter = ("state", "skips_holidays")
    search_fields = ("name",)
    actions = ("skip_holidays", "ignore_holidays")

    @admin.action(description="Send nothing on public holidays")
    def skip_holidays(self, request: HttpRequest, queryset: QuerySet[Stream]) -> None:
        self._set(request, queryset, skips=True)

    @admin.action(description="Also send on public holidays")
    def ignore_holidays(self, request: HttpRequest, queryset: QuerySet[Stream]) -> None:
        self._set(request, queryset, skips=False)

    def _set(self, request: HttpRequest, queryset: QuerySet[Stream], *, skips: bool) -> None:
        for stream in queryset:
            streams.set_holidays(stream=stream, skips_holidays=skips, actor=Actor.of(request.user))


class EventInline(ShownInline):
    model = MessageEvent
    fields = readonly_fields = ("kind", "occurred_at", "recorded_at", "external_id", "data")


@admin.register(Message)
class MessageAdmin(Shown):
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
    list_filter = ("state", "direction", "channel", "refused_by", "error_code", "sender")
    list_select_related = ("lead", "sender", "stream")
    search_fields = ("=address", "=rfc_message_id", "=provider_id")
    inlines = (EventInline,)
    actions = ("retry", "retry_paced", "cancel", "look", "settle_sent", "settle_not_sent")

    def found(self, term: str) -> QuerySet[Any, Any]:
        rows, term = Message.objects.order_by(), term.strip()
        addresses = rows.filter(address_digest__in=[address_digest(term), address_digest(term.lower())]).values("pk")
        numbers = [rows.filter(rfc_message_id=term.strip("<>")), rows.filter(provider_id=term).exclude(provider_id="")]
        return addresses.union(*(found.values("pk") for found in numbers))

    @admin.action(description="Retry after the change, one at a time")
    def retry_paced(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        count = outbox.retry_where(Q(pk__in=ids), actor=Actor.of(request.user), reason=_("In the admin console."))
        self.message_user(request, f"{count} of {len(ids)} go out one after the other.")

    @admin.action(description="Check unknown outcomes with the carrier")
    def look(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        rows = queryset.select_related("sender", "stream", "lead").filter(state=MESSAGE.UNKNOWN)[:50]
        settled = sum(reconciling.look(row) for row in rows)
        self.message_user(request, f"{settled} settled.")

    @admin.action(description="Try again now")
    def retry(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        for_each(request, queryset, lambda row, actor: outbox.retry(message=row, actor=actor))

    @admin.action(description="Cancel")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        for_each(
            request,
            queryset,
            lambda row, actor: outbox.cancel(message=row, actor=actor, reason=_("In the admin console.")),
        )

    @admin.action(description="Settle as sent")
    def settle_sent(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._settle(request, queryset, "sent")

    @admin.action(description="Settle as not sent and send again")
    def settle_not_sent(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._settle(request, queryset, "not_sent")

    def _settle(self, request: HttpRequest, queryset: QuerySet[Message], outcome: str) -> None:
        for_each(
            request,
            queryset,
            lambda row, actor: outbox.settle(
                message=row, outcome=outcome, actor=actor, reason=_("In the admin console.")
            ),
        )
