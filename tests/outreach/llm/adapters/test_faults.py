"""Every adapter against every fault, over HTTP: what each means is the same whichever language the server speaks."""

import re
import sys
import time
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.utils import translation
from pydantic import BaseModel

from outreach.configuration import Provider
from outreach.core import clock
from outreach.core.errors import Permanent
from outreach.llm import http, providers, structured
from outreach.llm.adapters.base import Question, status_fault
from outreach.llm.errors import PROVIDER_FAULTS, Kind, ModelFault
from outreach.llm.models import Interaction

APIS = ("chat", "responses", "anthropic")


class Letter(BaseModel):
    subject: str
    body: str


def provider(fake, api, **more):
    base_url = fake.base_url.removesuffix("/v1") if api == "anthropic" else fake.base_url
    return Provider(base_url=base_url, api=api, **more)


def ask(fake, api, *, schema=Letter, timeout_seconds=5.0, refused=(), messages=None, **more):
    question = Question(
        model="fake-model",
        messages=messages or [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
        schema=schema,
        temperature=0.4,
        max_output_tokens=300,
        timeout_seconds=timeout_seconds,
        refused=frozenset(refused),
    )
    return providers.ask(provider(fake, api, **more), question)


FAULTS = {
    "401": Kind.NOT_CONFIGURED,
    "403": Kind.NOT_CONFIGURED,
    "404": Kind.UNKNOWN_MODEL,
    "400": Kind.REJECTED,
    "429": Kind.RATE_LIMITED,
    "429-bare": Kind.RATE_LIMITED,
    "500": Kind.UNAVAILABLE,
    "503": Kind.UNAVAILABLE,
    "529": Kind.UNAVAILABLE,
    "html": Kind.NOT_AN_ANSWER,
    "402": Kind.NOT_CONFIGURED,
    "413": Kind.REJECTED,
    "422": Kind.REJECTED,
    "cut": Kind.UNAVAILABLE,
    "broken_body": Kind.NOT_AN_ANSWER,
    "empty_choices": Kind.NOT_AN_ANSWER,
    "empty_text": Kind.NOT_AN_ANSWER,
    "thought_only": Kind.NOT_AN_ANSWER,
    "huge": Kind.NOT_AN_ANSWER,
    "length": Kind.TRUNCATED,
    "refusal": Kind.REFUSED,
    "slow": Kind.TIMEOUT,
    "drip": Kind.TIMEOUT,
}


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(("fault", "kind"), FAULTS.items())
def test_a_fault_has_its_kind(fake, api, fault, kind):
    fake.faults.append(fault)
    fake.slow_seconds, fake.retry_after = 60.0, "7"
    started = time.monotonic()
    with pytest.raises(ModelFault) as caught:
        ask(fake, api, timeout_seconds=0.5 if kind is Kind.TIMEOUT else 5.0)
    assert caught.value.kind is kind, caught.value.reason
    assert caught.value.retry_after_seconds == (7.0 if fault in {"429", "503"} else None)
    assert time.monotonic() - started < 20  # a server that is silent, or drips for half a minute, is left
    assert len(fake.requests) == 1


@pytest.mark.parametrize("api", APIS)
def test_an_error_that_comes_with_status_200_counts_against_the_provider(fake, api):
    fake.faults.append("error_with_200")
    with pytest.raises(ModelFault) as caught:
        ask(fake, api)
    assert caught.value.kind in PROVIDER_FAULTS and caught.value.kind is not Kind.NOT_CONFIGURED


@pytest.mark.parametrize("api", APIS)
def test_a_moment_to_come_back_at_is_read_from_a_date_too(fake, api):
    fake.faults.append("429")
    fake.retry_after = format_datetime(clock.now() + timedelta(seconds=30), usegmt=True)
    with pytest.raises(ModelFault) as caught:
        ask(fake, api)
    assert 25 <= (caught.value.retry_after_seconds or 0) <= 30


@pytest.mark.parametrize("api", APIS)
def test_a_server_that_is_not_there_is_unavailable(fake, api):
    fake.stop()
    with pytest.raises(ModelFault) as caught:
        ask(fake, api)
    assert caught.value.kind is Kind.UNAVAILABLE and "No connection" in caught.value.reason


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("fault", ["ok", "think", "chatty", "parts"])
def test_the_letter_is_found_in_whatever_surrounds_it(fake, api, fault):
    fake.faults.append(fault)
    letter = structured.parse(ask(fake, api).text, Letter)
    assert letter == Letter(subject="Text from the fake model.", body="Text from the fake model.")


@pytest.mark.parametrize("api", APIS)
def test_broken_json_is_named_by_the_parser(fake, api):
    fake.faults.append("bad_json")
    with pytest.raises(ModelFault) as caught:
        structured.parse(ask(fake, api).text, Letter)
    assert caught.value.kind is Kind.INVALID_OUTPUT


@pytest.mark.parametrize("api", APIS)
def test_a_schema_that_the_server_does_not_take_is_said_in_words(fake, api):
    ask(fake, api, supports_json_schema=False)
    request = fake.requests[-1]
    assert not {"response_format", "text", "output_config"} & set(request)
    assert "JSON schema" in str(request)


def test_openai_gets_the_parameters_of_each_api(fake):
    ask(fake, "chat")
    assert {"max_tokens", "temperature", "response_format"} <= set(fake.requests[-1])
    ask(fake, "responses")
    request = fake.requests[-1]
    assert request["max_output_tokens"] == 300 and request["store"] is False and request["text"]["format"]["strict"]
    ask(fake, "responses", refused=["temperature"])
    assert "temperature" not in fake.requests[-1]


def test_anthropic_gets_its_system_part_apart_and_marked_for_the_cache(fake):
    tokens = ask(fake, "anthropic").tokens
    request = fake.requests[-1]
    assert request["system"] == [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
    assert [message["role"] for message in request["messages"]] == ["user"]
    assert "temperature" not in request and request["max_tokens"] == 300
    assert tokens.read == 100 and tokens.input > 100


@pytest.mark.parametrize("api", APIS)
def test_pictures_arrive_in_the_words_of_the_api(fake, api):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    content = [{"type": "text", "text": "What is this?"}, picture]
    ask(fake, api, schema=None, messages=[{"role": "user", "content": content}])
    assert "AAAA" in str(fake.requests[-1])


def test_without_the_extra_anthropic_says_how_to_install_it(fake, monkeypatch):
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(ModelFault, match="uv sync --extra anthropic") as caught:
        ask(fake, "anthropic")
    assert caught.value.kind is Kind.NOT_CONFIGURED


@pytest.mark.parametrize("api", APIS)
def test_the_models_are_listed(fake, api):
    assert providers.model_names(provider(fake, api)) == ["fake-model"]


def test_gemini_is_asked_through_its_compatible_endpoint(fake):
    """Its path ends in /openai, and its list of models has names that begin with models/."""
    gemini = Provider(base_url=fake.base_url.replace("/v1", "/v1beta/openai"), api="chat")
    fake.model_names = ["models/gemini-2.5-flash"]
    question = Question("gemini-2.5-flash", [{"role": "user", "content": "Hi"}], Letter, 0.4, 300, 5)
    assert structured.parse(providers.ask(gemini, question).text, Letter).subject
    assert providers.model_names(gemini) == ["gemini-2.5-flash"]


def test_a_compressed_answer_is_not_unpacked(fake):
    fake.faults.append("gzip")
    with pytest.raises(ModelFault, match="compressed"):
        ask(fake, "chat")


def test_metadata_addresses_are_never_allowed():
    with pytest.raises(Permanent, match="may have"):
        http.checked_addresses("169.254.169.254", 80, http.OWN_NETWORKS)


def test_every_fault_has_words_for_the_list_of_calls():
    with translation.override("ru"):
        told = [Interaction(error_class=kind.value).fault for kind in Kind]
    assert len(set(told)) == len(Kind) and all(re.search("[а-я]", words) for words in told)


def test_a_status_is_said_in_words_before_the_providers_own():
    fault = status_fault(401, "Error code: 401 - Incorrect key", parameter="", headers={})
    assert fault.reason == "The key was refused (401): Incorrect key"
    assert "(418)" in status_fault(418, "", parameter="", headers={}).reason
    with translation.override("ru"):
        assert (
            status_fault(401, "Incorrect key", parameter="", headers={}).reason == "Ключ не принят (401): Incorrect key"
        )
