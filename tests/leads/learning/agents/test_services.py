"""Feedback becomes experiences, and these a table of values that can be read and made again."""

from __future__ import annotations

import pytest
from django.urls import reverse

from leads.learning.agents import services
from leads.learning.agents.states import STEPS, features_of, key_of
from leads.learning.models import Agent
from leads.qualification.services import decide, save_brief
from outreach.core.errors import Invalid
from outreach.events.services import deliver_due
from tests.campaigns.factories import make_lead, make_user

pytestmark = pytest.mark.django_db
FACTORS = {"keywords": {"wanted": ["people"]}, "place": {"countries": ["US"]}}


@pytest.fixture
def brief():
    return save_brief(name="Sellers", description="", factors=FACTORS, use_model=False, created_by=None)


def table(brief) -> dict:
    return {key_of(row.features): (row.q_values, row.visit_count) for row in brief.agent.states.all()}


def test_feedback_moves_the_value_of_the_state_it_was_met_in(brief):
    assert services.reward(brief=brief, lead=make_lead(), signal="user_approved", key="a")
    (state,) = brief.agent.states.all()
    assert set(state.features) == set(STEPS)
    assert state.features["keyword_match_ratio"] == "high" and state.features["location_type"] == "preferred"
    assert state.q_values["qualify_low"] == pytest.approx(1.0)
    assert state.visit_count == 1


def test_the_same_event_counts_once(brief):
    lead = make_lead()
    assert services.reward(brief=brief, lead=lead, signal="no_response", key="a")
    assert not services.reward(brief=brief, lead=lead, signal="no_response", key="a")
    assert brief.agent.experiences.count() == 1


@pytest.mark.parametrize(("signal", "reward"), [("user_approved", 10), ("user_rejected", -5), ("got_interview", 20), ("no_response", -1)])  # fmt: skip
def test_rewards_are_those_of_the_specification(brief, signal, reward):
    services.reward(brief=brief, lead=make_lead(), signal=signal, key="a")
    assert brief.agent.experiences.get().reward == reward


def test_an_unknown_signal_is_refused(brief):
    with pytest.raises(Invalid):
        services.reward(brief=brief, lead=make_lead(), signal="applause", key="a")


def test_exploration_falls_with_experience(brief):
    for number in range(5):
        services.reward(brief=brief, lead=make_lead(), signal="user_approved", key=str(number))
    agent = Agent.objects.get(brief=brief)
    assert (agent.epsilon, agent.learned_count) == (pytest.approx(0.995**5), 5)


def test_the_table_is_made_again_from_its_experiences(brief):
    for number in range(45):
        signal = "user_approved" if number % 3 else "no_response"
        services.reward(brief=brief, lead=make_lead(title=f"Clerk {number % 4}"), signal=signal, key=str(number))
    before, epsilon = table(brief), Agent.objects.get(brief=brief).epsilon
    rebuilt = services.rebuild(brief=brief)
    assert table(brief) == before
    assert rebuilt.epsilon == epsilon


def test_a_persons_verdict_is_feedback(brief):
    lead = make_lead()
    decide(lead=lead, brief=brief, is_qualified=False, user=make_user())
    deliver_due()
    experience = brief.agent.experiences.get()
    assert (experience.signal, experience.lead) == ("user_rejected", lead)


def test_the_page_shows_states_and_experiences(brief, client):
    services.reward(brief=brief, lead=make_lead(), signal="got_interview", key="a")
    client.force_login(make_user("operator"))
    text = client.get(reverse("learning:agent", args=[brief.pk])).content.decode()
    assert "qualify_high" in text and "keyword_match_ratio" in text and "Positive reply or booking" in text


def test_states_have_a_way_back():
    assert key_of(features_of((1, 2, 3, 0, 1))) == (1, 2, 3, 0, 1)
    assert key_of({"salary_range": "unheard of"}) == (0, 0, 0, 0, 0)
