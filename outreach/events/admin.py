"""Domain events and their subscribers, in the operators' console."""

from __future__ import annotations

from django.contrib import admin

from outreach.core.admin import ReadOnly
from outreach.events.models import Delivery, Event, Follower


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ["id", "kind", "payload", "at"]
    list_filter = ["kind"]
    date_hierarchy = None


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["event", "subscriber", "done_at", "attempts", "next_attempt_at", "error"]
    list_filter = [("done_at", admin.EmptyFieldListFilter), "subscriber"]
    list_select_related = ["event"]


@admin.register(Follower)
class FollowerAdmin(ReadOnly):
    list_display = ["subscriber", "pattern"]
