"""Operators' console: which files steps enclose."""

from __future__ import annotations

from django.contrib import admin

from campaigns.steps.models import StepFile
from outreach.core.admin import ReadOnly


@admin.register(StepFile)
class StepFileAdmin(ReadOnly):
    list_display = ("name", "step", "is_inline", "created_at")
    list_select_related = ("step__campaign",)
