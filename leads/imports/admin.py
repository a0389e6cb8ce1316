"""Imports in the operators' console: what came, what was rejected. Read-only; actions call services."""

from __future__ import annotations

from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from leads.imports import services
from leads.imports.models import Batch, RejectedRow
from outreach.core.admin import ReadOnly, for_each


@admin.register(Batch)
class BatchAdmin(ReadOnly):
    list_display = [
        "file_name",
        "kind",
        "state",
        "rows",
        "created",
        "updated",
        "rejected",
        "source",
        "created_by",
        "created_at",
    ]
    list_filter = ["state", "kind", "source"]
    list_select_related = ["created_by"]
    search_fields = ["file_name", "session_key", "file_hash"]
    actions = ["run_again"]

    @admin.display(description=gettext_lazy("rows"))
    def rows(self, batch: Batch) -> int | None:
        return cast("int | None", batch.counts.get("rows"))

    @admin.display(description=gettext_lazy("created"))
    def created(self, batch: Batch) -> int | None:
        return cast("int | None", batch.counts.get("created"))

    @admin.display(description=gettext_lazy("updated"))
    def updated(self, batch: Batch) -> int | None:
        return cast("int | None", batch.counts.get("updated"))

    @admin.display(description=gettext_lazy("rejected"))
    def rejected(self, batch: Batch) -> int | None:
        return cast("int | None", batch.counts.get("rejected"))

    @admin.action(description=gettext_lazy("Run (uploaded or failed)"))
    def run_again(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        for_each(request, queryset, lambda batch, actor: services.start(batch=batch, actor=actor))


@admin.register(RejectedRow)
class RejectedRowAdmin(ReadOnly):
    list_display = ["row_number", "code", "reason", "is_warning", "batch"]
    list_filter = ["code", "is_warning"]
    list_select_related = ["batch"]
    search_fields = ["=batch__id", "code"]
