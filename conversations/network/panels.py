"""What the page of a lead shows of its relations on a network."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.network.models import Relation
from leads.models import Lead
from leads.panels import Panel


def relations_panel(request: HttpRequest, lead: Lead) -> Panel | None:
    """The relation to each of our senders; None when there is none."""
    rows = list(Relation.objects.select_related("sender").filter(lead=lead))
    return Panel(_("On the network"), "conversations/network/_relations.html", {"relations": rows}) if rows else None
