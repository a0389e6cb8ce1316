"""Subscriptions and deliveries in the operators' console."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from outreach.core.admin import ReadOnly, for_each
from outreach.webhooks import services
from outreach.webhooks.models import Delivery, Subscription


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly):
    list_display = ["id", "connector", "description", "url", "kinds", "is_active", "failures", "succeeded_at"]
    list_filter = ["connector", "is_active"]
    exclude = ["settings"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["id", "subscription", "kind", "state", "attempts", "status_code", "next_attempt_at", "error"]
    list_filter = ["state", "kind", "subscription"]
    list_select_related = ["subscription"]
    actions = ["replay"]

    @admin.action(description=_("Deliver again"))
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        for_each(
            request,
            queryset.select_related("subscription"),
            lambda row, actor: services.replay(delivery=row, actor=actor),
        )
