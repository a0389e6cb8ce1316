"""Packs × models × cases: a table of what passes, how good it is, what it costs; a stopped run goes on."""

import json
from itertools import islice

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from outreach.core.errors import Invalid
from outreach.jobs.draining import drain
from outreach.llm.models import Evaluation
from outreach.prompts import benchmarks
from outreach.prompts.models import Benchmark
from tests.campaigns.factories import make_user
from tests.llm_fixtures import configured, fake  # noqa: F401

pytestmark = pytest.mark.django_db


def classify(request):
    """A model that finds opt-outs only."""
    said = str(request["messages"]).lower()
    intent = "opt_out" if "stop" in said.split("the reply")[-1] else "positive"
    return json.dumps({"intent": intent, "confidence": 0.9, "reason": "x"})


def test_rules_and_models_stand_side_by_side(settings, fake):  # noqa: F811
    configured(settings, fake)
    fake.answer = classify
    run = benchmarks.start(references=["classify-reply"], targets=["builtin", "fake/fake-model", "fake/fault-bad_json"])
    cells = list(benchmarks.run(run))
    assert len(cells) == 24
    rules, model, broken = benchmarks.table(run)
    assert (rules.passed, rules.told) == (8, 8) and rules.pass_rate[0] == 1
    assert 0 < model.passed < 8 and model.latency_ms is not None and model.schema_failures == 0
    assert broken.passed == 0 and broken.schema_failures >= 8
    assert rules.pass_rate[1] == pytest.approx(0.676, abs=0.001)


def test_drafts_get_a_mark_with_its_interval():
    run = benchmarks.start(references=["first-contact-email"], targets=[])
    list(benchmarks.run(run))
    (line,) = benchmarks.table(run)
    mean, low, high = line.score
    assert 0 <= low <= mean <= high <= 1 and len(line.scores) == line.cases
    run.refresh_from_db()
    assert run.finished_at


def test_a_stopped_run_goes_on_where_it_stopped():
    run = benchmarks.start(references=["classify-reply"], targets=["builtin"])
    assert len(list(islice(benchmarks.run(run), 3))) == 3
    assert Benchmark.objects.get().finished_at is None
    assert len(list(benchmarks.run(run))) == 5
    assert Evaluation.objects.filter(judge="benchmark").count() == 8


def test_what_is_no_model_is_refused():
    for target, words in (("gpt", "not of the form provider/model"), ("nosuch/gpt", "no provider “nosuch”")):
        with pytest.raises(Invalid, match=words):
            benchmarks.start(references=["qualify"], targets=[target])


def test_it_runs_from_its_page(client):
    client.force_login(make_user("operator"))
    assert "No runs yet" in client.get(reverse("prompts:benchmarks")).content.decode()
    started = client.post(reverse("prompts:benchmarks"), {"packs": ["classify-reply"], "targets": ["builtin"]})
    assert started.status_code == 302
    drain("llm")
    shown = client.get(started["Location"]).content.decode()
    assert "8 of 8 cases done" in shown and "8/8" in shown


def test_it_runs_from_the_command_line(capsys):
    call_command("benchmark", "run", "--pack", "classify-reply", "--json")
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["pack"], line["passed"], line["target"]) == ("classify-reply", 8, "builtin")
    with pytest.raises(CommandError):
        call_command("benchmark", "run", "--resume", "99", "--json")
    assert json.loads(capsys.readouterr().err)["detail"] == "There is no benchmark 99."
