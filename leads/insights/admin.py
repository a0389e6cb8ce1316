"""Facts, insights, documents and spending in the operators' console. Read-only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.imports.admin import ReadOnlyAdmin
from leads.insights import services
from leads.insights.models import Document, Fact, Insight, LeadEmbedding, ResearchSpending
from outreach.access.models import User
from outreach.core.errors import OutreachError


@admin.register(Insight)
class InsightAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "fit_score", "brief", "provider", "updated_at"]
    list_select_related = ["lead", "company", "brief"]
    list_filter = ["provider"]
    show_full_result_count = False
    actions = ["research_again"]

    @admin.action(description=gettext_lazy("Research again"), permissions=["act"])
    def research_again(self, request: HttpRequest, queryset: QuerySet[Insight]) -> None:
        user, done = cast("User", request.user), 0
        for row in queryset.select_related("lead", "company", "brief"):
            start: Callable[..., Any] = services.start_research
            try:
                start(lead=row.lead, company=row.company, brief=row.brief, started_by=user)
            except OutreachError as error:
                messages.error(request, f"{row}: {error.reason}")
            else:
                done += 1
        messages.success(request, _("%(count)s done.") % {"count": done})

    def has_act_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_role("operator"))  # type: ignore[union-attr]


@admin.register(Fact)
class FactAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "researcher", "url", "fetched_at"]
    list_filter = ["researcher"]
    raw_id_fields = ["lead", "company"]
    show_full_result_count = False


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ["url", "kind", "quality", "problem", "read_at"]
    list_filter = ["kind"]
    raw_id_fields = ["lead"]
    show_full_result_count = False


@admin.register(ResearchSpending)
class ResearchSpendingAdmin(ReadOnlyAdmin):
    list_display = ["researcher", "day", "calls"]
    list_filter = ["researcher"]


@admin.register(LeadEmbedding)
class LeadEmbeddingAdmin(ReadOnlyAdmin):
    list_display = ["lead_id", "embedder", "at"]
    fields = ["lead", "embedder", "content_hash", "at"]
    raw_id_fields = ["lead"]
    show_full_result_count = False
