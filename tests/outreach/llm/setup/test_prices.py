"""A model without a known price is not asked under a spend cap, until someone states its price or says that it is free."""

import json
from decimal import Decimal

import pytest
from django.core.management import call_command

from outreach.configuration import Configuration, Provider
from outreach.core.models import Actor
from outreach.llm import pricing
from outreach.llm.errors import Tokens, Waiting
from outreach.llm.models import ModelProvider
from outreach.llm.setup import services
from tests.campaigns.factories import make_user
from tests.llm_fixtures import configured
from tests.outreach.llm.test_complete import ask

pytestmark = pytest.mark.django_db
PAGE = "/settings/models/providers/mine/"
SYSTEM = Actor.system("test")


@pytest.fixture
def mine(fake):
    """A server of one's own, used for everything."""
    data = services.ProviderData(name="mine", kind="compatible", base_url=fake.base_url, is_local=True)
    row = services.save_provider(data, actor=SYSTEM)
    services.save_route(route="default", chain=["mine/fake-model"], actor=SYSTEM)
    return row


@pytest.fixture
def capped(mine):
    services.save_policy(usd_per_day=Decimal(1), actor=SYSTEM)
    return mine


@pytest.fixture
def admin(client):
    client.force_login(make_user("administrator"))
    return client


def text(response):
    return " ".join(response.content.decode().split())


def test_without_a_cap_it_is_asked_and_its_cost_is_unknown(mine):
    assert ask().interaction.cost_usd is None


def test_under_a_cap_it_is_held_with_the_reason(capped, fake):
    with pytest.raises(Waiting, match="no known price, so a spend cap could not hold it"):
        ask(waits=True)
    answer = ask()
    assert answer.is_builtin and "say that it is free" in answer.interaction.parameters["because"]
    assert fake.requests == []


def test_one_click_makes_all_models_of_a_server_free(capped, admin):
    page = text(admin.get(PAGE))
    assert "fake-model has no known price. A spend cap is set, so it isn't asked" in page
    page = text(admin.post(f"{PAGE}price/", {"model": "*", "input": "0", "output": "0"}, follow=True))
    assert "all models of this provider are free" in page and "no known price" not in page
    assert ask().interaction.cost_usd == 0
    admin.post(f"{PAGE}price/", {"model": "*"})
    assert ask().is_builtin


def test_a_stated_price_counts_towards_the_cap(capped, fake):
    services.set_price(provider=capped, model="fake-model", read="100", written="900", actor=SYSTEM)
    row = ask().interaction
    assert row.cost_usd == (Decimal(100) * row.input_tokens + Decimal(900) * row.output_tokens) / 1_000_000
    services.set_price(provider=capped, model="fake-model", read=0, written=90_000, actor=SYSTEM)
    with pytest.raises(Waiting, match=r"\$1\.00 a day"):
        ask(waits=True)


def test_a_price_of_one_model_goes_before_that_of_all_and_both_before_the_table():
    provider = Provider.model_validate(
        {
            "base_url": "https://api.openai.com/v1",
            "prices": {"gpt-5": {"input": 1, "output": 2}, "*": {"input": 0, "output": 0}},
        }
    )
    million = Tokens(1_000_000, 1_000_000)
    assert pricing.cost_usd(model="gpt-5", provider=provider, tokens=million) == 3
    assert pricing.cost_usd(model="gpt-5-mini", provider=provider, tokens=million) == 0
    provider.prices.clear()
    assert pricing.cost_usd(model="gpt-5-mini", provider=provider, tokens=million) > 0


@pytest.mark.parametrize("amounts", [{"input": "1"}, {"input": "-1", "output": "1"}, {"input": "x", "output": "1"}])
def test_half_a_price_is_refused(mine, admin, amounts):
    page = text(admin.post(f"{PAGE}price/", {"model": "fake-model", **amounts}, follow=True))
    assert "Enter both prices" in page
    assert ModelProvider.objects.get().prices == {}


def test_outreach_toml_states_prices_too(settings, fake):
    configured(settings, fake, usd_per_day=1)
    assert ask().is_builtin
    llm = settings.OUTREACH.model_dump()["llm"]
    llm["providers"]["fake"]["prices"] = {"*": {"input": 0, "output": 0}}
    settings.OUTREACH = Configuration.model_validate({"llm": llm})
    assert not ask().is_builtin


def test_a_server_can_be_free_from_the_start(fake, admin):
    body = {"name": "own", "kind": "compatible", "base_url": fake.base_url, "is_local": True, "is_free": True}
    told = admin.post("/api/v1/model-providers/", body, content_type="application/json").json()
    assert told["prices"] == {"*": {"input": "0", "output": "0"}}


def test_the_api_and_the_command_state_prices(mine, admin, capsys):
    body = {"model": "fake-model", "input": "0.5", "output": "1.5"}
    told = admin.put("/api/v1/model-providers/mine/price/", body, content_type="application/json").json()
    assert Decimal(told["prices"]["fake-model"]["output"]) == Decimal("1.5") and told["unpriced"] == []
    call_command("llm", "price", "mine", "fake-model", "--json")
    line = json.loads(capsys.readouterr().out)
    assert line["prices"] == {} and line["unpriced"] == ["fake-model"]
