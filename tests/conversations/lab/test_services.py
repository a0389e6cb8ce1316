"""Whole conversations with the shipped playbook: nothing is broken, nothing is left behind, and a seed repeats them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from conversations.lab import playing, services
from conversations.lab.models import Play
from conversations.models import Conversation, Message
from conversations.playbooks.definition import Price
from conversations.playbooks.services import default_playbook, save_playbook
from leads.models import Lead
from outreach.core.errors import Invalid
from outreach.llm.models import Interaction

pytestmark = pytest.mark.django_db


def held(playbook=None, **settings):
    playbook = playbook or default_playbook()
    return services.hold(
        services.create_run(playbook=playbook, settings=services.Settings(**settings), created_by=None)
    )


@pytest.fixture
def autonomous():
    """A playbook that answers by itself, with a booking link and a price."""
    shipped = default_playbook().current.definition
    words = {
        code: told.model_copy(update={"prices": (Price(what="Team", price="$49"),)})
        for code, told in shipped.words.items()
    }
    changes = {"mode": "autonomous", "booking_url": "https://cal.example/ann", "words": words}
    return save_playbook(name="Alone", definition=shipped.model_copy(update=changes), created_by=None).playbook


def test_no_rule_is_broken_and_nothing_looks_like_a_real_conversation(autonomous):
    booked = []
    for playbook in (default_playbook(), autonomous):
        run = held(playbook, rounds=1)
        total = services.figures(run)[0]
        assert [row.breaks for row in run.plays.exclude(breaks=[])] == []
        assert total.conversations == 18
        booked.append(total.booked)
        rows = run.plays.filter(persona="opts_out")
        assert {row.outcome for row in rows} <= {"opted_out", "held"} and {row.answers for row in rows} == {0}
    assert booked[1] > booked[0] > 0  # a booking link helps
    assert not Message.objects.exists() and not Conversation.objects.exists() and not Lead.objects.exists()
    assert set(Interaction.objects.values_list("provider", flat=True)) == {"builtin"}


def test_a_seed_repeats_a_run_and_two_playbooks_meet_the_same_people(autonomous):
    told = [
        [row.entries for row in held(playbook, rounds=1, seed=5).plays.all()]
        for playbook in (default_playbook(), default_playbook(), autonomous)
    ]
    assert told[0] == told[1]
    assert [entries[:2] for entries in told[0]] == [entries[:2] for entries in told[2]]


def test_a_run_is_held_once():
    run = held(rounds=1)
    services.hold(services.Run.objects.get(pk=run.pk))
    assert run.plays.count() == 18


def test_an_answer_that_promises_too_much_is_a_broken_rule(monkeypatch):
    compose = playing.compose

    def boasting(situation, **options):
        return replace(compose(situation, **options), body="We guarantee 90% off at https://evil.example")

    monkeypatch.setattr(playing, "compose", boasting)
    assert services.figures(held(rounds=1))[0].rule_breaks > 0


def test_rounds_have_bounds():
    with pytest.raises(Invalid):
        services.Settings(rounds=0)


def test_the_command_tells_every_persona_of_both_playbooks(autonomous, capsys):
    call_command("lab", "run", "--against", "Alone", "--rounds", "1", "--json")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["persona"] for row in rows].count("all") == 2 and len(rows) == 20
    assert all(row["rule_breaks"] == 0 for row in rows)
    assert Play.objects.count() == 36


def test_the_command_ends_with_one_when_a_rule_is_broken(monkeypatch, capsys):
    compose = playing.compose
    monkeypatch.setattr(
        playing,
        "compose",
        lambda situation, **options: replace(compose(situation, **options), body="I am a real person."),
    )
    with pytest.raises(CommandError) as ended:
        call_command("lab", "run", "--rounds", "1", "--json")
    assert ended.value.returncode == 1
    assert json.loads(capsys.readouterr().out.splitlines()[0])["rule_breaks"] > 0
