"""Of workers that ask the same at once, one asks the model; what was kept about a person goes with them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from outreach.core import clock
from outreach.llm import keeping
from outreach.llm.models import AnswerFlight, CachedAnswer, Interaction
from outreach.llm.services import open_trace
from tests.llm_fixtures import configured
from tests.outreach.llm.test_complete import ask


def at_once(count):
    answers = []

    def work():
        try:
            answers.append(ask(use_cache=True))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_workers_that_ask_the_same_at_once_make_one_call(settings, fake):
    configured(settings, fake)
    fake.delay_seconds = 0.3
    answers = at_once(5)
    assert len(fake.requests) == 1
    assert {a.output.subject for a in answers} == {"Text from the fake model."}
    assert sorted(a.interaction.is_cache_hit for a in answers) == [False, True, True, True, True]
    assert not AnswerFlight.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_when_the_one_that_asks_fails_the_next_asks(settings, fake):
    configured(settings, fake)
    fake.delay_seconds = 0.2
    fake.faults.append("refusal")
    answers = at_once(3)
    assert sorted(a.is_builtin for a in answers) == [False, False, True]
    assert len(fake.requests) == 2


@pytest.mark.django_db
def test_a_worker_that_died_while_asking_holds_nobody_for_ever(settings, fake):
    configured(settings, fake, budget_seconds=0.4)
    ask(use_cache=True)
    key = CachedAnswer.objects.get().key
    CachedAnswer.objects.all().delete()
    AnswerFlight.objects.create(key=key, expires_at=clock.now() - timedelta(seconds=1))
    assert not ask(use_cache=True).interaction.is_cache_hit
    assert len(fake.requests) == 2


@pytest.mark.django_db
def test_erasing_a_person_takes_kept_answers_with_it_whoever_asked_first(settings, fake):
    configured(settings, fake)
    ask(use_cache=True, trace=open_trace("first", lead_id=1))
    hit = ask(use_cache=True, trace=open_trace("same question", lead_id=2)).interaction
    assert hit.is_cache_hit
    keeping.forget(lead_ids=[2])
    assert not CachedAnswer.objects.exists()
    assert not Interaction.objects.get(trace__lead_id=2).output
    assert not ask(use_cache=True).interaction.is_cache_hit
