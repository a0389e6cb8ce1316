"""Operators' view of drafts and approval rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.drafts.models import ApprovalRule, Draft, Revision
from campaigns.models import Candidate
from campaigns.review import many, rules
from leads.selectors import ids_found
from outreach.access.pages import viewer
from outreach.core.admin import Console, ReadOnly
from outreach.core.errors import Invalid


@admin.register(Draft)
class DraftAdmin(ReadOnly):
    list_display = [
        "id",
        "candidate",
        "step",
        "variant",
        "language",
        "state",
        "risk",
        "quality",
        "version",
        "edited_by",
    ]
    list_filter = ["state", "variant", "language", "step__channel", "candidate__campaign"]
    list_select_related = ["candidate__lead", "candidate__campaign", "step__campaign", "edited_by"]
    search_fields = ["=id", "candidate__lead__full_name", "candidate__lead__company__name"]
    actions = ["approve", "reject", "more_formal", "shorter", "exclude_leads"]

    def found(self, term: str) -> QuerySet[Any, Any]:
        rows = Draft.objects.order_by()
        theirs = rows.filter(candidate__in=Candidate.objects.filter(lead__in=ids_found(term)).values("pk")).values("pk")
        return theirs.union(rows.filter(pk=term).values("pk")) if term.isdecimal() and len(term) < 19 else theirs

    @admin.action(description=gettext_lazy("Approve"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Draft]) -> None:
        self._report(request, many.bulk_approve(pairs=_pairs(queryset), user=viewer(request)))

    @admin.action(description=gettext_lazy("Reject"))
    def reject(self, request: HttpRequest, queryset: QuerySet[Draft]) -> None:
        self._report(request, many.bulk_reject(pairs=_pairs(queryset), user=viewer(request)))

    @admin.action(description=gettext_lazy("More formal"))
    def more_formal(self, request: HttpRequest, queryset: QuerySet[Draft]) -> None:
        self._report(request, many.bulk_rewrite(pairs=_pairs(queryset), wish="formal", user=viewer(request)))

    @admin.action(description=gettext_lazy("Shorter"))
    def shorter(self, request: HttpRequest, queryset: QuerySet[Draft]) -> None:
        self._report(request, many.bulk_rewrite(pairs=_pairs(queryset), wish="shorter", user=viewer(request)))

    @admin.action(description=gettext_lazy("Exclude the leads"))
    def exclude_leads(self, request: HttpRequest, queryset: QuerySet[Draft]) -> None:
        self._report(request, many.bulk_exclude(pairs=_pairs(queryset), user=viewer(request)))

    def _report(self, request: HttpRequest, result: many.BulkResult) -> None:
        messages.success(request, _("%(count)s done.") % {"count": len(result.done)})
        for draft_id, reason in result.skipped[:20]:
            messages.warning(request, f"#{draft_id}: {reason}")


def _pairs(queryset: QuerySet[Draft]) -> list[tuple[int, int]]:
    return list(queryset.values_list("pk", "version"))


class ApprovalRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ApprovalRule
        fields = ["name", "action", "campaign", "conditions", "is_active"]

    def clean_conditions(self) -> dict[str, Any]:
        conditions: dict[str, Any] = self.cleaned_data["conditions"] or {}
        try:
            rules.parse_conditions(conditions)
        except Invalid as error:
            raise forms.ValidationError(error.reason) from error
        return conditions


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(Console):
    form = ApprovalRuleForm
    list_display = ["name", "action", "campaign", "conditions", "is_active"]
    list_filter = ["action", "is_active"]
    list_select_related = ["campaign"]
    search_fields = ["name"]


@admin.register(Revision)
class RevisionAdmin(ReadOnly):
    list_display = ["id", "draft_id", "kind", "version", "reason", "author", "created_at"]
    list_filter = ["kind", "reason"]
    search_fields = ["=draft__id"]
    list_select_related = ["author"]
