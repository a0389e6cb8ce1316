"""Prompt packs and the labels that point at them, in the operators' console."""

from __future__ import annotations

from django.contrib import admin

from outreach.core.admin import ReadOnly
from outreach.prompts.models import PackLabel, PackVersion


@admin.register(PackVersion)
class PackVersionAdmin(ReadOnly):
    list_display = ["name", "short_sha", "channel", "languages", "created_at"]
    list_filter = ["name", "channel"]
    search_fields = ["name", "sha"]

    @admin.display(description="SHA")
    def short_sha(self, version: PackVersion) -> str:
        return version.sha[:12]


@admin.register(PackLabel)
class PackLabelAdmin(ReadOnly):
    list_display = ["name", "label", "version", "updated_at"]
    list_filter = ["label"]
    list_select_related = ["version"]
