"""Operators' view of briefs and verdicts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from leads.qualification.models import Brief, Verdict
from leads.selectors import ids_found
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
    search_fields = ["lead__full_name"]
    list_select_related = ["lead", "brief"]

    def found(self, term: str) -> QuerySet[Any, Any]:
        return Verdict.objects.filter(lead__in=ids_found(term)).order_by().values("pk")
