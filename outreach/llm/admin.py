"""Traces, model calls and provider health in the operators' console."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from outreach.core.admin import ReadOnly, ShownInline
from outreach.llm.models import CachedAnswer, Circuit, Evaluation, Interaction, ModelProvider, ModelRoute, Trace


class InteractionInline(ShownInline):
    """The calls of a trace in the order in which they were made."""

    model = Interaction
    fields = ["step", "provider", "model", "latency_ms", "input_tokens", "output_tokens", "cost_usd", "error"]
    readonly_fields = fields
    ordering = ["created_at"]
    show_change_link = True


class EvaluationInline(ShownInline):
    model = Evaluation
    fields = ["name", "score", "label", "reason", "judge", "created_at"]
    readonly_fields = fields


@admin.register(Trace)
class TraceAdmin(ReadOnly):
    list_display = ["started_at", "name", "campaign_id", "lead_id", "session_key", "finished_at", "error", "page"]
    list_filter = ["name", ("error", admin.EmptyFieldListFilter)]
    search_fields = ["=campaign_id", "=lead_id", "=session_key", "=id"]
    inlines = [InteractionInline]

    @admin.display(description=_("tree"))
    def page(self, trace: Trace) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("traces:detail", args=[trace.pk]), _("Read"))


@admin.register(Interaction)
class InteractionAdmin(ReadOnly):
    list_display = [
        "created_at", "step", "route", "provider", "model", "latency_ms", "input_tokens", "output_tokens", "cost_usd",
        "is_cache_hit", "error_class",
    ]  # fmt: skip
    list_filter = ["step", "provider", "model", "is_cache_hit", "error_class"]
    search_fields = ["=id", "=trace__id", "=pack_sha", "=input_hash"]
    inlines = [EvaluationInline]


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnly):
    list_display = ["created_at", "name", "score", "label", "judge", "interaction"]
    list_filter = ["name", "judge"]
    list_select_related = ["interaction"]


@admin.register(CachedAnswer)
class CachedAnswerAdmin(ReadOnly):
    """Deleting a row makes the model answer the next such question again."""

    list_display = ["key", "created_at", "expires_at"]
    search_fields = ["=key"]
    may_delete = True


@admin.register(Circuit)
class CircuitAdmin(ReadOnly):
    list_display = ["provider", "failures", "opened_until", "last_error", "updated_at"]
    actions = ["close"]

    @admin.action(description=_("Try this provider again now"))
    def close(self, request: HttpRequest, queryset: QuerySet[Circuit]) -> None:
        queryset.update(failures=0, opened_until=None)


@admin.register(ModelProvider)
class ModelProviderAdmin(ReadOnly):
    """Connected under Settings → Models."""

    list_display = ["name", "kind", "base_url", "is_local", "updated_at"]


@admin.register(ModelRoute)
class ModelRouteAdmin(ReadOnly):
    list_display = ["route", "chain", "temperature", "max_output_tokens", "updated_at"]
