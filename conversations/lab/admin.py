"""Operators' view of the lab."""

from __future__ import annotations

from django.contrib import admin

from conversations.lab.models import Play, Run
from outreach.core.admin import ReadOnly


@admin.register(Run)
class RunAdmin(ReadOnly):
    list_display = ("__str__", "seed", "rounds", "asks_models", "created_by", "finished_at")
    list_select_related = ("playbook_version__playbook", "created_by")


@admin.register(Play)
class PlayAdmin(ReadOnly):
    list_display = ("persona", "language", "number", "outcome", "answers", "doubts", "cost")
    list_filter = ("outcome", "persona", "language")
