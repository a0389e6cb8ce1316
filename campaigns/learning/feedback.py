"""What campaigns tell the Q-learning agents of their briefs: answers, and silence after a week."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef

from campaigns.learning.outcomes import SUCCESSES
from campaigns.models import Campaign, Candidate, Outcome
from conversations.models import Message
from conversations.senders.models import Sender
from leads.learning.agents.services import Feedback, take
from leads.learning.models import Signal
from leads.learning.policies.base import HORIZON
from outreach.core import clock

DAYS = 2
"""Nights that are looked back at: one that was missed is made up for."""
CHUNK = 500


def tell_agents() -> int:
    """Feedback on the people who were written to a week ago; returns how much was new. Safe to repeat."""
    until = clock.now() - timedelta(days=HORIZON)
    outcomes = Outcome.objects.filter(candidate=OuterRef("draft__candidate"))
    sent = Message.objects.filter(
        sender__in=Sender.objects.values("pk"),
        sent_at__gte=until - timedelta(days=DAYS),
        sent_at__lt=until,
        draft__step__number=1,
        draft__candidate__campaign__brief__isnull=False,
    )
    rows = sent.annotate(
        has_succeeded=Exists(outcomes.filter(kind__in=SUCCESSES)), has_outcome=Exists(outcomes)
    ).values_list("draft__candidate", "has_succeeded", "has_outcome")
    signals: dict[int, str] = {}
    for candidate_id, has_succeeded, has_outcome in rows:
        if has_succeeded:
            signals[candidate_id] = Signal.GOT_INTERVIEW
        elif not has_outcome:
            signals[candidate_id] = Signal.NO_RESPONSE
    return sum(_tell(sorted(signals)[start : start + CHUNK], signals) for start in range(0, len(signals), CHUNK))


def _tell(ids: list[int], signals: dict[int, str]) -> int:
    people = Candidate.objects.select_related("lead__company", "campaign__brief").filter(pk__in=ids)
    by_campaign: dict[Campaign, list[Feedback]] = {}
    for candidate in people.order_by("campaign", "pk"):
        item = Feedback(candidate.lead, signals[candidate.pk], f"candidate:{candidate.pk}")
        by_campaign.setdefault(candidate.campaign, []).append(item)
    return sum(take(brief=campaign.brief, feedback=found) for campaign, found in by_campaign.items() if campaign.brief)
