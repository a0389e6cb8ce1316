"""What a reply answers, as an answer to it is told."""

from __future__ import annotations

import pytest

from campaigns.journey.advancing import hand_over
from campaigns.models import Campaign
from conversations.playbooks.definition import parse
from conversations.playbooks.services import save_playbook
from conversations.replies import composing
from tests.campaigns.factories import make_campaign, make_candidate
from tests.campaigns.texts import make_draft, make_reply, mark_sent
from tests.conversations.factories import make_conversation
from tests.conversations.factories import make_reply as make_other_reply

pytestmark = pytest.mark.django_db
ABOUT = ("goal", "offer", "booking_url")


def told(reply, language="en"):
    reply.language = language
    playbook = composing.playbook_for(reply)
    situation = composing.situation_of(conversation=reply.conversation, answers=reply, reading=None, playbook=playbook)
    return tuple(getattr(situation, name) for name in ABOUT)


@pytest.fixture
def reply():
    campaign = make_campaign(state="sending")
    candidate = make_candidate(campaign, stage="approved")
    return make_reply(candidate, answers=mark_sent(hand_over(make_draft(candidate))))


def test_an_answer_knows_what_the_campaign_is_for(reply):
    offer = "a review of your hiring process in one afternoon"
    assert told(reply) == ("A call of 20 minutes", offer, "https://cal.example/ann")
    assert told(reply, "ru")[1] == "разбор вашего найма за полдня"


def test_what_the_conversation_says_itself_comes_first(reply):
    reply.conversation.booking_url = "https://cal.example/other"
    assert told(reply)[2] == "https://cal.example/other"


def test_a_reply_to_no_campaign_is_about_nothing_known():
    assert told(make_other_reply(make_conversation())) == ("", "", "")


def test_the_playbook_is_that_of_the_campaign_else_the_teams_default(reply):
    assert composing.playbook_for(reply).playbook.is_default
    chosen = save_playbook(name="Calls", definition=parse({"words": {"en": {}}}), created_by=None)
    Campaign.objects.update(playbook=chosen.playbook)
    assert composing.playbook_for(reply) == chosen
