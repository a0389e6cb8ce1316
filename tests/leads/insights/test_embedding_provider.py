"""Vectors from a provider of the usual embeddings API, over the vendor's own SDK and a local server."""

from __future__ import annotations

import json

import pytest

from leads.insights import embedding, similarity, tasks
from leads.insights.models import EmbeddingDue, LeadEmbedding
from outreach.configuration import Configuration
from outreach.core.errors import Permanent, Retryable
from outreach.llm import embeddings
from outreach.llm.models import Interaction
from tests.leads.factories import make_lead
from tests.servers.fake_openai import FakeOpenAI

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.llm_fixtures"]


@pytest.fixture(autouse=True)
def provider(settings, fake: FakeOpenAI, monkeypatch) -> FakeOpenAI:
    monkeypatch.setenv("FAKE_KEY", "sk-tests")
    use(settings, fake)
    return fake


def use(settings, fake: FakeOpenAI, *, key: str = "FAKE_KEY", **changes) -> None:
    settings.OUTREACH = Configuration.model_validate(
        {
            "llm": {"providers": {"fake": {"base_url": fake.base_url, "api_key_env": key}}},
            "embeddings": {"embedder": "openai", "provider": "fake", "model": "text-embedding-3-small", **changes},
        }
    )


def fault_of(call) -> Permanent | Retryable:
    with pytest.raises((Permanent, Retryable)) as caught:
        call()
    return caught.value


def test_vectors_are_asked_for_at_our_size_and_kept_with_length_one(fake):
    one, two = make_lead(title="Painter"), make_lead(title="Painter of boats")
    embedding.embed(lead_ids=[one.pk, two.pk])

    (request,) = fake.requests
    assert (request["model"], request["dimensions"], len(request["input"])) == ("text-embedding-3-small", 512, 2)
    rows = list(LeadEmbedding.objects.all())
    assert {row.embedder for row in rows} == {"openai:text-embedding-3-small@512"}
    for row in rows:
        assert sum(number * number for number in json.loads(row.vector)) == pytest.approx(1, abs=0.01)
    assert [found.lead for found in similarity.similar(lead=one)] == [two]


def test_each_call_is_on_record_and_what_did_not_change_is_not_sent_again(fake):
    lead = make_lead(title="Painter")
    embedding.embed(lead_ids=[lead.pk])
    embedding.embed(lead_ids=[lead.pk])
    assert len(fake.requests) == 1
    call = Interaction.objects.get()
    assert (call.step, call.provider, call.error_class) == ("embed", "fake", "")


def test_vectors_that_come_in_another_order_go_to_their_own_texts(fake):
    texts = ["Painter", "Bicycle mechanic", "Head of accounting"]
    straight = embeddings.current().embed(texts)
    fake.faults.append("shuffled")
    assert embeddings.current().embed(texts) == straight


@pytest.mark.parametrize("fault", ["short", "fewer", "html"])
def test_an_answer_that_does_not_fit_is_not_stored(fake, fault):
    lead = make_lead(title="Painter")
    fake.faults.append(fault)
    assert fault_of(lambda: embedding.embed(lead_ids=[lead.pk])).code == "embedder_unavailable"
    assert not LeadEmbedding.objects.exists()
    assert Interaction.objects.get().error_class == "not_an_answer"


@pytest.mark.parametrize("fault", ["500", "503", "429"])
def test_an_outage_leaves_what_is_due_and_the_next_round_makes_it(fake, fault):
    embedding.note(lead_ids=[make_lead(title="Painter").pk])
    fake.always = fault
    error = fault_of(tasks.embed)
    assert isinstance(error, Retryable) and EmbeddingDue.objects.count() == 1
    fake.always = ""
    tasks.embed()
    assert LeadEmbedding.objects.count() == 1 and not EmbeddingDue.objects.exists()


def test_a_provider_that_is_not_there_is_an_outage(settings, fake):
    embedding.note(lead_ids=[make_lead(title="Painter").pk])
    fake.stop()
    try:
        assert fault_of(tasks.embed).code == "embedder_unavailable"
    finally:
        fake.start()
    assert EmbeddingDue.objects.count() == 1


def test_a_model_that_the_provider_does_not_have_is_no_outage(fake):
    fake.always = "404"
    error = fault_of(lambda: embeddings.current().embed(["Painter"]))
    assert isinstance(error, Permanent) and error.code == "embedder_refused"


def test_without_a_key_it_is_said_before_anybody_is_asked(settings, fake):
    use(settings, fake, key="NO_SUCH_KEY")
    assert "NO_SUCH_KEY" in fault_of(lambda: embeddings.current().embed(["Painter"])).reason
    assert fake.requests == []


def test_a_provider_that_is_not_configured_is_named(settings, fake):
    use(settings, fake, provider="elsewhere")
    error = fault_of(lambda: embeddings.current().embed(["Painter"]))
    assert error.code == "no_provider" and "elsewhere" in error.reason


def test_vectors_of_the_shipped_embedder_and_of_the_provider_are_never_compared(settings, fake):
    one, two = make_lead(title="Painter"), make_lead(title="Painter")
    embedding.embed(lead_ids=[one.pk])
    use(settings, fake, embedder="hash")
    embedding.embed(lead_ids=[two.pk])
    assert similarity.similar(lead=two) == []


def test_large_batches_are_sent_a_handful_at_a_time(fake):
    embedding.note(lead_ids=[make_lead(title=f"Painter of {n} houses").pk for n in range(70)])
    tasks.embed()
    assert [len(request["input"]) for request in fake.requests] == [64, 6]
