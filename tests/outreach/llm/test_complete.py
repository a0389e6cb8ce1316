"""An answer always comes, and every attempt leaves a row."""

import pytest
from pydantic import BaseModel

from outreach.llm.models import CachedAnswer, Circuit, Interaction, ModelProvider, ModelRoute
from outreach.llm.services import Call, close_trace, complete, open_trace
from tests.llm_fixtures import configured

pytestmark = pytest.mark.django_db


class Draft(BaseModel):
    subject: str
    body: str = "x"


MESSAGES = [{"role": "system", "content": "Write."}, {"role": "user", "content": "A note."}]


def ask(**options):
    return complete(
        Call(
            trace=options.pop("trace", None) or open_trace("test"),
            step="draft",
            route="draft",
            messages=MESSAGES,
            schema=Draft,
            builtin=lambda: Draft(subject="built in", body="rules"),
            **options,
        )
    )


def errors() -> list[str]:
    return list(Interaction.objects.order_by("created_at").values_list("error_class", flat=True))


def test_without_configuration_the_built_in_rules_answer_and_say_so():
    completion = ask()
    assert completion.output == Draft(subject="built in", body="rules")
    assert (completion.interaction.provider, completion.interaction.model) == ("builtin", "builtin")
    assert completion.is_builtin


def test_a_model_answers_in_the_schema_with_tokens_and_latency(settings, fake):
    configured(settings, fake)
    completion = ask()
    assert completion.output.subject == "Text from the fake model."
    row = completion.interaction
    assert (row.provider, row.model, row.finish_reason) == ("fake", "fake-model", "stop")
    assert row.input_tokens and row.output_tokens and row.latency_ms is not None
    assert row.input == MESSAGES
    schema = fake.requests[0]["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"]["required"] == ["subject", "body"]
    assert schema["schema"]["additionalProperties"] is False


def test_text_is_returned_as_text(settings, fake):
    configured(settings, fake)
    completion = complete(Call(trace=open_trace("t"), step="s", route="r", messages=MESSAGES, builtin=lambda: "rules"))
    assert completion.output == "Text from the fake model."


@pytest.mark.parametrize(("fault", "error_class"), [("429", "rate_limited"), ("500", "unavailable")])
def test_a_passing_fault_is_tried_again_and_both_attempts_are_rows(settings, fake, fault, error_class):
    configured(settings, fake)
    fake.faults.append(fault)
    completion = ask()
    assert not completion.is_builtin
    assert completion.interaction.retries == 1
    assert completion.interaction.parent is not None
    assert completion.interaction.parent.error_class == error_class


@pytest.mark.parametrize(
    ("fault", "error_class", "attempts"),
    [
        ("500", "unavailable", 3),
        ("429", "rate_limited", 3),
        ("401", "not_configured", 1),
        ("400", "rejected", 1),
        ("html", "not_an_answer", 1),
        ("empty_choices", "not_an_answer", 1),
        ("empty_text", "not_an_answer", 1),
        ("refusal", "refused", 1),
        ("bad_json", "invalid_output", 2),
        ("length", "truncated", 2),
    ],
)
def test_a_lasting_fault_degrades_to_the_built_in_rules(settings, fake, fault, error_class, attempts):
    configured(settings, fake)
    fake.always = fault
    completion = ask()
    assert completion.is_builtin
    assert completion.output.body == "rules"
    assert errors() == [error_class] * attempts + [""]


def test_a_slow_server_is_a_timeout(settings, fake):
    configured(settings, fake, budget_seconds=0.3)
    fake.always, fake.slow_seconds = "slow", 1.0
    assert ask().is_builtin
    assert errors() == ["timeout", ""]


def test_a_wait_that_was_set_on_the_page_is_not_cut_by_the_budget(settings, fake):
    configured(settings, fake, budget_seconds=0.3)
    row = ModelProvider(name="slow", kind="compatible", base_url=fake.base_url, is_local=True, timeout_seconds=30)
    row.save()
    ModelRoute.objects.create(route="draft", chain=["slow/fake-model"])
    fake.delay_seconds = 0.5
    assert not ask().is_builtin


