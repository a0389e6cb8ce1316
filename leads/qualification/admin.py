"""Operators' view of briefs and verdicts."""

from __future__ import annotations

from django.contrib import admin

from leads.qualification.models import Brief, Verdict
from outreach.core.admin import ReadOnly


@admin.register(Brief)
class BriefAdmin(ReadOnly):
    """Briefs are written in their editor, which checks the settings; here they are found."""

    list_display = ["name", "use_model", "created_by", "updated_at"]
    list_filter = ["use_model", "created_by"]
    search_fields = ["name", "description"]
    list_select_related = ["created_by"]


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    """Append-only: read only."""

    list_display = [
        "id",
        "lead",
        "brief",
        "source",
        "is_qualified",
        "score",
        "grade",
        "coverage",
        "version",
        "created_at",
    ]
    list_filter = ["source", "is_qualified", "grade", "brief"]
    search_fields = ["lead__full_name", "lead__title_key", "brief__name"]
    list_select_related = ["lead", "brief"]
