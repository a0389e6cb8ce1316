"""Operators' view of live sets."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.audience import live
from campaigns.audience.models import LiveSet
from outreach.core.admin import Shown


@admin.register(LiveSet)
class LiveSetAdmin(Shown):
    """Read only: a set follows from its campaign; matching can be re-run."""

    list_display = ["campaign", "segment_version", "channel", "size", "entered_count", "left_count", "evicted_count", "matched_at", "match_ms"]  # fmt: skip
    list_filter = ["channel", "needs_match", "matched_at"]
    search_fields = ["campaign__name"]
    list_select_related = ["campaign", "segment_version__segment"]
    actions = ["match"]

    @admin.action(description=gettext_lazy("Re-run matching"))
    def match(self, request: HttpRequest, queryset: QuerySet[LiveSet]) -> None:
        for row in queryset:
            live.match(campaign_id=row.campaign_id)
        messages.success(request, _("Matched."))
