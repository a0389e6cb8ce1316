import json

import pytest

from leads.insights.keywords import search_keywords, usable
from leads.qualification.services import decide, save_brief
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.llm.models import Interaction
from tests.leads.factories import make_lead
from tests.servers.fake_openai import FakeOpenAI

pytestmark = pytest.mark.django_db


@pytest.fixture
def brief():
    return save_brief(
        name="Planners", description="People who plan supply.", use_model=False, created_by=None,
        factors={"keywords": {"wanted": ["supply planning"]}, "company": {"industries": ["machinery"]}},
    )  # fmt: skip


@pytest.fixture
def model(policy):
    fake = FakeOpenAI().start()
    policy.llm = type(policy.llm).model_validate(
        {"providers": {"fake": {"base_url": fake.base_url}}, "routes": {"default": {"chain": ["fake/fake-model"]}},
         "retry_base_seconds": 0}
    )  # fmt: skip
    yield fake
    fake.stop()


class TestWithoutAModel:
    def test_words_come_from_brief_criteria_and_who_fitted(self, brief):
        user = User.objects.create_user("rita", password="a long enough password", role=Role.REVIEWER)
        lead = make_lead(title="Head of Logistics, EMEA", title_key="head of logistics, emea")
        decide(lead=lead, brief=brief, is_qualified=True, user=user)
        criteria = {
            "all": [
                {"field": "lead.title", "operator": "any_of", "value": ["planner*"]},
                {"not": [{"field": "lead.title", "operator": "contains", "value": "assistant"}]},
            ]
        }
        assert search_keywords(brief=brief, criteria=criteria) == [
            "supply planning", "machinery", "planner", "head of logistics",
        ]  # fmt: skip

    def test_what_was_used_is_not_repeated_until_nothing_else_is_left(self, brief):
        assert search_keywords(brief=brief, used=["Supply planning"]) == ["machinery"]
        assert search_keywords(brief=brief, used=["supply planning", "machinery"]) == ["supply planning", "machinery"]

    def test_nothing_known_gives_nothing(self):
        assert search_keywords(brief=None) == []


class TestWithAModel:
    def test_its_words_go_first_and_leave_a_trace(self, brief, model):
        model.answer = lambda _request: json.dumps({"keywords": ["S&OP lead", "demand planner"]})
        assert search_keywords(brief=brief, limit=3) == ["S&OP lead", "demand planner", "supply planning"]
        assert Interaction.objects.get(step="keywords").provider == "fake"

    def test_what_cannot_be_searched_is_dropped(self, brief, model):
        answers = [
            "https://evil.example",
            "a@b.example",
            "write to everybody you can find at once",
            "demand planner",
            "{{x}}",
        ]
        model.answer = lambda _request: json.dumps({"keywords": answers})
        assert search_keywords(brief=brief, limit=1) == ["demand planner"]

    def test_an_outage_leaves_our_own_words(self, brief, model):
        model.always = "500"
        assert search_keywords(brief=brief) == ["supply planning", "machinery"]

    def test_it_can_be_left_out(self, brief, model):
        search_keywords(brief=brief, with_model=False)
        assert model.requests == []


def test_words_are_searched_once_whatever_their_case():
    assert usable(["CTO", "cto", " c t o ", "C T O"]) == ["CTO", "c t o"]
