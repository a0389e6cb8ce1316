"""What models of today send and refuse is understood, learned once, and remembered."""

from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from outreach.core import clock
from outreach.jobs.draining import drain
from outreach.llm import pricing, reading, spending
from outreach.llm.models import CallReservation, Interaction, ModelTrait
from outreach.llm.services import Call, complete, open_trace
from tests.campaigns.factories import make_campaign, make_candidate
from tests.llm_fixtures import configured
from tests.outreach.llm.test_complete import Draft as Shape
from tests.outreach.llm.test_complete import ask

pytestmark = pytest.mark.django_db


def test_a_model_that_refuses_parameters_is_asked_without_them_and_remembered(settings, fake):
    configured(settings, fake, chain=["fake/gpt-5"])
    assert not ask().is_builtin
    assert set(ModelTrait.objects.values_list("provider", "model", "refuses")) == {
        ("fake", "gpt-5", "max_tokens"),
        ("fake", "gpt-5", "temperature"),
    }
    count = len(fake.requests)
    assert count == 3 and "max_completion_tokens" in fake.requests[-1] and "temperature" not in fake.requests[-1]
    assert not ask().is_builtin
    assert len(fake.requests) == count + 1


def test_a_server_without_schemas_is_told_the_schema_in_words(settings, fake):
    configured(settings, fake, chain=["fake/no-schema"])
    fake.answer = lambda request: '{"subject": "Hi", "body": "there"}'
    assert ask().output == Shape(subject="Hi", body="there")
    assert "JSON schema" in fake.requests[-1]["messages"][0]["content"]


@pytest.mark.parametrize("fault", ["think", "chatty", "parts"])
def test_thoughts_prose_and_parts_are_read(settings, fake, fault):
    configured(settings, fake)
    fake.always = fault
    assert ask().output.subject == "Text from the fake model."


def test_a_model_that_only_thinks_falls_back_and_says_so(settings, fake):
    configured(settings, fake)
    fake.always = "thought_only"
    completion = ask()
    assert completion.is_builtin
    assert "only thought" in completion.interaction.parameters["because"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ('{"a": 1} trailing words', '{"a": 1}'),
        ('Here {it} is: {"a": {"b": "}"}} done', '{"a": {"b": "}"}}'),
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ("no json", "no json"),
        ('{"a": half', '{"a": half'),
    ],
)
def test_the_object_is_found_in_what_stands_around_it(text, found):
    assert reading.json_in(text) == found


@pytest.mark.django_db(transaction=True)
def test_a_draft_by_rules_says_why(settings, fake):
    configured(settings, fake)
    fake.always = "401"
    make_candidate(campaign := make_campaign(waits_for_model=False))
    drafts.generate(campaign=campaign)
    drain("llm")
    because = Draft.objects.first().interaction.parameters["because"]
    assert "fake/fake-model" in because and "401" in because


def test_without_a_model_there_is_no_reason_to_give():
    assert "because" not in ask().interaction.parameters


@pytest.fixture
def priced(monkeypatch):
    monkeypatch.setattr(pricing, "cost_usd", lambda **_: Decimal("0.40"))


def test_a_day_stops_before_its_cap_is_passed(settings, fake, priced):
    configured(settings, fake, usd_per_day=1.0)
    answers = [ask() for _ in range(4)]
    assert [a.is_builtin for a in answers] == [False, False, True, True]
    assert spending.spent_today() == Decimal("0.80")
    assert "spend cap of $1.00 a day" in answers[2].interaction.parameters["because"]
    assert not CallReservation.objects.exists()


def test_a_campaign_has_a_cap_of_its_own(settings, fake, priced):
    configured(settings, fake, usd_per_campaign=0.5)

    def of(campaign_id):
        trace = open_trace("t", campaign_id=campaign_id)
        call = Call(trace=trace, step="s", route="r", messages=[{"role": "user", "content": "x"}], builtin=lambda: "r")
        return complete(call).is_builtin

    assert [of(1), of(1), of(2)] == [False, True, False]


def test_calls_under_way_count_too(settings, fake, priced):
    configured(settings, fake, usd_per_day=1.0)
    CallReservation.objects.create(
        provider="fake", amount_usd=Decimal("0.70"), expires_at=clock.now() + timedelta(minutes=1)
    )
    assert ask().is_builtin
    assert Interaction.objects.filter(provider="fake").count() == 0
