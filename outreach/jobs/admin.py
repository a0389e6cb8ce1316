"""Operators' view of queue, jobs and schedules."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.core.admin import Console
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.jobs import services
from outreach.jobs.models import Heartbeat, Job, PeriodicRun, QueueItem


class ReadOnlyAdmin(Console):
    """Rows that only the product writes."""

    may_add = may_change = False


@admin.register(QueueItem)
class QueueItemAdmin(ReadOnlyAdmin):
    list_display = ["id", "lane", "task", "arguments", "attempts", "run_at", "locked_until", "is_dead", "error"]
    list_filter = ["lane", "is_dead"]
    search_fields = ["task", "error"]
    actions = ["run_again"]

    @admin.action(description=gettext_lazy("Run again"))
    def run_again(self, request: HttpRequest, queryset: QuerySet[QueueItem]) -> None:
        count = sum(services.revive(item=item) for item in queryset)
        messages.success(request, _("%(count)s items queued again.") % {"count": count})


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "state", "done_count", "total_count", "outcome", "error", "started_by", "created_at"]
    list_filter = ["state", "kind", "lane"]
    search_fields = ["kind", "outcome", "error"]
    actions = ["run_again", "cancel"]

    @admin.action(description=gettext_lazy("Run again"))
    def run_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, services.run_again)

    @admin.action(description=gettext_lazy("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, services.cancel)

    def _each(self, request: HttpRequest, queryset: QuerySet[Job], work: object) -> None:
        for job in queryset:
            try:
                work(job=job, actor=Actor.of(request.user))  # type: ignore[operator]
            except Refused as error:
                messages.error(request, f"{job}: {error.reason}")


@admin.register(PeriodicRun)
class PeriodicRunAdmin(ReadOnlyAdmin):
    list_display = ["name", "planned_at", "started_at", "finished_at", "outcome", "error"]
    list_filter = ["name"]
    search_fields = ["name", "error"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["name", "beat_at", "host", "pid"]
