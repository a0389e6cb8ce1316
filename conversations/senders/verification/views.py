"""The button on the page of a lead that has no e-mail address."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from conversations.senders.verification import services
from leads.models import Lead
from outreach.access.pages import Request, action
from outreach.access.roles import Role
from outreach.core.models import Actor


@action(Role.OPERATOR, back="leads:detail")
def find_email(request: Request, pk: int) -> str:
    """POST: ask a finder for this lead's address."""
    lead = get_object_or_404(Lead.objects.select_related("company"), pk=pk)
    found = services.find_email(lead=lead, actor=Actor.of(request.user))
    return _("%(address)s was found and added.") % {"address": found.address}
