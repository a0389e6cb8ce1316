"""Operators' view of segments and their versions."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from leads.segments import services
from leads.segments.models import Segment, SegmentVersion
from outreach.access.pages import viewer
from outreach.core.admin import Console, ReadOnly, ShownInline, for_each


class VersionInline(ShownInline):
    model = SegmentVersion
    fields = ["number", "criteria_hash", "created_by", "created_at"]
    readonly_fields = fields
    show_change_link = True


@admin.register(Segment)
class SegmentAdmin(Console):
    """Definitions are edited in the filter builder; here they are found, archived and deleted."""

    list_display = ["name", "description", "created_by", "created_at", "archived_at"]
    list_filter = [("archived_at", admin.EmptyFieldListFilter), "created_by"]
    search_fields = ["name", "description"]
    list_select_related = ["created_by"]
    readonly_fields = ["name", "created_by", "archived_at", "created_at", "updated_at"]
    inlines = [VersionInline]
    actions = ["archive", "restore", "delete_unused"]
    may_add = may_delete = False

    @admin.action(description=gettext_lazy("Archive"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        user = viewer(request)
        for_each(request, queryset, lambda segment, _actor: services.archive_segment(segment=segment, user=user))

    @admin.action(description=gettext_lazy("Restore"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        user = viewer(request)
        for_each(request, queryset, lambda segment, _actor: services.restore_segment(segment=segment, user=user))

    @admin.action(description=gettext_lazy("Delete unused"), permissions=["change"])
    def delete_unused(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        user = viewer(request)
        for_each(request, queryset, lambda segment, _actor: services.delete_segment(segment=segment, user=user))


@admin.register(SegmentVersion)
class SegmentVersionAdmin(ReadOnly):
    """Immutable: read only."""

    list_display = ["segment", "number", "criteria_hash", "created_by", "created_at"]
    list_filter = ["created_by", "created_at"]
    search_fields = ["segment__name", "criteria_hash"]
    list_select_related = ["segment", "created_by"]
