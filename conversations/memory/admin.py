"""Operators' console: what is remembered. It changes beside the conversation."""

from __future__ import annotations

from django.contrib import admin

from conversations.memory.models import Memory
from outreach.core.admin import ReadOnly


@admin.register(Memory)
class MemoryAdmin(ReadOnly):
    list_display = ("id", "conversation", "topic", "text", "term", "origin", "mentions", "is_pinned", "ending")
    list_filter = ("topic", "term", "origin", "ending", "is_pinned")
    list_select_related = ("conversation__lead",)
    search_fields = ("text",)
