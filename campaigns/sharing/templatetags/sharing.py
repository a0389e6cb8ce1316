"""What the page of reports shows of saved ones."""

from __future__ import annotations

from typing import Any

from django import template

from campaigns.sharing.models import SavedReport

register = template.Library()


@register.inclusion_tag("campaigns/sharing/_bar.html", takes_context=True)
def saved_reports(context: dict[str, Any]) -> dict[str, Any]:
    """The viewer's saved reports as chips, and the form that saves this one."""
    request = context["request"]
    found = SavedReport.objects.visible_to(request.user.pk)
    return {"reports": found, "query": context["query"], "csrf_token": context.get("csrf_token")}
