"""Experiments by page, API and command."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from campaigns.arms.models import Experiment
from tests.campaigns.factories import make_campaign, make_candidate, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def step():
    campaign = make_campaign(name="Autumn")
    make_candidate(campaign)
    return campaign.steps.get()


@pytest.fixture
def operator(client):
    client.force_login(make_user("operator"))
    return client


FORM = {
    "factor": "variant",
    "name": "Tone",
    "metric": "replied",
    "base_rate": "5",
    "difference": "50",
    "unit": "person",
    "mode": "fixed",
}


def test_from_the_form_to_a_running_experiment(operator, step):
    answer = operator.post(
        reverse("experiments:create"), FORM | {"step": step.pk, "values": ["direct", "casual"]}, follow=True
    )
    row = Experiment.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("experiments:detail", args=[row.pk])
    assert row.base_rate == pytest.approx(0.05) and row.ratio == 1.5 and row.needed == 5088
    answer = operator.post(reverse("experiments:start", args=[row.pk]), follow=True)
    assert "People join as their drafts are written." in answer.content.decode()
    assert "5088 people are needed" in answer.content.decode()
    assert row.name in operator.get(reverse("experiments:list")).content.decode()


def test_one_variant_alone_is_a_test_of_the_test(operator, step):
    operator.post(reverse("experiments:create"), FORM | {"step": step.pk, "values": ["casual"]})
    assert [arm.value for arm in Experiment.objects.get().arms.all()] == ["casual", "casual"]


def test_the_form_says_what_it_takes_and_whether_the_list_has_it(operator, step):
    answer = operator.post(reverse("experiments:plan"), FORM | {"step": step.pk, "values": ["direct", "casual"]})
    said = answer.content.decode()
    assert "it takes 5,088 people to see a difference of 50%" in said
    assert "has 1 people left: too few" in said or "1 person left" in said
    assert not Experiment.objects.exists()


def test_an_impossible_difference_is_told_beside_its_field(operator, step):
    answer = operator.post(
        reverse("experiments:create"), FORM | {"step": step.pk, "values": ["direct", "casual"], "base_rate": "80"}
    )
    assert answer.status_code == 422
    assert "possible at this rate" in answer.content.decode()


def test_a_reviewer_sees_but_does_not_start(client, step):
    client.force_login(make_user("operator"))
    client.post(reverse("experiments:create"), FORM | {"step": step.pk, "values": ["direct", "casual"]})
    row = Experiment.objects.get()
    client.force_login(make_user("reviewer"))
    assert client.get(reverse("experiments:detail", args=[row.pk])).status_code == 200
    assert (
        "No one here" in client.get(reverse("experiments:people", args=[row.pk]), {"number": "sent"}).content.decode()
    )
    assert client.get(reverse("experiments:people", args=[row.pk]), {"number": "x"}).status_code == 400
    assert client.post(reverse("experiments:start", args=[row.pk])).status_code == 403


def test_over_the_api(operator, step):
    given = {"step": step.pk, "name": "Tone", "values": ["direct", "casual"], "base_rate": 0.05}
    made = operator.post("/api/v1/experiments/", given, content_type="application/json")
    assert made.status_code == 201 and made.json()["needed"] == 5088
    started = operator.post(f"/api/v1/experiments/{made.json()['id']}/start/").json()
    assert started["state"] == "running" and started["result"]["winner"] is None
    assert [arm["name"] for arm in started["result"]["arms"]] == ["direct", "casual"]
    wrong = operator.post("/api/v1/experiments/", given | {"values": ["x", "y"]}, content_type="application/json")
    assert wrong.status_code == 400 and "cannot be compared" in str(wrong.json())


def said(capsys, *arguments):
    call_command("experiment", *arguments, "--json")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_from_the_command_line(capsys, step):
    user = make_user("operator").username
    options = ["--variant", "direct", "--variant", "casual", "--user", user]
    [made] = said(capsys, "create", "Autumn", *options)
    [started] = said(capsys, "start", str(made["experiment"]), "--user", user)
    assert started["state"] == "running"
    assert said(capsys, "show", str(made["experiment"]))[0]["verdict"].startswith("Nothing was sent yet.")
    assert [row["name"] for row in said(capsys, "list")] == ["direct / casual"]
    [stopped] = said(capsys, "stop", str(made["experiment"]), "--user", user)
    assert stopped["state"] == "stopped"


def test_simulations_print_how_often_they_err(capsys):
    [found] = said(capsys, "simulate", "--runs", "50", "--base", "0.1", "--ratio", "2")
    assert 0 <= found["false_positive_rate"] <= 0.1
    assert 0.6 < found["power"] <= 1


@pytest.mark.parametrize(
    "arguments", [["show", "99"], ["plan", "--base", "0"], ["plan", "--ratio", "1"], ["simulate", "--ratio", "nan"]]
)
def test_errors_are_one_line(capsys, arguments):
    with pytest.raises(CommandError):
        call_command("experiment", *arguments)
    assert capsys.readouterr().err.count("\n") <= 2
