"""A Thompson sampler and Q-learning stand behind one protocol; the default of a brief is the one that measures better."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from leads.learning.agents import sampling
from leads.learning.agents.states import STEPS, features_of
from leads.learning.models import Agent, Experience, Sampler
from leads.qualification.services import save_brief
from outreach.core import clock
from outreach.core.errors import Invalid
from tests.campaigns.factories import make_lead, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def brief():
    factors = {"keywords": {"wanted": ["people"]}}
    return save_brief(name="Sellers", description="", factors=factors, use_model=False, created_by=None)


def give_experiences(brief, count: int, *, seed: int = 1) -> Agent:
    """Experiences in which a high share of keywords brings success, and recent postings a little."""
    random = np.random.default_rng(seed)
    agent, _made = Agent.objects.get_or_create(brief=brief, defaults={"learned_count": count})
    rows = []
    for number in range(count):
        key = tuple(int(random.integers(0, len(steps))) for steps in STEPS.values())
        logit = -2.0 + 0.9 * key[1] - 0.4 * key[4]
        is_good = random.random() < 1 / (1 + np.exp(-logit))
        rows.append(
            Experience(
                agent=agent,
                features=features_of(key),
                action="qualify_medium",
                signal="user_approved" if is_good else "user_rejected",
                reward=10 if is_good else -5,
                key=str(number),
                is_learned=True,
            )
        )
    Experience.objects.bulk_create(rows)
    return agent


def test_the_sampler_learns_which_steps_succeed_and_measures_better(brief):
    give_experiences(brief, 400)
    state = sampling.refresh(brief=brief)
    weight = dict(zip([("constant", ""), *sampling.COLUMNS], state.mean, strict=True))
    assert weight[("keyword_match_ratio", "high")] > 1 > weight[("company_size", "large")]
    measures = state.measures
    assert measures["thompson"]["auc"] > measures["q_learning"]["auc"] and measures["thompson"]["auc"] > 0.65
    assert measures["thompson"]["low"] < measures["thompson"]["auc"] < measures["thompson"]["high"]
    assert sampling.default_of(state) == "thompson"
    assert sampling.refresh(brief=brief) is None, "nothing is new"


def test_the_same_experiences_give_the_same_state(brief):
    agent = give_experiences(brief, 100)
    first = sampling.refresh(brief=brief)
    Sampler.objects.all().delete()
    Experience.objects.filter(agent=agent).update(created_at=clock.now() - timedelta(days=9))
    again = sampling.refresh(brief=brief)
    assert np.allclose(first.mean, again.mean) and first.measures == again.measures


def test_the_default_is_the_one_that_measures_better(brief):
    said = {"thompson": {"auc": 0.6}, "q_learning": {"auc": 0.7}}
    assert sampling.default_of(Sampler(measures=said)) == "q_learning"
    assert sampling.default_of(None) == sampling.default_of(Sampler(measures={})) == "thompson"


def test_with_too_few_experiences_nothing_is_compared(brief):
    give_experiences(brief, 30)
    assert sampling.refresh(brief=brief).measures == {}


def test_both_choose_leads_through_one_protocol(brief):
    give_experiences(brief, 400)
    sampling.refresh(brief=brief)
    clerk, head = make_lead(title="Clerk", description="Forests"), make_lead(title="Head of People")
    name, chosen = sampling.choose(brief=brief, leads=[clerk, head], budget=1)
    assert (name, chosen) == ("thompson", [head])
    name, chosen = sampling.choose(brief=brief, leads=[clerk, head], budget=5, policy="q_learning")
    assert name == "q_learning" and set(chosen) == {clerk, head}
    with pytest.raises(Invalid):
        sampling.choose(brief=brief, leads=[clerk], budget=1, policy="coin")


def test_the_page_compares_and_the_api_chooses(brief, client):
    give_experiences(brief, 100)
    sampling.refresh_all()
    user = make_user("operator")
    client.force_login(user)
    text = client.get(reverse("learning:agent", args=[brief.pk])).text
    assert "Which leads first?" in text and "Thompson sampling" in text and "Default" in text
    api = APIClient()
    api.force_authenticate(user)
    lead = make_lead()
    answer = api.post("/api/v1/ml/choose", {"brief": brief.pk, "leads": [lead.pk, 999_999]}, format="json")
    assert answer.json()["leads"] == [lead.pk] and answer.json()["policy"] in sampling.POLICIES
    refused = api.post("/api/v1/ml/choose", {"brief": brief.pk, "leads": [], "policy": "coin"}, format="json")
    assert refused.status_code == 400
