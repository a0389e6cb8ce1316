"""Company stop: when one person answers, colleagues receive nothing more from this campaign.

A company is known by its row, else by the domain of the address. A provider of free mailboxes is no company.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from campaigns.journey.leaving import ACTOR, exclude
from campaigns.models import CANDIDATE, Candidate
from leads.models import Channel, Lead
from outreach.core.addresses import is_free_mail
from outreach.core.errors import OutreachError
from outreach.core.words import gettext as _


def has_answered(candidate: Candidate) -> bool:
    """Whether someone else at the candidate's company answered, if the campaign has a company stop."""
    if not candidate.campaign.is_stopped_by_company:
        return False
    colleagues = colleagues_of(candidate)
    return colleagues is not None and colleagues.filter(stage__in=CANDIDATE.answered).exists()


def stop_colleagues(candidate: Candidate) -> int:
    """Remove everyone at this candidate's company from its campaign; returns how many."""
    if not candidate.campaign.is_stopped_by_company:
        return 0
    colleagues = colleagues_of(candidate)
    if colleagues is None:
        return 0
    rows = colleagues.filter(stage__in=CANDIDATE.unanswered).select_related("campaign__stream", "lead")
    return sum(stop(colleague) for colleague in rows)


def stop(candidate: Candidate) -> bool:
    """Remove one colleague, with the reason; False when someone else was first."""
    try:
        exclude(candidate=candidate, actor=ACTOR, reason=_("Someone at their company answered."))
    except OutreachError:
        return False
    return True


def colleagues_of(candidate: Candidate) -> QuerySet[Candidate] | None:
    """The campaign's other candidates at the same company; None when no company is known."""
    lead = candidate.lead
    others = Candidate.objects.filter(campaign=candidate.campaign_id).exclude(pk=candidate.pk)
    known = Q()
    if lead.company_id is not None and not is_free_mail(lead.company.domain if lead.company else ""):
        known |= Q(lead__company=lead.company_id)
    if domain := _domain_of(lead):
        known |= Q(
            lead__in=Lead.objects.filter(
                identities__channel=Channel.EMAIL, identities__address__endswith=f"@{domain}"
            ).values("pk")
        )
    return others.filter(known) if known else None


def _domain_of(lead: Lead) -> str:
    domain = lead.address(Channel.EMAIL).rpartition("@")[2].lower()
    return "" if not domain or is_free_mail(domain) else domain
