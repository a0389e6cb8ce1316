"""Operators' view of segments and their versions."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline

from leads.segments import services
from leads.segments.models import Segment, SegmentVersion
from outreach.core.errors import Refused


class VersionInline(TabularInline):
    model = SegmentVersion
    fields = ["number", "criteria_hash", "created_by", "created_at"]
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Segment)
class SegmentAdmin(ModelAdmin):
    """Definitions are edited in the filter builder; here they are found, archived and deleted."""

    list_display = ["name", "description", "created_by", "created_at", "archived_at"]
    list_filter = [("archived_at", admin.EmptyFieldListFilter), "created_by"]
    search_fields = ["name", "description"]
    list_select_related = ["created_by"]
    readonly_fields = ["name", "created_by", "archived_at", "created_at", "updated_at"]
    inlines = [VersionInline]
    actions = ["archive", "restore", "delete_unused"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Archive"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        for segment in queryset:
            services.archive_segment(segment=segment, user=request.user)  # type: ignore[arg-type]
        messages.success(request, _("Archived."))

    @admin.action(description=gettext_lazy("Bring back"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        for segment in queryset:
            services.restore_segment(segment=segment, user=request.user)  # type: ignore[arg-type]
        messages.success(request, _("Brought back."))

    @admin.action(description=gettext_lazy("Delete those that nothing uses"), permissions=["change"])
    def delete_unused(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        for segment in queryset:
            try:
                services.delete_segment(segment=segment, user=request.user)  # type: ignore[arg-type]
            except Refused as error:
                messages.error(request, error.reason)


@admin.register(SegmentVersion)
class SegmentVersionAdmin(ModelAdmin):
    """Immutable: read only."""

    list_display = ["segment", "number", "criteria_hash", "created_by", "created_at"]
    list_filter = ["created_by", "created_at"]
    search_fields = ["segment__name", "criteria_hash"]
    list_select_related = ["segment", "created_by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
