"""Operators' console: suppressions and the consent ledger, append-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from conversations.consent.models import ConsentEntry, Hold, Suppression
from conversations.consent.selectors import search
from conversations.consent.services import lift, record_consent
from outreach.core.admin import Shown, for_each
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.core.words import gettext as _


@admin.register(Suppression)
class SuppressionAdmin(Shown):
    list_display = ("id", "reason", "channel", "address", "domain", "lead", "actor", "created_at", "lifted_at")
    list_filter = ("reason", "channel", ("lifted_at", admin.EmptyFieldListFilter))
    list_select_related = ("lead",)
    search_fields = ("=domain",)
    search_help_text = "An address (found by its hash) or a domain"
    actions = ("lift",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        return (queryset & search(search_term) if search_term else queryset), False

    @admin.action(description="Lift")
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        reason = _("In the admin console.")
        for_each(request, queryset, lambda row, actor: lift(suppression=row, actor=actor, reason=reason))


@admin.register(ConsentEntry)
class ConsentEntryAdmin(Shown):
    list_display = ("lead", "channel", "basis", "source", "actor", "created_at", "expires_at")
    list_filter = ("basis", "channel")
    list_select_related = ("lead",)
    raw_id_fields = ("lead",)
    fields = ("lead", "channel", "basis", "source", "evidence", "text_shown", "expires_at")
    may_add = True

    def get_readonly_fields(self, request: HttpRequest, obj: object | None = None) -> list[str]:
        return super().get_readonly_fields(request, obj) if obj else []

    def save_model(self, request: HttpRequest, obj: ConsentEntry, form: Any, change: bool) -> None:
        """Append by the service, which checks and writes the audit row; lines are never changed."""
        if change:
            return
        try:
            entry = record_consent(
                lead=obj.lead,
                channel=obj.channel,
                basis=obj.basis,
                source=obj.source,
                evidence=obj.evidence,
                text_shown=obj.text_shown,
                expires_at=obj.expires_at,
                actor=Actor.of(request.user),
            )
        except OutreachError as error:
            raise ValidationError(error.reason) from error
        obj.pk = entry.pk


@admin.register(Hold)
class HoldAdmin(Shown):
    list_display = (
        "id",
        "question",
        "conversation",
        "message",
        "evidence",
        "created_at",
        "decided_at",
        "decided_by",
        "outcome",
    )
    list_filter = (("decided_at", admin.EmptyFieldListFilter), "question", "outcome")
    list_select_related = ("message", "conversation__lead")
    raw_id_fields = ("message", "conversation")
