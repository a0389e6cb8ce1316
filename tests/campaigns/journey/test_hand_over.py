import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from campaigns.journey.advancing import hand_over
from campaigns.journey.timeline import JITTER_MINUTES
from conversations.consent.models import Suppression
from conversations.models import Message
from outreach.core import clock
from tests.campaigns.factories import make_campaign, make_candidate
from tests.campaigns.texts import make_draft, mark_sent

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def campaign():
    campaign = make_campaign(steps=("first-contact-email", "first-contact-email"), state="sending")
    campaign.stream.state = "active"
    campaign.stream.save()
    return campaign


@pytest.fixture
def candidate(campaign):
    return make_candidate(campaign, stage="approved", time_zone="UTC")


def test_an_approved_first_draft_is_planned_now(candidate):
    draft = make_draft(candidate)
    message = hand_over(draft)
    draft.refresh_from_db()
    assert (draft.state, draft.message) == ("handed_over", message)
    assert message.scheduled_at <= clock.now()
    assert message.approved_hash and message.approved_by == draft.approved_by
    assert (message.stream.campaign, message.draft.candidate) == (candidate.campaign, candidate)


def test_nothing_before_the_campaigns_start(candidate):
    candidate.campaign.start_at = clock.now() + timedelta(days=2)
    candidate.campaign.save()
    assert hand_over(make_draft(candidate)).scheduled_at == candidate.campaign.start_at


@pytest.mark.parametrize("state", ["drafting", "ready", "paused", "completed"])
def test_only_a_sending_campaign_hands_over(candidate, state):
    candidate.campaign.state = state
    candidate.campaign.save()
    assert hand_over(make_draft(candidate)) is None


def test_what_changed_after_its_approval_goes_back_to_review(candidate):
    draft = make_draft(candidate)
    candidate.lead.identities.filter(channel="email").update(address="other@fabrikam.example")
    assert hand_over(draft) is None
    draft.refresh_from_db()
    assert (draft.state, draft.approved_hash, draft.approved_by) == ("pending_review", "", None)


def test_twice_is_once(candidate):
    draft = make_draft(candidate)
    assert hand_over(draft) is not None
    assert hand_over(draft) is None
    assert Message.objects.count() == 1


def test_a_follow_up_waits_until_the_first_was_sent(candidate):
    first, second = make_draft(candidate), make_draft(candidate, step=2)
    message = hand_over(first)
    assert hand_over(second) is None
    with time_machine.travel(MONDAY, tick=False):
        mark_sent(message)
        candidate.stage = "contacted"
        candidate.save()
        follow_up = hand_over(second)
    due = MONDAY + timedelta(days=3)
    assert due <= follow_up.scheduled_at < due + timedelta(minutes=JITTER_MINUTES)
    assert follow_up.follows == message
    assert follow_up.subject == "Re: A question"
    assert follow_up.planned_at == MONDAY


def test_a_follow_up_never_goes_first(candidate):
    make_draft(candidate, state="rejected")
    assert hand_over(make_draft(candidate, step=2)) is None


def test_a_reply_ends_the_sequence(candidate):
    first, second = make_draft(candidate), make_draft(candidate, step=2)
    mark_sent(hand_over(first))
    candidate.stage = "replied"
    candidate.save()
    assert hand_over(second) is None


def test_a_reply_that_is_not_yet_understood_ends_it_too(candidate):
    first, second = make_draft(candidate), make_draft(candidate, step=2)
    mark_sent(hand_over(first))
    candidate.stage = "contacted"
    candidate.save()
    candidate.lead.last_replied_at = clock.now() + timedelta(seconds=1)
    candidate.lead.save()
    assert hand_over(second) is None


def test_a_suppressed_recipient_is_given_up_with_the_reason(candidate):
    Suppression.objects.create(lead=candidate.lead, reason="opt_out", actor="t")
    draft = make_draft(candidate)
    assert hand_over(draft) is None
    draft.refresh_from_db()
    candidate.refresh_from_db()
    assert (draft.state, candidate.stage) == ("superseded", "excluded")
    assert "suppressed" in candidate.problem


@pytest.mark.django_db(transaction=True)
def test_workers_in_parallel_plan_one_message(candidate):
    draft = make_draft(candidate)
    barrier = threading.Barrier(4)

    def work():
        barrier.wait()
        try:
            hand_over(draft)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.objects.count() == 1
