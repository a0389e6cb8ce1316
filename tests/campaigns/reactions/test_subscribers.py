from datetime import timedelta

import pytest

from campaigns import outcomes
from campaigns.journey.advancing import hand_over
from campaigns.models import Outcome
from campaigns.review.services import approve
from conversations.models import Message
from leads.models import Lead
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.events.services import publish
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.campaigns.texts import make_draft, make_reply, mark_sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    campaign = make_campaign(steps=("first-contact-email", "first-contact-email"), state="sending")
    campaign.stream.state = "active"
    campaign.stream.save()
    return campaign


@pytest.fixture
def candidate(campaign):
    return make_candidate(campaign, stage="approved")


@pytest.fixture
def sent(candidate):
    """The first message, sent."""
    message = mark_sent(hand_over(make_draft(candidate)))
    tell("message.sent", message)
    candidate.refresh_from_db()
    return message


def tell(event, message, **more):
    publish(event, message_id=message.pk, conversation_id=message.conversation_id, lead_id=message.lead_id, **more)
    publish(event, message_id=message.pk, conversation_id=message.conversation_id, lead_id=message.lead_id, **more)
    drain("default")


def kinds(candidate):
    return sorted(candidate.outcomes.values_list("kind", flat=True))


def test_approval_in_a_sending_campaign_plans_the_message(campaign):
    candidate = make_candidate(campaign, stage="drafted")
    draft = make_draft(candidate, state="pending_review")
    approve(draft=draft, version=1, user=make_user())
    candidate.refresh_from_db()
    assert (candidate.stage, Message.objects.count()) == ("approved", 1)


def test_sending_contacts_the_candidate_and_plans_the_follow_up(candidate):
    message = mark_sent(hand_over(make_draft(candidate)))
    make_draft(candidate, step=2)
    tell("message.sent", message)
    candidate.refresh_from_db()
    assert candidate.stage == "contacted"
    assert Message.objects.filter(follows=message).count() == 1


def test_deliveries_become_facts_once(candidate, sent):
    for kind in ("delivered", "opened"):
        tell("message.event", sent, kind=kind)
    assert kinds(candidate) == ["delivered", "opened"]


def test_a_bounce_loses_the_candidate(candidate, sent):
    tell("message.event", sent, kind="bounced")
    candidate.refresh_from_db()
    assert (candidate.stage, kinds(candidate)) == ("lost", ["bounced"])


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        ("positive", ["positive", "replied"]),
        ("booking", ["positive", "replied"]),
        ("question", ["information", "replied"]),
        ("not_now", ["negative", "replied"]),
        ("unclear", ["replied"]),
    ],
)
def test_a_reply_counts_with_its_class(candidate, sent, intent, expected):
    reply = make_reply(candidate, answers=sent)
    tell("reply.read", reply, intent=intent)
    candidate.refresh_from_db()
    assert (candidate.stage, kinds(candidate)) == ("replied", expected)
    assert set(candidate.outcomes.values_list("message", flat=True)) == {sent.pk}


@pytest.mark.parametrize("intent", ["out_of_office", "auto_reply"])
def test_a_machine_is_no_reply(candidate, sent, intent):
    tell("reply.read", make_reply(candidate, answers=sent), intent=intent)
    candidate.refresh_from_db()
    assert (candidate.stage, kinds(candidate)) == ("contacted", [])


def test_a_corrected_reading_replaces_the_class(candidate, sent):
    reply = make_reply(candidate, answers=sent)
    tell("reply.read", reply, intent="positive")
    tell("reply.read", reply, intent="negative")
    assert kinds(candidate) == ["negative", "replied"]


def test_a_reply_without_a_thread_answers_the_last_message_before_it(candidate, sent):
    reply = make_reply(candidate, received_at=clock.now() + timedelta(minutes=1))
    assert outcomes.answered_message(reply) == sent


def test_a_reply_that_overtakes_the_news_of_sending_is_kept(candidate):
    message = mark_sent(hand_over(make_draft(candidate)))
    tell("reply.read", make_reply(candidate, answers=message), intent="positive")
    tell("message.sent", message)
    candidate.refresh_from_db()
    assert candidate.stage == "replied"


def test_opting_out_ends_every_candidacy(candidate, sent, campaign):
    other = make_candidate(make_campaign(), stage="qualified", lead=Lead.objects.get(pk=candidate.lead_id))
    publish("lead.opted_out", lead_id=candidate.lead_id, suppression_id=1)
    drain("default")
    candidate.refresh_from_db()
    other.refresh_from_db()
    assert (candidate.stage, other.stage) == ("lost", "excluded")
    assert kinds(candidate) == ["opted_out"] and kinds(other) == []


def test_a_booked_call_wins(candidate, sent):
    publish("conversation.booked", conversation_id=sent.conversation_id, lead_id=sent.lead_id)
    drain("default")
    candidate.refresh_from_db()
    assert (candidate.stage, kinds(candidate)) == ("won", ["booked"])


def test_a_call_that_took_place_is_held_until_somebody_says_that_it_was_missed(candidate, sent):
    publish("call.ended", conversation_id=sent.conversation_id, lead_id=sent.lead_id, state="held")
    publish("conversation.booked", conversation_id=sent.conversation_id, lead_id=sent.lead_id)
    publish("call.ended", conversation_id=sent.conversation_id, lead_id=sent.lead_id, state="held")
    drain("default")
    assert sorted(kinds(candidate)) == ["booked", "held"]
    assert Outcome.objects.get(kind="held").message == sent
    publish("call.ended", conversation_id=sent.conversation_id, lead_id=sent.lead_id, state="no_show")
    drain("default")
    assert kinds(candidate) == ["booked"]


def test_a_person_records_what_a_deal_was_worth(candidate, sent):
    user = make_user()
    outcomes.record_by_hand(candidate=candidate, kind="won", user=user, value="1200.50")
    candidate.refresh_from_db()
    assert (candidate.stage, Outcome.objects.get(kind="won").value) == ("won", pytest.approx(1200.50))
    with pytest.raises(Invalid):
        outcomes.record_by_hand(candidate=candidate, kind="opened", user=user)


def test_messages_of_no_campaign_are_nobodys(sent, candidate):
    note = make_reply(candidate, direction="out", state="sent", sent_at=clock.now(), received_at=None)
    tell("message.sent", note)
    tell("message.event", note, kind="delivered")
    assert kinds(candidate) == []
