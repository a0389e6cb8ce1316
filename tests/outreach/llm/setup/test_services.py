"""Connecting a provider: what is refused, where the key may go, and what a test says."""

import pytest
from django.conf import settings as django_settings

from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.llm import configured
from outreach.llm.models import Circuit, Interaction, ModelProvider
from outreach.llm.services import Call, complete, open_trace
from outreach.llm.setup import services
from outreach.llm.setup.services import ProviderData
from tests.llm_fixtures import configured as in_toml

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")


def connect(fake=None, **given):
    data = {"name": "mine", "kind": "compatible", "base_url": fake.base_url if fake else "", "is_local": True, **given}
    return services.save_provider(ProviderData(**data), actor=ACTOR)


def answer(route="draft"):
    return complete(
        Call(
            trace=open_trace("t"),
            step="t",
            route=route,
            messages=[{"role": "user", "content": "Hi"}],
            builtin=lambda: "rules",
        )
    )


def test_a_connected_provider_serves_the_route_that_names_it(fake):
    connect(fake, key="sk-secret")
    services.save_route(route="default", chain=["mine/fake-model"], actor=ACTOR)
    assert answer().interaction.provider == "mine"
    assert fake.headers[-1]["authorization"] == "Bearer sk-secret"


def test_the_key_is_stored_encrypted(fake):
    connect(fake, key="sk-secret")
    assert "sk-secret" not in ModelProvider.objects.get().key_token


def test_what_outreach_toml_names_wins(settings, fake):
    connect(fake, name="other")
    services.save_route(route="default", chain=["other/small"], actor=ACTOR)
    in_toml(settings, fake)
    assert configured.chain("draft") == ["fake/fake-model"]
    with pytest.raises(Refused, match=r"outreach\.toml"):
        services.save_route(route="default", chain=["other/small"], actor=ACTOR)
    with pytest.raises(Invalid, match=r"outreach\.toml"):
        connect(fake, name="fake")


def test_a_refined_draft_uses_the_models_for_drafts_until_it_has_its_own(fake):
    connect(fake)
    services.save_route(route="draft", chain=["mine/big"], actor=ACTOR)
    assert configured.chain("refine") == ["mine/big"]
    assert configured.chain("classify") == []
    services.save_route(route="refine", chain=["mine/small", "mine/big"], actor=ACTOR)
    assert configured.chain("refine") == ["mine/small", "mine/big"]
    services.save_route(route="refine", chain=[], actor=ACTOR)
    assert configured.chain("refine") == ["mine/big"]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("kind", {"kind": "telepathy"}),
        ("name", {"name": "My Provider"}),
        ("name", {"name": "builtin"}),
        ("key", {"kind": "openai", "base_url": ""}),
        ("base_url", {"base_url": ""}),
        ("base_url", {"base_url": "ftp://example.com"}),
        ("base_url", {"base_url": "https://user:pass@example.com/v1"}),
        ("base_url", {"base_url": "http://127.0.0.1:11434/v1", "is_local": False}),
        ("base_url", {"base_url": "https://127.0.0.1/v1", "is_local": False}),
        ("base_url", {"base_url": "http://169.254.169.254/v1", "is_local": True}),
        ("timeout_seconds", {"base_url": "http://127.0.0.1:8099/v1", "timeout_seconds": 0}),
    ],
)
def test_wrong_input_names_its_field(field, given):
    with pytest.raises(Invalid) as caught:
        connect(**given)
    assert caught.value.field == field
    assert not ModelProvider.objects.exists()


def test_the_stored_key_does_not_follow_to_another_address(fake):
    row = connect(fake, key="sk-secret")
    moved = ProviderData(name="mine", kind="compatible", base_url="http://127.0.0.1:8099/v1", is_local=True)
    with pytest.raises(Invalid) as caught:
        services.save_provider(moved, actor=ACTOR, provider=row)
    assert caught.value.field == "key"
    same = ProviderData(name="mine", kind="compatible", base_url=fake.base_url, is_local=True, timeout_seconds=9)
    assert services.save_provider(same, actor=ACTOR, provider=row).has_key


def test_a_name_that_leads_to_a_private_address_is_not_asked_even_when_it_changes_later(fake):
    row = connect(fake)
    ModelProvider.objects.filter(pk=row.pk).update(is_local=False)
    result = services.test_provider(name="mine", model="fake-model", actor=ACTOR)
    assert "is not a public address" in result.error
    assert fake.requests == []


def test_a_test_keeps_the_answer_and_the_models(fake):
    connect(fake)
    result = services.test_provider(name="mine", model="fake-model", actor=ACTOR)
    assert result.is_working and result.answer == "Text from the fake model."
    circuit = Circuit.objects.get(provider="mine")
    assert circuit.model_names == ["fake-model"] and circuit.test["error"] == ""
    assert Interaction.objects.get().trace.name == "provider.test"


@pytest.mark.parametrize(
    ("fault", "words"),
    [("401", "401"), ("429", "429"), ("html", "a page instead of"), ("empty_choices", "no choices")],
)
def test_a_failed_test_says_what_is_wrong_after_one_call(fake, fault, words):
    connect(fake)
    fake.always = fault
    result = services.test_provider(name="mine", model="fake-model", actor=ACTOR)
    assert words in result.error and not result.is_working
    assert len(fake.requests) == 1
    assert words in Circuit.objects.get(provider="mine").test["error"]


def test_a_test_that_succeeds_ends_the_pause(fake):
    connect(fake)
    Circuit.objects.create(provider="mine", failures=9, opened_until="2999-01-01T00:00:00Z")
    services.test_provider(name="mine", model="fake-model", actor=ACTOR)
    assert Circuit.objects.get(provider="mine").opened_until is None


def test_a_provider_in_use_is_not_removed(fake):
    row = connect(fake)
    services.save_route(route="draft", chain=["mine/fake-model"], actor=ACTOR)
    with pytest.raises(Refused, match="Write drafts"):
        services.remove_provider(provider=row, actor=ACTOR)
    services.save_route(route="draft", chain=[], actor=ACTOR)
    services.remove_provider(provider=row, actor=ACTOR)
    assert configured.language_models() == django_settings.OUTREACH.llm


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("route", {"route": "poetry", "chain": []}),
        ("chain", {"route": "draft", "chain": ["no-slash"]}),
        ("chain", {"route": "draft", "chain": ["nobody/model"]}),
        ("temperature", {"route": "draft", "chain": [], "temperature": 3}),
        ("max_output_tokens", {"route": "draft", "chain": [], "max_output_tokens": 1}),
    ],
)
def test_a_wrong_route_names_its_field(field, given):
    with pytest.raises(Invalid) as caught:
        services.save_route(actor=ACTOR, **given)
    assert caught.value.field == field
