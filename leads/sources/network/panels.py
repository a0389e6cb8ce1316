"""What the network shows on the page of a lead, and on the home page."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from leads.models import Lead
from leads.panels import Panel
from leads.sources.network import selectors
from leads.sources.network.models import NetworkProfile
from outreach.core.home import Tile


def profile_panel(request: HttpRequest, lead: Lead) -> Panel | None:
    """The profile, its state, and a button to re-read it."""
    profile = NetworkProfile.objects.select_related("account").filter(lead=lead).first()
    if profile is None:
        return None
    context = {"profile": profile, "facts": profile.facts, "positions": profile.facts.get("positions", [])[:4]}
    return Panel(_("Network profile"), "leads/sources/network/_profile.html", context)


def accounts_waiting(request: HttpRequest) -> Tile | None:
    """Accounts that a challenge, a code or a wrong password has stopped."""
    waiting = selectors.waiting_accounts()
    if not waiting:
        return None
    url = reverse("network:detail", args=[waiting[0].pk]) if len(waiting) == 1 else reverse("network:list")
    return Tile(
        _("network accounts need attention"), len(waiting), url, colour="red", hint=waiting[0].state_reason[:120]
    )
