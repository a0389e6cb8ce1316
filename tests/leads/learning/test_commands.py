"""`manage.py learn` as an engineer uses it."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from tests.leads.learning import histories

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(tmp_path):
    path = tmp_path / "history.csv"
    path.write_bytes(histories.school(800))
    return path


def test_a_history_is_evaluated_as_json(history, capsys):
    call_command("learn", "evaluate", "--csv", str(history), "--target", "Converted", "--json")
    found = json.loads(capsys.readouterr().out)
    assert {"auc", "average_precision", "log_loss", "brier", "leaks"} <= set(found)
    assert "Tags" in found["leaks"]


def test_a_person_reads_tables_and_the_leaking_columns(history, capsys):
    call_command("learn", "evaluate", "--csv", str(history), "--target", "Converted", "--exclude", "City, Visits")
    shown = capsys.readouterr().out
    assert "Brier score" in shown and "Left out: Tags" in shown and "Not used: City" in shown


def test_an_active_learner_is_measured_beside_chance(tmp_path, capsys, settings):
    settings.OUTREACH = settings.OUTREACH.model_copy(deep=True)
    settings.OUTREACH.embeddings.embedder = "hash"
    path = tmp_path / "texts.csv"
    words = [("cloud software platform", 1), ("garden flowers plants", 0)]
    rows = [f"{words[i % 2][0]} number {i},{words[i % 2][1]}" for i in range(240)]
    path.write_text("text,wanted\n" + "\n".join(rows))
    call_command(
        "learn", "active", "--csv", str(path), "--text", "text", "--target", "wanted", "--labels", "30", "--json"
    )
    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [step["labels"] for step in steps] == [10, 20, 30]
    assert steps[-1]["active_auc"] > 0.95


@pytest.mark.parametrize(
    "arguments",
    [("--csv", "/nowhere.csv", "--target", "x"), ("--csv", "{history}", "--target", "Nothing")],
)
def test_a_mistake_is_one_clear_line(history, capsys, arguments):
    given = [text.format(history=history) for text in arguments]
    with pytest.raises((CommandError, SystemExit)):
        call_command("learn", "evaluate", *given)


def test_policies_are_compared_on_a_history(history, capsys):
    call_command("learn", "simulate", "--csv", str(history), "--target", "Converted", "--time", "Created", "--json")
    found = json.loads(capsys.readouterr().out)
    assert set(found["policies"]) == {"static", "nightly", "thompson", "q_learning"}
    nightly = found["policies"]["nightly"]
    assert len(nightly["conversions_by_day"]) == found["days"]
    assert sum(nightly["conversions_by_day"]) == nightly["conversions"] > 0
    assert "Tags" in found["leaks"]


def test_policies_are_compared_in_a_generated_world(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # a terminal that is wide enough for the table
    call_command("learn", "simulate", "--world", "drift", "--worlds", "1")
    shown = capsys.readouterr().out
    assert "nightly" in shown and "95% interval" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--world", "flat"),
        ("--world", "drift", "--csv", "{history}"),
        ("--csv", "{history}", "--target", "Lead Source"),
        ("--csv", "{history}", "--target", "Converted", "--time", "City"),
    ],
)
def test_a_simulation_that_cannot_be_is_refused_in_one_line(history, capsys, arguments):
    given = [text.format(history=history) for text in arguments]
    with pytest.raises((CommandError, SystemExit)):
        call_command("learn", "simulate", *given)
    assert "Traceback" not in capsys.readouterr().err
