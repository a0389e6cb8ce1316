"""What a reply is about, with the playbook that an experiment gave to its conversation."""

from __future__ import annotations

from campaigns.arms.models import Assignment, Experiment
from campaigns.models import Candidate
from campaigns.outcomes import answered_message, candidate_of
from conversations.models import Message
from conversations.playbooks.models import Playbook
from conversations.replies.composing import Background


def background_of(reply: Message, language: str) -> Background | None:
    """What the campaign that `reply` answers is for; None when it answers no campaign."""
    ours = answered_message(reply)
    candidate = candidate_of(ours) if ours else None
    if candidate is None:
        return None
    campaign = candidate.campaign
    playbook = _playbook_of(candidate) or campaign.playbook
    return Background(campaign.goal, campaign.offer_in(language), campaign.booking_url, playbook)


def _playbook_of(candidate: Candidate) -> Playbook | None:
    """The playbook of their arm, for good, else that of the winner; None: the campaign's own."""
    given = Assignment.objects.filter(candidate=candidate, experiment__factor="playbook").order_by("-pk")
    decided = Experiment.objects.decided().filter(campaign=candidate.campaign_id, factor="playbook").order_by("-pk")
    value = (
        given.values_list("arm__value", flat=True).first() or decided.values_list("winner__value", flat=True).first()
    )
    return Playbook.objects.filter(pk=int(value)).first() if value else None
