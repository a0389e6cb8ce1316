"""What drafting will cost is told before it is asked for: measured where calls were made, estimated where not."""

from decimal import Decimal

import pytest

from campaigns.drafts import costs
from outreach.llm import pricing
from outreach.llm.models import Interaction
from outreach.llm.services import open_trace
from outreach.prompts.services import current
from tests.campaigns.factories import make_campaign, make_candidate
from tests.llm_fixtures import configured, fake

__all__ = ["fake"]
pytestmark = pytest.mark.django_db
PACK = "first-contact-email"
MODEL = "gpt-4o-mini"
IN, OUT = Decimal("0.15"), Decimal("0.60")


@pytest.fixture
def priced(monkeypatch):
    """15 cents for a million tokens in, 60 cents out; GPT-4o costs the same here."""
    monkeypatch.setattr(
        pricing, "cost_usd", lambda *, tokens, **_: (tokens.input * IN + tokens.output * OUT) / Decimal(1_000_000)
    )


def called(step="draft", *, times=10, tokens=(1000, 200), **fields):
    """Calls that were made earlier."""
    trace = open_trace("earlier")
    values = {"pack_sha": current(PACK).sha, "provider": "fake", "model": MODEL, "route": step, **fields}
    for _ in range(times):
        Interaction.objects.create(trace=trace, step=step, input_tokens=tokens[0], output_tokens=tokens[1], **values)


def forecast(people=10, **options):
    return costs.forecast([current(PACK)], people=people, **options)


def test_without_a_model_there_is_nothing_to_tell():
    assert forecast() is None


def test_before_the_first_call_it_is_only_estimated(settings, fake, priced):
    configured(settings, fake, chain=[f"fake/{MODEL}"])
    found = forecast()
    assert not found.is_measured and found.models == (f"fake/{MODEL}",)
    assert 0 < found.low_usd < found.usd < found.high_usd


def test_measured_tokens_give_people_times_calls_times_price(settings, fake, priced):
    configured(settings, fake, chain=[f"fake/{MODEL}"])
    called("draft", tokens=(1000, 200))
    called("refine", times=5, tokens=(1200, 100))
    found = forecast(people=100)
    draft = (1000 * IN + 200 * OUT) / 1_000_000
    refine = (1200 * IN + 100 * OUT) / 1_000_000
    texts = len(current(PACK).definition["variants"])
    assert found.is_measured
    assert found.usd == pytest.approx(100 * draft + 100 * texts * refine * Decimal("0.5"))
    assert found.low_usd == pytest.approx(100 * draft)
    assert found.calls == 100 + 50 * texts


def test_a_judge_is_asked_about_every_text_and_planning_once(settings, fake):
    both = {"judge": {"chain": ["fake/gpt-4o"]}, "plan": {"chain": ["fake/gpt-4o"]}}
    configured(settings, fake, chain=[f"fake/{MODEL}"], routes=both)
    texts = len(current(PACK).definition["variants"])
    assert forecast(people=100).calls == pytest.approx(100 * (1 + 1 + texts + texts * costs.USUAL_REFINED))
    assert set(forecast().models) == {f"fake/{MODEL}", "fake/gpt-4o"}


def test_a_model_without_a_price_has_tokens_but_no_dollars(settings, fake):
    configured(settings, fake)
    found = forecast()
    assert found.usd is None and found.unpriced == ("fake/fake-model",) and found.tokens > 0
    assert not found.is_held
    configured(settings, fake, usd_per_campaign=5)
    assert forecast().is_held


def test_only_those_without_drafts_count(settings, fake):
    configured(settings, fake, chain=[f"fake/{MODEL}"])
    campaign = make_campaign()
    for stage in ("qualified", "qualified", "drafted", "disqualified"):
        make_candidate(campaign, stage=stage)
    assert costs.of_campaign(campaign).people == 2


def test_it_reads_a_fixed_number_of_rows_whatever_was_called(settings, fake, django_assert_max_num_queries):
    configured(settings, fake, chain=[f"fake/{MODEL}"])
    called(times=50)
    with django_assert_max_num_queries(12):
        forecast(people=10_000)
