"""Operators' console: requests for pixels and links, and their classification."""

from __future__ import annotations

from django.contrib import admin

from conversations.tracking.models import Hit, TrackedLink
from outreach.core.admin import ReadOnly


@admin.register(Hit)
class HitAdmin(ReadOnly):
    list_display = ("id", "message", "link", "verdict", "method", "user_agent", "at")
    list_filter = ("verdict", "method")
    list_select_related = ("message", "link")
    raw_id_fields = ("message", "link")
    show_full_result_count = False


@admin.register(TrackedLink)
class TrackedLinkAdmin(ReadOnly):
    list_display = ("id", "message", "number", "url")
    list_select_related = ("message",)
    show_full_result_count = False
