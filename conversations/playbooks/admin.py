"""Operators' view of playbooks."""

from __future__ import annotations

from django.contrib import admin

from conversations.playbooks.models import Playbook, PlaybookVersion
from outreach.core.admin import ReadOnly


@admin.register(Playbook)
class PlaybookAdmin(ReadOnly):
    """Playbooks are written in their editor, which checks them; here they are found."""

    list_display = ("name", "is_default", "archived_at", "created_by", "updated_at")
    list_filter = ("is_default",)
    search_fields = ("name",)
    list_select_related = ("created_by",)


@admin.register(PlaybookVersion)
class PlaybookVersionAdmin(ReadOnly):
    list_display = ("playbook", "number", "created_by", "created_at")
    list_filter = ("playbook",)
    list_select_related = ("playbook", "created_by")
