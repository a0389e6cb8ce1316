"""Acting on a relation from the page of its lead; the browser works in the lane `web`, not in the request."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.network.models import Relation
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.audit import record
from outreach.core.models import Actor
from outreach.jobs.services import enqueue


@require_POST
@role_required(Role.OPERATOR)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /network/relations/<pk>/look/"""
    relation = get_object_or_404(Relation, pk=pk)
    enqueue("conversations.network.tasks.look", pk, lane="web", key=f"network.look:{pk}", priority=5)
    messages.success(request, _("A browser is checking. The result will appear here shortly."))
    return redirect("leads:detail", pk=relation.lead_id)


@require_POST
@role_required(Role.OPERATOR)
def withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /network/relations/<pk>/withdrawal/"""
    relation = get_object_or_404(Relation, pk=pk)
    record("network.withdrawal_requested", subject=relation, actor=Actor.of(request.user))
    enqueue("conversations.network.tasks.withdraw", pk, lane="web", key=f"network.withdraw:{pk}", priority=5)
    messages.success(request, _("The invitation is being withdrawn."))
    return redirect("leads:detail", pk=relation.lead_id)
