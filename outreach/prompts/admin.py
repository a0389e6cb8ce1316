"""Operators' view of prompt packs; a version can be made current."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.core.admin import ReadOnly
from outreach.core.models import Actor
from outreach.prompts import lint, rendering, services
from outreach.prompts.models import PRODUCTION, PackLabel, PackVersion


@admin.register(PackVersion)
class PackVersionAdmin(ReadOnly):
    list_display = ["name", "short_sha", "channel", "languages", "labels_shown", "created_at"]
    list_filter = ["name", "channel"]
    search_fields = ["name", "sha"]
    fields = ["name", "sha", "channel", "languages", "findings", "source"]
    readonly_fields = fields
    actions = ["make_current"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PackVersion]:
        rows: QuerySet[PackVersion] = super().get_queryset(request)
        return rows.prefetch_related("labels")

    @admin.display(description=gettext_lazy("version"))
    def short_sha(self, version: PackVersion) -> str:
        return version.sha[:12]

    @admin.display(description=gettext_lazy("labels"))
    def labels_shown(self, version: PackVersion) -> str:
        return ", ".join(version.label_names)

    @admin.display(description=gettext_lazy("lint"))
    def findings(self, version: PackVersion) -> str:
        found = lint.lint(rendering.pack_of(version))
        return "\n".join(f"{f.line}: {f.code} {f.text}" for f in found) or _("Nothing found.")

    @admin.action(description=gettext_lazy("Make this the production version"))
    def make_current(self, request: HttpRequest, queryset: QuerySet[PackVersion]) -> None:
        for version in queryset:
            services.label_version(version, PRODUCTION, actor=Actor.of(request.user))
            messages.success(request, _("%(version)s is the production version now.") % {"version": version})


@admin.register(PackLabel)
class PackLabelAdmin(ReadOnly):
    list_display = ["name", "label", "version", "updated_at"]
    list_filter = ["label"]
    list_select_related = ["version"]
