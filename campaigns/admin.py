"""Campaigns, candidates and outcomes for operators. States change through services only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.journey import turns
from campaigns.journey.leaving import exclude
from campaigns.journey.models import Turn
from campaigns.launch import services
from campaigns.models import Campaign, Candidate, Outcome
from campaigns.steps.models import Step
from leads.selectors import ids_found
from outreach.core.admin import Console, ReadOnly, ShownInline, for_each


class Kept(Console):
    """Rows that are made and deleted by the product only."""

    may_add = may_delete = False


class StepInline(ShownInline):
    model = Step
    fields = [
        "number", "action", "channel", "sender", "pool", "pack_version", "instructions", "delay_days", "is_in_thread",
        "condition", "condition_step",
    ]  # fmt: skip
    readonly_fields = fields


@admin.register(Campaign)
class CampaignAdmin(Kept):
    list_display = ["name", "state", "mode", "segment_version", "brief", "audience_frozen_at", "is_demo", "created_at"]
    list_filter = ["state", "mode", "is_demo", "brief"]
    search_fields = ["name", "goal"]
    list_select_related = ["segment_version__segment", "brief"]
    readonly_fields = [
        "state",
        "segment_version",
        "stream",
        "audience_frozen_at",
        "audience_counts",
        "completed_at",
        "mode",
        "time_zone",
        "offer_translations",
        "is_stopped_by_company",
        "skips_holidays",
        "plan_number",
        "daily_limit",
        "sources",
        "next_run_at",
        "day",
        "day_counts",
        "discovered_at",
        "discovery_error",
        "created_by",
        "is_demo",
        "created_at",
        "updated_at",
    ]
    inlines = [StepInline]
    actions = ["pause", "resume", "complete", "archive"]

    @admin.action(description=_("Pause"))
    def pause(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for_each(request, queryset.select_related("stream"), lambda c, by: services.pause(campaign=c, actor=by))

    @admin.action(description=_("Resume"))
    def resume(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for_each(request, queryset.select_related("stream"), lambda c, by: services.resume(campaign=c, actor=by))

    @admin.action(description=_("Complete"))
    def complete(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for_each(request, queryset.select_related("stream"), lambda c, by: services.complete(campaign=c, actor=by))

    @admin.action(description=_("Archive"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for_each(request, queryset.select_related("stream"), lambda c, by: services.archive(campaign=c, actor=by))


class OutcomeInline(ShownInline):
    model = Outcome
    fields = ["kind", "value", "occurred_at", "recorded_at"]
    readonly_fields = fields


@admin.register(Candidate)
class CandidateAdmin(Kept):
    list_display = ["lead", "campaign", "stage", "score", "stage_reason", "problem"]
    list_filter = ["stage", "campaign"]
    search_fields = ["lead__full_name", "lead__company__name"]
    list_select_related = ["lead", "campaign"]
    readonly_fields = [
        "campaign",
        "lead",
        "stage",
        "stage_reason",
        "score",
        "verdict",
        "problem",
        "created_at",
        "updated_at",
    ]
    inlines = [OutcomeInline]
    actions = ["take_out"]

    def found(self, term: str) -> QuerySet[Any, Any]:
        return Candidate.objects.filter(lead__in=ids_found(term)).order_by().values("pk")

    @admin.action(description=_("Exclude from the campaign"))
    def take_out(self, request: HttpRequest, queryset: QuerySet[Candidate]) -> None:
        rows = queryset.select_related("campaign__stream", "lead")
        for_each(request, rows, lambda candidate, by: exclude(candidate=candidate, actor=by))


@admin.register(Turn)
class TurnAdmin(Kept):
    """Conditions that wait and tasks of people. Tasks are done and skipped through the service."""

    list_display = ["candidate", "step", "state", "due_at", "settled_at", "settled_by"]
    list_filter = ["state", "step__action"]
    list_select_related = ["candidate__lead", "candidate__campaign", "step__campaign", "settled_by"]
    readonly_fields = [
        "candidate", "step", "state", "due_at", "looked_at", "settled_at", "settled_by", "note", "created_at",
    ]  # fmt: skip
    actions = ["mark_done", "mark_skipped"]

    @admin.action(description=_("Mark the task done"))
    def mark_done(self, request: HttpRequest, queryset: QuerySet[Turn]) -> None:
        self._settle(request, queryset, turns.do_task)

    @admin.action(description=_("Skip the task"))
    def mark_skipped(self, request: HttpRequest, queryset: QuerySet[Turn]) -> None:
        self._settle(request, queryset, turns.skip_task)

    def _settle(self, request: HttpRequest, queryset: QuerySet[Turn], service: Any) -> None:
        rows = queryset.select_related("step", "candidate")
        for_each(request, rows, lambda turn, _by: service(turn=turn, user=request.user))


@admin.register(Outcome)
class OutcomeAdmin(ReadOnly):
    list_display = ["candidate", "kind", "value", "occurred_at"]
    list_filter = ["kind", "occurred_at"]
    list_select_related = ["candidate__lead", "candidate__campaign"]
    readonly_fields = ["candidate", "kind", "message", "value", "occurred_at", "recorded_at"]
