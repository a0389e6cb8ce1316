"""This wing's part when leads are removed or erased: see `leads.keepers`."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from campaigns.drafts.models import Comparison, Draft, Revision
from campaigns.models import CANDIDATE, Candidate
from leads.keepers import Holding
from leads.models import Lead
from outreach.core.words import gettext as _


def objection(leads: QuerySet[Lead], *, since: datetime) -> str:
    """A candidate was contacted, or has won or lost, after `since`."""
    candidates = Candidate.objects.filter(
        lead__in=leads.values("pk"), stage__in=CANDIDATE.reached, created_at__gte=since
    )
    candidate = candidates.select_related("campaign", "lead").first()
    if candidate is None:
        return ""
    return _("%(lead)s was already contacted in the campaign “%(campaign)s”.") % {
        "lead": candidate.lead,
        "campaign": candidate.campaign,
    }


def remove(leads: QuerySet[Lead]) -> None:
    """Candidacies with their drafts."""
    candidates = Candidate.objects.filter(lead__in=leads.values("pk"))
    Comparison.objects.filter(draft__candidate__in=candidates).delete()
    Revision.objects.filter(draft__candidate__in=candidates).delete()
    Draft.objects.filter(candidate__in=candidates).delete()
    candidates.delete()


def holdings(leads: QuerySet[Lead]) -> list[Holding]:
    """Texts that were drafted for them."""
    return [Holding(_("Drafts"), Draft.objects.filter(candidate__lead__in=leads.values("pk")).count())]
