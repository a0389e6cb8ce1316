"""Relations in the operators' console."""

from __future__ import annotations

from django.contrib import admin

from conversations.network.models import Relation
from outreach.core.admin import ReadOnly


@admin.register(Relation)
class RelationAdmin(ReadOnly):
    list_display = ["lead", "sender", "state", "invited_at", "connected_at", "check_count", "next_check_at"]
    list_filter = ["state", "sender"]
    list_select_related = ["lead", "sender"]
    raw_id_fields = ["lead", "invitation"]
