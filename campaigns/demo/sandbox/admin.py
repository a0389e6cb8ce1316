"""What simulated recipients did and will do, in the operators' console."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from campaigns.demo.sandbox.models import SandboxEvent
from outreach.core.admin import ReadOnly


@admin.register(SandboxEvent)
class SandboxEventAdmin(ReadOnly):
    list_display = ["id", "message", "kind", "intent", "due_at", "done_at", "error"]
    list_filter = ["kind", ("done_at", admin.EmptyFieldListFilter)]
    list_select_related = ["message"]
    search_fields = ["message__address"]

    @admin.display(description=_("Intent"))
    def intent(self, event: SandboxEvent) -> str:
        return str(event.payload.get("intent", ""))
