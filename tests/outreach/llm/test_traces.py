"""Traces are read as a tree and leave the product with OpenTelemetry's names."""

import json

import pytest
from django.core.management import CommandError, call_command

from outreach.llm import checks, selectors
from outreach.llm.services import Call, complete, open_trace
from tests.campaigns.factories import make_user
from tests.llm_fixtures import configured

pytestmark = pytest.mark.django_db
MESSAGES = [{"role": "user", "content": "Hi"}]


def traced(**keys):
    trace = open_trace("test", **keys)
    complete(Call(trace=trace, step="draft", route="draft", messages=MESSAGES, builtin=lambda: "rules"))
    return trace


def test_an_attempt_stands_below_the_one_that_it_replaces(settings, fake):
    configured(settings, fake)
    fake.faults.extend(["500", "500"])
    nodes = selectors.tree(traced())
    assert [node.depth for node in nodes] == [0, 1, 2]
    totals = selectors.totals(nodes)
    assert (totals.calls, totals.failures) == (3, 2)
    assert totals.cost_usd is None


def test_a_priced_model_has_a_cost(settings, fake):
    configured(settings, fake, chain=["fake/gpt-4o-mini"])
    settings.OUTREACH.llm.providers["fake"].base_url = fake.base_url
    row = selectors.tree(traced())[0].interaction
    assert row.cost_usd is None or row.cost_usd >= 0


def test_export_has_open_telemetry_names_and_our_keys(capsys):
    traced(campaign_id=7, lead_id=8, session_key="s")
    traced(campaign_id=9)
    call_command("trace", "export", "--campaign", "7")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 1
    assert (lines[0]["name"], lines[0]["kind"]) == ("chat builtin", "INTERNAL")
    found = lines[0]["attributes"]
    assert found["gen_ai.provider.name"] == "builtin"
    assert found["gen_ai.input.messages"] == [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
    assert found["gen_ai.output.messages"][0]["parts"] == [{"type": "text", "content": "rules"}]
    assert (found["outreach.campaign_id"], found["gen_ai.conversation.id"]) == (7, "s")


def test_the_api_exports_the_same_lines(client):
    traced(campaign_id=7)
    traced(campaign_id=9)
    client.force_login(make_user("operator"))
    body = b"".join(client.get("/api/v1/model-calls/export/?campaign=9").streaming_content)
    assert [json.loads(line)["attributes"]["outreach.campaign_id"] for line in body.splitlines()] == [9]
    assert client.get("/api/v1/model-calls/export/?since=soon").status_code == 400


def test_show_prints_the_calls_and_refuses_nonsense(capsys):
    call_command("trace", "show", str(traced().pk), "--json")
    assert json.loads(capsys.readouterr().out)["model"] == "builtin/builtin"
    with pytest.raises((CommandError, SystemExit)):
        call_command("trace", "show", "nonsense")


def test_configuration_faults_name_their_key(settings, fake, monkeypatch):
    assert checks.check_language_models() == []
    configured(settings, fake, chain=["nobody/x", "shapeless"])
    settings.OUTREACH.llm.providers["fake"].api_key_env = "NO_SUCH_KEY"
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    found = checks.check_language_models()
    assert [f.id for f in found] == ["llm.E001", "llm.E001", "llm.W001"]
    assert "llm.routes.default.chain[0]" in found[0].msg
    assert "llm.providers.fake.api_key_env" in found[2].msg
