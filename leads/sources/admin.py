"""Crawl jobs and raw records in the operators' console. Read-only; actions call services."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from leads.sources import reading, services
from leads.sources.models import CrawlJob, CrawlPage, RawRecord
from outreach.core.errors import OutreachError
from outreach.core.models import Actor


class ReadOnlyAdmin(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(CrawlJob)
class CrawlJobAdmin(ReadOnlyAdmin):
    list_display = [
        "name", "adapter", "state", "done_count", "total_count", "new_count", "failed_count", "reason_code", "refresh_at", "created_at",
    ]  # fmt: skip
    list_filter = ["state", "adapter", "priority"]
    search_fields = ["name"]
    actions = ["pause", "resume", "retry", "cancel"]
    show_full_result_count = False

    @admin.action(description=gettext_lazy("Pause"))
    def pause(self, request: HttpRequest, queryset: QuerySet[CrawlJob]) -> None:
        self._each(request, queryset, services.pause)

    @admin.action(description=gettext_lazy("Resume"))
    def resume(self, request: HttpRequest, queryset: QuerySet[CrawlJob]) -> None:
        self._each(request, queryset, services.resume)

    @admin.action(description=gettext_lazy("Try again"))
    def retry(self, request: HttpRequest, queryset: QuerySet[CrawlJob]) -> None:
        self._each(request, queryset, services.retry)

    @admin.action(description=gettext_lazy("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[CrawlJob]) -> None:
        self._each(request, queryset, services.cancel)

    def _each(self, request: HttpRequest, queryset: QuerySet[CrawlJob], work: Callable[..., CrawlJob]) -> None:
        for job in queryset:
            try:
                work(job=job, actor=Actor.of(request.user))
            except OutreachError as error:
                messages.error(request, f"{job}: {error.reason}")
            else:
                messages.success(request, f"{job}: {job.get_state_display()}")


@admin.register(CrawlPage)
class CrawlPageAdmin(ReadOnlyAdmin):
    list_display = ["url", "kind", "state", "error_code", "remark", "job", "visited_at"]
    list_filter = ["state", "error_code"]
    list_select_related = ["job"]
    search_fields = ["=job__id"]
    show_full_result_count = False


@admin.register(RawRecord)
class RawRecordAdmin(ReadOnlyAdmin):
    list_display = [
        "external_id",
        "source",
        "media_type",
        "size",
        "problem_code",
        "adapter_version",
        "lead",
        "last_seen_at",
        "seen",
    ]
    list_filter = ["adapter", "adapter_version", "problem_code"]
    list_select_related = ["lead"]
    search_fields = ["=external_id", "=url"]
    exclude = ["body"]
    actions = ["read_again"]
    show_full_result_count = False

    @admin.display(description=gettext_lazy("text"))
    def seen(self, record: RawRecord) -> SafeString:
        return format_html('<a href="/sources/records/{}/">{}</a>', record.pk, _("show"))

    @admin.action(description=gettext_lazy("Read again"))
    def read_again(self, request: HttpRequest, queryset: QuerySet[RawRecord]) -> None:
        results = [reading.read(record) for record in queryset]
        counts = ", ".join(f"{results.count(name)} {name}" for name in dict.fromkeys(results))
        messages.success(request, counts or _("nothing to read"))
