"""Hosts in the operators' console: why requests are paused, what robots.txt says; an action to retry."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.core.admin import ReadOnly
from outreach.web.models import Host
from outreach.web.politeness import resume_requests


@admin.register(Host)
class HostAdmin(ReadOnly):
    list_display = ["origin", "failures", "opened_until", "robots_status", "robots_at", "last_error"]
    search_fields = ["origin"]
    list_filter = ["robots_status"]
    actions = ["ask_again"]

    @admin.action(description=gettext_lazy("Retry now"))
    def ask_again(self, request: HttpRequest, queryset: QuerySet[Host]) -> None:
        for host in queryset:
            resume_requests(host.origin)
        messages.success(request, _("The hosts will be contacted again and their robots.txt re-read."))
