"""A provider is asked as often as it may be, by all workers together; what is too much waits with its reason."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from outreach.configuration import Configuration
from outreach.core import clock
from outreach.limits.models import Allowance
from outreach.llm import admission
from outreach.llm.errors import Waiting
from outreach.llm.models import CallReservation, Interaction, ModelLimit
from outreach.llm.services import open_trace
from tests.outreach.llm.test_complete import ask


@pytest.fixture
def limited(settings, fake, monkeypatch):
    """Point everything at the fake server, with limits; no call waits for its turn unless a test says so."""
    monkeypatch.setattr(admission, "PATIENCE", timedelta())
    monkeypatch.setattr(admission, "SHORT_PATIENCE", timedelta())

    def configure(chain=("fake/fake-model",), **limits):
        settings.OUTREACH = Configuration.model_validate(
            {
                "llm": {
                    "providers": {"fake": {"base_url": fake.base_url, **limits}, "spare": {"base_url": fake.base_url}},
                    "routes": {"default": {"chain": list(chain), "max_output_tokens": 100}},
                    "retry_base_seconds": 0,
                }
            }
        )

    return configure


@pytest.mark.django_db(transaction=True)
def test_no_more_calls_at_once_than_allowed_whoever_asks(limited, fake, monkeypatch):
    limited(concurrent_calls=2)
    monkeypatch.setattr(admission, "SHORT_PATIENCE", timedelta(seconds=20))
    fake.delay_seconds = 0.2
    answers = []

    def work():
        try:
            answers.append(ask().is_builtin)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [False] * 6
    assert fake.most_at_once == 2
    assert not CallReservation.objects.exists()


@pytest.mark.django_db
def test_a_place_that_a_dead_worker_held_is_free_again(limited, time_machine):
    limited(concurrent_calls=1)
    CallReservation.objects.create(provider="fake", amount_usd=0, expires_at=clock.now() + timedelta(minutes=2))
    with pytest.raises(Waiting) as error:
        ask(waits=True)
    assert "its limit of 1 calls at once is reached" in error.value.reason
    time_machine.move_to(clock.now() + timedelta(minutes=3))
    assert not ask().is_builtin


@pytest.mark.django_db
def test_calls_a_minute_are_kept_and_the_wait_has_its_reason(limited, fake):
    limited(requests_per_minute=2)
    assert [ask().is_builtin for _ in range(2)] == [False, False]
    with pytest.raises(Waiting) as error:
        ask(waits=True)
    assert "fake/fake-model: its limit of 2 calls a minute is reached" in error.value.reason
    assert len(fake.requests) == 2


@pytest.mark.django_db
def test_another_model_of_the_chain_takes_over_from_one_that_is_full(limited):
    limited(chain=("fake/fake-model", "spare/fake-model"), requests_per_minute=1)
    assert [ask().interaction.provider for _ in range(2)] == ["fake", "spare"]


@pytest.mark.django_db
def test_tokens_that_a_call_did_not_use_are_free_for_the_next(limited):
    limited(tokens_per_minute=300)
    assert [ask().is_builtin for _ in range(3)] == [False] * 3
    tokens = Allowance.objects.get(key="llm:fake:tokens").usage["bucket"]["tokens"]
    used = sum(row.input_tokens + row.output_tokens for row in Interaction.objects.all())
    assert tokens == pytest.approx(300 - used, abs=20)


@pytest.mark.django_db
def test_a_short_wait_is_waited_for(limited, monkeypatch):
    limited(requests_per_minute=600)
    Allowance.objects.create(key="llm:fake:calls", usage={"bucket": {"tokens": 0.0, "at": clock.now().isoformat()}})
    monkeypatch.setattr(admission, "SHORT_PATIENCE", timedelta(seconds=5))
    started = time.monotonic()
    assert not ask().is_builtin
    assert time.monotonic() - started >= 0.08


@pytest.mark.django_db
def test_limits_are_learned_from_the_headers_of_an_answer(limited, fake):
    limited()
    fake.limits = {"x-ratelimit-limit-requests": "1", "x-ratelimit-limit-tokens": "90000"}
    assert not ask().is_builtin
    row = ModelLimit.objects.get()
    assert (row.provider, row.model, row.requests_per_minute, row.tokens_per_minute) == (
        "fake",
        "fake-model",
        1,
        90_000,
    )
    ask()
    assert ask(waits=False).is_builtin
    assert len(fake.requests) == 2


@pytest.mark.django_db
def test_a_limit_that_is_used_up_is_not_tried_until_it_resets(limited, fake, time_machine):
    limited()
    fake.limits = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2m0s",
    }
    ask()
    fake.limits = {}
    with pytest.raises(Waiting) as error:
        ask(waits=True)
    assert "its rate limit is used up" in error.value.reason
    assert timedelta(seconds=100) < error.value.after <= timedelta(seconds=120)
    time_machine.move_to(clock.now() + timedelta(minutes=3))
    assert not ask().is_builtin


@pytest.mark.django_db
def test_when_it_asks_us_to_wait_all_workers_do(limited, fake):
    limited()
    fake.retry_after = "600"
    fake.faults.extend(["429"])
    assert ask().is_builtin
    assert ask().is_builtin
    assert len(fake.requests) == 1


@pytest.mark.django_db(transaction=True)
def test_a_call_with_every_limit_and_cap_takes_few_statements(settings, limited):
    limited(concurrent_calls=8, requests_per_minute=1000, tokens_per_minute=100_000, prices={"*": {"input": 1, "output": 1}})  # fmt: skip
    settings.OUTREACH.llm.usd_per_day, settings.OUTREACH.llm.usd_per_campaign = 100, 100
    trace = open_trace("test", campaign_id=1)
    assert not ask(trace=trace).is_builtin
    with CaptureQueriesContext(connection) as made:
        assert not ask(trace=trace).is_builtin
    assert len(made) <= 16
    assert not ask(trace=trace, use_cache=True).is_builtin
    with CaptureQueriesContext(connection) as made:
        assert ask(trace=trace, use_cache=True).interaction.is_cache_hit
    assert len(made) <= 3
