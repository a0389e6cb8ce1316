"""Duplicates and merges in the operators' console. Read-only; actions call services."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from leads.duplicates import services
from leads.duplicates.models import Duplicate, Merge
from outreach.core.admin import ReadOnly, for_each


@admin.register(Duplicate)
class DuplicateAdmin(ReadOnly):
    list_display = ["__str__", "kind", "reason", "score", "state", "decided_by", "decided_at"]
    list_filter = ["state", "kind", "reason"]
    list_select_related = ["low_lead", "high_lead", "low_company", "high_company"]
    actions = ["merge_into_older", "keep_apart", "take_back"]

    @admin.action(description=gettext_lazy("Merge into the older one"), permissions=["act"])
    def merge_into_older(self, request: HttpRequest, queryset: QuerySet[Duplicate]) -> None:
        for_each(
            request,
            queryset,
            lambda row, actor: services.merge_pair(pair=row, kept_id=row.low.pk if row.low else 0, actor=actor),
        )

    @admin.action(description=gettext_lazy("Keep apart"), permissions=["act"])
    def keep_apart(self, request: HttpRequest, queryset: QuerySet[Duplicate]) -> None:
        for_each(request, queryset, lambda row, actor: services.keep_apart(pair=row, actor=actor))

    @admin.action(description=gettext_lazy("Undo the decision"), permissions=["act"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Duplicate]) -> None:
        for_each(request, queryset, lambda row, actor: services.take_back(pair=row, actor=actor))

    def has_act_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_role("operator"))  # type: ignore[union-attr]


@admin.register(Merge)
class MergeAdmin(ReadOnly):
    list_display = ["__str__", "kind", "kept_id", "lost_id", "actor", "created_at", "undone_at"]
    list_filter = ["kind"]
    search_fields = ["=kept_id", "=lost_id"]
    actions = ["undo"]

    @admin.action(description=gettext_lazy("Undo"), permissions=["act"])
    def undo(self, request: HttpRequest, queryset: QuerySet[Merge]) -> None:
        for_each(request, queryset, lambda row, actor: services.undo(merge=row, actor=actor))

    def has_act_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_role("operator"))  # type: ignore[union-attr]
