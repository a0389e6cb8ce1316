"""What models cost, how long they take and how good they are; every number opens its calls."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from outreach.core import clock
from outreach.llm.models import Evaluation, Interaction
from outreach.llm.services import open_trace
from outreach.prompts.services import current
from tests.campaigns.factories import make_campaign, make_user

COSTS, CALLS = "/settings/models/costs/", "/settings/models/calls/"


@pytest.fixture
def operator(client, db):
    client.force_login(make_user("operator"))
    return client


def make_call(campaign=None, *, days_ago=0, **fields):
    trace = open_trace("draft", campaign_id=campaign.pk if campaign else None)
    values = {
        "step": "draft", "route": "draft", "provider": "openai", "model": "gpt", "input_tokens": 1000,
        "output_tokens": 100, "cost_usd": Decimal("0.01"), "latency_ms": 800,
    }  # fmt: skip
    row = Interaction.objects.create(trace=trace, campaign_id=trace.campaign_id, **{**values, **fields})
    if days_ago:
        Interaction.objects.filter(pk=row.pk).update(created_at=clock.now() - timedelta(days=days_ago))
    return row


def text(response):
    return " ".join(response.content.decode().split())


def lines(client, **query):
    body = client.get("/settings/models/costs.csv", query).content.decode().lstrip("\ufeff")
    return {line["label"]: line for line in csv.DictReader(io.StringIO(body))}


def test_sums_by_each_dimension(operator):
    first, pack = make_campaign(name="Autumn"), current("first-contact-email")
    for _ in range(3):
        make_call(first, pack_sha=pack.sha)
    make_call(first, error_class="timeout", cost_usd=None, latency_ms=60_000)
    make_call(model="mini", step="judge", cost_usd=Decimal("0.002"), days_ago=1)
    make_call(provider="builtin", model="builtin", cost_usd=None, latency_ms=0)
    by_model = lines(operator, by="model")
    assert (by_model["openai/gpt"]["calls"], by_model["openai/gpt"]["failed"]) == ("4", "1")
    assert by_model["openai/gpt"]["cost_usd"] == "0.030000" and by_model["Built-in rules"]["median_ms"] == ""
    assert float(by_model["openai/gpt"]["median_ms"]) == 800
    assert lines(operator, by="campaign")["Autumn"]["calls"] == "4"
    assert lines(operator, by="campaign")["No campaign"]["calls"] == "2"
    assert lines(operator, by="pack")[f"first-contact-email · {pack.sha[:8]}"]["calls"] == "3"
    assert lines(operator, by="purpose")["Judge texts"]["calls"] == "1"
    assert len(lines(operator, by="day")) == 3
    assert lines(operator, by="model")["Total"]["calls"] == "6"


def test_quality_is_what_judges_and_people_said(operator):
    row = make_call()
    for name, score in (("quality:a", 0.5), ("quality:b", 1.0), ("decision:a", 1.0), ("decision:b", 0.0)):
        Evaluation.objects.create(interaction=row, name=name, score=score, judge="m")
    line = lines(operator, by="model")["openai/gpt"]
    assert (float(line["quality"]), line["judged"], float(line["approved"])) == (0.75, "2", 0.5)


def test_each_number_leads_to_its_calls(operator):
    campaign = make_campaign(name="Autumn")
    mine, other = make_call(campaign), make_call()
    failed = make_call(campaign, error_class="timeout")
    page = text(operator.get(COSTS, {"by": "campaign"}))
    assert f"?by=campaign&amp;campaign={campaign.pk}" in page
    found = text(operator.get(CALLS, {"campaign": campaign.pk}))
    assert f"call-{mine.pk}" in found and f"call-{other.pk}" not in found and "Campaign: Autumn" in found
    found = text(operator.get(CALLS, {"campaign": campaign.pk, "only": "failed"}))
    assert f"call-{failed.pk}" in found and f"call-{mine.pk}" not in found
    assert f"call-{other.pk}" in text(operator.get(CALLS, {"campaign": "-"}))


def test_calls_are_paged_without_gaps_or_repeats(operator):
    rows = [make_call() for _ in range(120)]
    seen, after = [], ""
    for _page in range(3):
        answer = operator.get(CALLS, {"after": after} if after else {})
        seen += [row.pk for row, _purpose in answer.context["rows"]]
        after = answer.context["more"]
    assert after == "" and len(seen) == len(set(seen)) == 120 and set(seen) == {row.pk for row in rows}


@pytest.mark.parametrize(
    "query",
    [
        {"campaign": "x"},
        {"since": "soon"},
        {"since": "9999-12-31", "until": "9999-12-31"},
        {"by": "colour"},
        {"only": "?"},
    ],
)
def test_nonsense_in_the_address_is_left_out(operator, query):
    make_call()
    assert operator.get(COSTS, query).status_code == 200
    assert operator.get(CALLS, query).status_code == 200


def test_a_wrong_place_is_a_bad_request(operator):
    assert operator.get(CALLS, {"after": "here"}).status_code == 400


def test_reviewers_see_no_costs(client, db):
    client.force_login(make_user("reviewer"))
    assert client.get(COSTS).status_code == 403 and client.get(CALLS).status_code == 403


def test_the_pages_ask_the_database_as_often_for_many_as_for_few(operator, django_assert_max_num_queries):
    for number in range(60):
        make_call(make_campaign() if number < 5 else None)
    with django_assert_max_num_queries(14):
        operator.get(COSTS, {"by": "campaign"})
    with django_assert_max_num_queries(8):
        operator.get(CALLS)


def test_the_api_and_the_command_say_the_same(operator, capsys):
    make_call()
    told = operator.get("/api/v1/model-costs/", {"by": "purpose"}).json()
    assert (told[0]["label"], told[0]["cost_usd"]) == ("Write drafts", "0.010000")
    call_command("llm", "costs", "--by", "purpose", "--json")
    assert json.loads(capsys.readouterr().out)["label"] == "Write drafts"


def test_without_a_known_price_the_chart_says_so_and_a_trace_says_what_it_was_for(operator):
    row = make_call(step="simulate", cost_usd=None)
    page = text(operator.get(COSTS))
    assert "None of these calls has a known price." in page and 'id="cost-chart"' not in page
    trace = text(operator.get(f"/traces/{row.trace_id}/"))
    assert "Trial of a prompt" in trace and f'href="{CALLS}"' in trace
    make_call()
    assert 'id="cost-chart"' in text(operator.get(COSTS))
