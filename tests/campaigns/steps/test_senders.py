"""From which sender a candidate hears: one of the pool, kept, and another one only when it never wrote to them."""

import pytest

from campaigns.journey.advancing import advance
from campaigns.models import Candidate
from campaigns.steps.senders import sender_of
from conversations.models import Message
from conversations.senders.assigning import rehome
from conversations.senders.models import Sender
from conversations.senders.services import drain_sender
from outreach.core.models import Actor
from tests.campaigns.factories import make_campaign, make_candidate, make_sender
from tests.campaigns.texts import make_draft, mark_sent

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")


@pytest.fixture
def campaign():
    campaign = make_campaign(state="sending")
    campaign.stream.state = "active"
    campaign.stream.save()
    return campaign


@pytest.fixture
def step(campaign):
    step = campaign.steps.get()
    Sender.objects.filter(pk=step.sender_id).update(tags=["sales"])
    step.pool = "sales"
    step.save()
    step.refresh_from_db()
    return step


def test_a_candidate_keeps_its_sender_and_all_of_the_pool_are_used(campaign, step):
    for _ in range(3):
        make_sender(tags=["sales"])
    candidates = [make_candidate(campaign, stage="approved") for _ in range(25)]
    first = {candidate.pk: sender_of(candidate, step).pk for candidate in candidates}
    assert len(set(first.values())) == 4
    for candidate in Candidate.objects.all():
        assert sender_of(candidate, step).pk == first[candidate.pk]


def test_a_draining_sender_keeps_whom_it_wrote_to_and_loses_the_others(campaign, step):
    other = make_sender(tags=["sales"])
    known, fresh = make_candidate(campaign, stage="approved"), make_candidate(campaign, stage="approved")
    old = step.sender
    for candidate in (known, fresh):
        candidate.senders.create(channel="email", sender=old)
    mark_sent(advance_with_draft(known))
    drain_sender(sender=old, actor=ACTOR, reason="Leaving")
    assert sender_of(Candidate.objects.get(pk=known.pk), step) == old
    assert sender_of(Candidate.objects.get(pk=fresh.pk), step) == other


def test_without_a_pool_an_approved_draft_waits_while_its_sender_drains(campaign):
    candidate = make_candidate(campaign, stage="approved")
    draft = make_draft(candidate)
    sender = campaign.steps.get().sender
    drain_sender(sender=sender, actor=ACTOR, reason="Leaving")
    assert advance(candidate.pk) is None
    draft.refresh_from_db()
    candidate.refresh_from_db()
    assert draft.state == "approved"
    assert "draining" in candidate.problem
    Sender.objects.filter(pk=sender.pk).update(state="active")
    assert advance(candidate.pk) is not None


def test_whoever_took_over_goes_on(campaign, step):
    other = make_sender(tags=["sales"])
    candidate = make_candidate(campaign, stage="approved")
    candidate.senders.create(channel="email", sender_id=step.sender_id)
    advance_with_draft(candidate)
    old = Sender.objects.get(pk=step.sender_id)
    rehome(sender=old, to=[other], actor=ACTOR, reason="Leaving")
    assert Message.objects.get().sender == other
    Sender.objects.filter(pk=old.pk).update(state="stopped")
    assert sender_of(Candidate.objects.get(pk=candidate.pk), step) == other


def advance_with_draft(candidate: Candidate) -> Message:
    make_draft(candidate)
    message = advance(candidate.pk)
    assert message is not None
    return message