def test_an_unreachable_server_degrades(settings, fake):
    configured(settings, fake)
    fake.stop()
    assert ask().is_builtin
    assert set(errors()) == {"unavailable", ""}


def test_bad_json_is_repaired_once_with_the_reason_shown(settings, fake):
    configured(settings, fake)
    fake.faults.append("bad_json")
    completion = ask()
    assert not completion.is_builtin
    repair = fake.requests[1]["messages"]
    assert repair[-2] == {"role": "assistant", "content": '{"subject": "half'}
    assert "cannot be used" in repair[-1]["content"]


def test_an_answer_in_a_code_fence_is_read(settings, fake):
    configured(settings, fake)
    fake.answer = lambda request: '```json\n{"subject": "s", "body": "b"}\n```'
    assert ask().output == Draft(subject="s", body="b")


def test_the_next_link_of_the_chain_is_tried(settings, fake):
    configured(settings, fake, chain=["fake/fault-400", "second/fake-model"])
    completion = ask()
    assert completion.interaction.provider == "second"
    assert completion.interaction.parent.error_class == "rejected"


def test_a_server_without_schemas_is_told_the_schema_in_words(settings, fake):
    configured(settings, fake)
    settings.OUTREACH.llm.providers["fake"].supports_json_schema = False
    fake.answer = lambda request: '{"subject": "s", "body": "b"}'
    assert ask().output.subject == "s"
    assert "response_format" not in fake.requests[0]
    assert "JSON schema" in fake.requests[0]["messages"][0]["content"]


def test_an_unset_key_is_a_row_that_names_the_variable(settings, fake, monkeypatch):
    configured(settings, fake)
    settings.OUTREACH.llm.providers["fake"].api_key_env = "NO_SUCH_KEY"
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    assert ask().is_builtin
    assert "NO_SUCH_KEY" in Interaction.objects.get(error_class="not_configured").error


def test_a_provider_that_keeps_failing_is_spared_and_probed_later(settings, fake, time_machine):
    configured(settings, fake)
    time_machine.move_to("2026-01-01 10:00", tick=False)
    fake.always = "html"
    for _ in range(5):
        ask()
    assert Circuit.objects.get().opened_until is not None
    asked = len(fake.requests)
    completion = ask()
    assert len(fake.requests) == asked
    assert completion.interaction.parameters["skipped"][0]["reason"] == "spared after repeated faults"
    time_machine.move_to("2026-01-01 10:01", tick=False)
    fake.always = ""
    assert not ask().is_builtin
    assert Circuit.objects.get().failures == 0


def test_a_cached_answer_is_a_row_of_its_own_that_asks_nobody(settings, fake):
    configured(settings, fake)
    first = ask(use_cache=True)
    second = ask(use_cache=True)
    assert len(fake.requests) == 1
    assert second.output == first.output
    assert second.interaction.is_cache_hit and not first.interaction.is_cache_hit
    assert ask(use_cache=True, pack_sha="other").interaction.is_cache_hit is False


def test_the_cache_expires_and_never_keeps_built_in_answers(settings, fake, time_machine):
    ask(use_cache=True)
    assert not CachedAnswer.objects.exists()
    configured(settings, fake, cache_days=1)
    time_machine.move_to("2026-01-01 10:00", tick=False)
    ask(use_cache=True)
    time_machine.move_to("2026-01-02 10:01", tick=False)
    assert ask(use_cache=True).interaction.is_cache_hit is False


def test_images_join_the_last_message(settings, fake):
    configured(settings, fake)
    ask(image_urls=["https://x.example/a.png"])
    assert fake.requests[0]["messages"][-1]["content"][1]["image_url"]["url"] == "https://x.example/a.png"


def test_a_trace_knows_its_end():
    trace = open_trace("drafts", campaign_id=1, lead_id=2)
    close_trace(trace, error="nothing")
    trace.refresh_from_db()
    assert trace.finished_at is not None and trace.error == "nothing"
