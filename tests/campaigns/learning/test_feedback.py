"""Agents of briefs hear of answers, and of silence after a week, once."""

from __future__ import annotations

import pytest

from campaigns.learning.feedback import tell_agents
from campaigns.models import Campaign
from leads.qualification.services import save_brief
from tests.campaigns.factories import make_campaign
from tests.campaigns.learning.test_services import write_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    brief = save_brief(name="Sellers", description="", factors={}, use_model=False, created_by=None)
    return make_campaign(mode=Campaign.Mode.DAILY, state="sending", brief=brief)


def test_answers_and_silence_are_told_once(campaign):
    answered = write_to(campaign, days_ago=8, outcome="positive")
    silent = write_to(campaign, days_ago=8)
    assert tell_agents() == 2
    assert tell_agents() == 0
    told = dict(campaign.brief.agent.experiences.values_list("lead", "signal"))
    assert told == {answered.lead_id: "got_interview", silent.lead_id: "no_response"}


def test_silence_of_yesterday_is_not_an_answer(campaign):
    write_to(campaign, days_ago=3)
    assert tell_agents() == 0


def test_a_no_is_neither(campaign):
    write_to(campaign, days_ago=8, outcome="negative")
    assert tell_agents() == 0


def test_without_a_brief_there_is_no_agent():
    write_to(make_campaign(mode=Campaign.Mode.DAILY, state="sending"), days_ago=8, outcome="won")
    assert tell_agents() == 0
