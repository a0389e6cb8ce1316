"""What the home page says about models: what they cost, and that they do not answer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from outreach.access.permissions import viewer_has
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.home import Panel
from outreach.core.words import gettext as _
from outreach.llm.models import Interaction
from outreach.llm.routing import BUILTIN

RECENT = timedelta(hours=24)
MOST_READ = 200


def spend(request: HttpRequest) -> Panel | None:
    """Calls, tokens and cost of today and of this month, in the viewer's time; nothing when no model was asked."""
    if not viewer_has(request, Role.OPERATOR):
        return None
    today = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    is_today = Q(created_at__gte=today)
    tokens = Coalesce(F("input_tokens"), 0) + Coalesce(F("output_tokens"), 0)
    rows = Interaction.objects.filter(created_at__gte=today.replace(day=1), is_cache_hit=False).exclude(
        provider=BUILTIN
    )
    sums = rows.aggregate(
        calls=Count("pk"),
        calls_today=Count("pk", filter=is_today),
        tokens=Sum(tokens),
        tokens_today=Sum(tokens, filter=is_today),
        cost=Sum("cost_usd"),
        cost_today=Sum("cost_usd", filter=is_today),
    )
    if not sums["calls"]:
        return None
    lines = [
        (_("Today"), sums["calls_today"], sums["tokens_today"] or 0, sums["cost_today"]),
        (_("This month"), sums["calls"], sums["tokens"] or 0, sums["cost"]),
    ]
    shown = [
        (name, calls, used, None if cost is None else cost.quantize(Decimal("0.01")))
        for name, calls, used, cost in lines
    ]
    return Panel(_("Language models"), "llm/_home_spend.html", {"lines": shown}, 60, "side")


def models_failing(request: HttpRequest) -> Panel | None:
    """What rules answered in the last day because no model did, with the reasons; nothing when all is well."""
    if not viewer_has(request, Role.REVIEWER):
        return None
    rows = Interaction.objects.filter(
        provider=BUILTIN, created_at__gt=clock.now() - RECENT, parameters__has_key="because"
    ).order_by("-created_at")
    reasons = list(rows.values_list("parameters__because", flat=True)[:MOST_READ])
    if not reasons:
        return None
    context = {"count": len(reasons), "is_more": len(reasons) == MOST_READ, "reasons": list(dict.fromkeys(reasons))[:3]}
    return Panel(_("Model not answering"), "llm/_home_failing.html", context, 5)
