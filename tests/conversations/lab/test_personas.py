from __future__ import annotations

from random import Random

import pytest

from conversations.lab import personas
from conversations.lab.personas import Player

ALL = [(persona, language) for persona in personas.personas() for language in personas.first()]


def player(persona, language, seed=1):
    return Player(persona, language, personas.cast(language, 3), Random(seed))


@pytest.mark.parametrize(("persona", "language"), ALL, ids=[f"{p.name} {language}" for p, language in ALL])
def test_everybody_answers_a_first_message_in_every_language(persona, language):
    lines = [line for stage in persona.lines[language].values() for line in stage]
    assert persona.lines[language]["opening"]
    assert {line.kind for line in lines} <= personas.KINDS
    opening = player(persona, language).answer(["Hello?"], link="")
    assert opening is not None and "{" not in opening.text


def test_a_seed_says_the_same_and_nobody_repeats_a_line():
    persona = next(each for each in personas.personas() if each.name == "asks")
    first, again = player(persona, "en"), player(persona, "en")
    ours = ["Hello", "See https://cal.example/ann", "Which day?", "Good."]
    said = [first.answer(ours[: count % 4 + 1], link="https://cal.example/ann") for count in range(20)]
    assert said == [again.answer(ours[: count % 4 + 1], link="https://cal.example/ann") for count in range(20)]
    spoken = [line for line in said if line]
    assert len(spoken) == len(set(spoken)) and None in said


def test_no_two_people_share_a_company():
    assert len({personas.cast("en", number).company for number in range(200)}) == 200
