"""Companies and leads in the operators' console."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads import services
from leads.directory import erasing
from leads.imports.exports import downloads
from leads.models import Company, Identity, Lead
from leads.selectors import company_query, matching
from outreach.core.admin import Console, ShownInline
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.core.words import gettext as sentence


class IdentityInline(ShownInline):
    model = Identity
    fields = ["channel", "address", "is_primary", "status", "status_reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["channel", "address"]


@admin.register(Company)
class CompanyAdmin(Console):
    list_display = ["name", "country", "industry", "employee_count", "tax_id", "source", "created_at"]
    list_filter = ["country", "industry", "is_sme", "source"]
    search_fields = ["name_key", "domain", "tax_id", "registration_number"]
    readonly_fields = ["name_key", "batch", "session_key", "created_at", "updated_at"]

    def found(self, term: str) -> QuerySet[Any, Any]:
        numbers = Company.objects.filter(registration_number=term.strip()).exclude(registration_number="")
        return company_query(search=term).order_by().values("pk").union(numbers.values("pk"))

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        """Uses the same services as every other surface, so keys, hashes and the audit trail are right."""
        fields = {n: form.cleaned_data[n] for n in form.changed_data if n in services.COMPANY_FIELDS}
        actor = Actor.of(request.user)
        if change:
            services.update_company(company=obj, actor=actor, fields=fields)
        else:
            obj.pk = services.create_company(actor=actor, fields=fields).pk
        obj.refresh_from_db()


@admin.register(Lead)
class LeadAdmin(Console):
    list_display = ["__str__", "title", "company", "country", "status", "source", "last_contacted_at", "created_at"]
    list_filter = ["kind", "country", "language", "status", "source"]
    list_select_related = ["company"]
    search_fields = ["name_key", "identities__address", "company__name_key"]
    autocomplete_fields = ["company"]
    readonly_fields = [
        "name_key", "title_key", "content_hash", "batch", "session_key", "last_contacted_at", "last_replied_at", "erased_at",
        "created_at", "updated_at",
    ]  # fmt: skip
    inlines = [IdentityInline]
    actions = ["export", "erase"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return matching(queryset, search_term), False

    def save_model(self, request: HttpRequest, obj: Lead, form: Any, change: bool) -> None:
        """Uses the same services as every other surface, so keys, hashes and the audit trail are right."""
        fields = {n: form.cleaned_data[n] for n in form.changed_data if n in services.LEAD_FIELDS}
        actor = Actor.of(request.user)
        if change:
            services.update_lead(lead=obj, actor=actor, fields=fields)
        else:
            obj.pk = services.create_lead(actor=actor, fields=fields).pk
        obj.refresh_from_db()

    @admin.action(description=gettext_lazy("Export as CSV"))
    def export(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        ids = list(queryset.values_list("pk", flat=True))
        return downloads.export_response(downloads.start_export(request, scope="leads", parameters={"ids": ids}))

    @admin.action(description=gettext_lazy("Erase personal data"), permissions=["delete"])
    def erase(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse | None:
        """Asks for confirmation on a separate page that lists everyone."""
        leads = queryset.filter(Q(erased_at=None) | Q(merged_into__isnull=False))
        if leads and "is_sure" not in request.POST:
            context = self.admin_site.each_context(request) | {
                "title": _("Erase personal data"),
                "leads": leads,
                "opts": self.opts,
                "checkbox_name": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/leads/erase.html", context)
        for lead in leads:
            try:
                erasing.erase(lead=lead, actor=Actor.of(request.user), reason=sentence("In the admin console."))
            except OutreachError as error:
                messages.error(request, error.reason)
            else:
                messages.success(request, _("Erased.") + f" #{lead.pk}")
        return None

    def has_delete_permission(self, request: HttpRequest, obj: Lead | None = None) -> bool:
        """Leads are erased, never deleted; the permission guards the action only."""
        return obj is None and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
