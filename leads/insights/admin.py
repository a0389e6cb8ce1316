"""Facts, insights, documents and spending in the operators' console. Read-only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from leads.insights import services
from leads.insights.models import Document, Fact, Insight, LeadEmbedding, ResearchSpending
from outreach.access.pages import viewer
from outreach.core.admin import ReadOnly, for_each


@admin.register(Insight)
class InsightAdmin(ReadOnly):
    list_display = ["__str__", "fit_score", "brief", "provider", "updated_at"]
    list_select_related = ["lead", "company", "brief"]
    list_filter = ["provider"]
    actions = ["research_again"]

    @admin.action(description=gettext_lazy("Research again"), permissions=["act"])
    def research_again(self, request: HttpRequest, queryset: QuerySet[Insight]) -> None:
        user = viewer(request)
        start: Callable[..., Any] = services.start_research
        for_each(
            request,
            queryset.select_related("lead", "company", "brief"),
            lambda row, _actor: start(lead=row.lead, company=row.company, brief=row.brief, started_by=user),
        )

    def has_act_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_role("operator"))  # type: ignore[union-attr]


@admin.register(Fact)
class FactAdmin(ReadOnly):
    list_display = ["__str__", "researcher", "url", "fetched_at"]
    list_filter = ["researcher"]
    raw_id_fields = ["lead", "company"]


@admin.register(Document)
class DocumentAdmin(ReadOnly):
    list_display = ["url", "kind", "quality", "problem", "read_at"]
    list_filter = ["kind"]
    raw_id_fields = ["lead"]


@admin.register(ResearchSpending)
class ResearchSpendingAdmin(ReadOnly):
    list_display = ["researcher", "day", "calls"]
    list_filter = ["researcher"]


@admin.register(LeadEmbedding)
class LeadEmbeddingAdmin(ReadOnly):
    list_display = ["lead_id", "embedder", "at"]
    fields = ["lead", "embedder", "content_hash", "at"]
    raw_id_fields = ["lead"]
