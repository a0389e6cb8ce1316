"""What the home page says about webhooks."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from outreach.access.permissions import viewer_has
from outreach.access.roles import Role
from outreach.core.home import Tile
from outreach.webhooks.models import Subscription


def switched_off(request: HttpRequest) -> Tile | None:
    """Receivers that the product switched off."""
    if not viewer_has(request, Role.ADMINISTRATOR):
        return None
    rows = Subscription.objects.filter(is_active=False).exclude(off_reason="")
    return Tile(_("Webhooks switched off"), rows, reverse("webhooks:list"), "red", _("They failed for days."), 60)
