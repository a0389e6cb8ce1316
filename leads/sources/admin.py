"""Crawl jobs and raw records in the operators' console. Read-only; actions call services."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.sources import reading, services
from leads.sources.models import CrawlJob, CrawlPage, RawRecord
from outreach.core.admin import ReadOnly, for_each


@admin.register(CrawlJob)
class CrawlJobAdmin(ReadOnly):
    list_display = [
        "name", "adapter", "state", "done_count", "total_count", "new_count", "failed_count", "reason_code", "refresh_at", "created_at",
    ]  # fmt: skip
    list_filter = ["state", "adapter", "priority"]
    search_fields = ["name"]
    actions = ["pause", "resume", "retry", "cancel"]

    @admin.action(description=gettext_lazy("Pause"))
    def pause(self, request: HttpRequest, queryset: QuerySet[CrawlJob]) -> None:
        for_each(request, queryset, lambda job, actor: services.pause(job=job, actor=actor))

    @admin.action(description=gettext_lazy("Resume"))
    def resume(self, request: HttpRequest, queryset: QuerySet[CrawlJob]) -> None:
        for_each(request, queryset, lambda job, actor: services.resume(job=job, actor=actor))

    @admin.action(description=gettext_lazy("Try again"))
    def retry(self, request: HttpRequest, queryset: QuerySet[CrawlJob]) -> None:
        for_each(request, queryset, lambda job, actor: services.retry(job=job, actor=actor))

    @admin.action(description=gettext_lazy("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[CrawlJob]) -> None:
        for_each(request, queryset, lambda job, actor: services.cancel(job=job, actor=actor))


@admin.register(CrawlPage)
class CrawlPageAdmin(ReadOnly):
    list_display = ["url", "kind", "state", "error_code", "remark", "job", "visited_at"]
    list_filter = ["state", "error_code"]
    list_select_related = ["job"]
    search_fields = ["=job__id"]


@admin.register(RawRecord)
class RawRecordAdmin(ReadOnly):
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

    @admin.display(description=gettext_lazy("text"))
    def seen(self, record: RawRecord) -> SafeString:
        return format_html('<a href="/sources/records/{}/">{}</a>', record.pk, _("show"))

    @admin.action(description=gettext_lazy("Re-read"))
    def read_again(self, request: HttpRequest, queryset: QuerySet[RawRecord]) -> None:
        results = [reading.read(record) for record in queryset]
        counts = ", ".join(f"{results.count(name)} {name}" for name in dict.fromkeys(results))
        messages.success(request, counts or _("nothing to read"))
