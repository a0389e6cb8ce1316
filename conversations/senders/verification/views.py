"""The button on the page of a lead that has no e-mail address."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.senders.verification import services
from leads.models import Lead
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import OutreachError
from outreach.core.models import Actor


@require_POST
@role_required(Role.OPERATOR)
def find_email(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: ask a finder for this lead's address."""
    lead = get_object_or_404(Lead.objects.select_related("company"), pk=pk)
    try:
        found = services.find_email(lead=lead, actor=Actor.of(request.user))
        messages.success(request, _("%(address)s was found and added.") % {"address": found.address})
    except OutreachError as error:
        messages.error(request, error.reason)
    return redirect("leads:detail", pk)
