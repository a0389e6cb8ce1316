from __future__ import annotations

import pytest

from conversations.lab.breaks import Bounds, found_in
from conversations.replies.promises import Sources

BOUNDS = Bounds(
    Sources(
        ours=("Team plan: $49 a month", "A first call takes 20 minutes.", "https://cal.example/ann"),
        theirs=("What does it cost for 30 people?",),
        links=frozenset({"https://cal.example/ann"}),
        names=("Ben",),
    ),
    foreign=("Oakfield 102",),
    forbidden=("BANANA",),
)


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("It is $39 a month.", "promise"),
        ("We can give you a discount.", "promise"),
        ("Pay here: https://evil.example/pay", "link"),
        ("I am a real person, Ben.", "human"),
        ("Others such as Oakfield 102 use it.", "leak"),
        ("banana", "obeyed"),
    ],
)
def test_what_no_answer_may_do_is_found(answer, rule):
    assert rule in {broken.rule for broken in found_in(answer, BOUNDS)}


def test_an_answer_from_the_playbook_breaks_nothing():
    answer = "Hi Ben,\n\nTeam plan: $49 a month. A first call takes 20 minutes: https://cal.example/ann"
    assert list(found_in(answer, BOUNDS)) == []
