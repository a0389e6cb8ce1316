"""Replies are read as well as the lists say that were written before the rules were changed for them."""

from __future__ import annotations

import pytest

from tests.conversations.replies import fresh

FLOORS = {
    "opt-outs suppressed or held": 1.0,
    "opt-outs suppressed at once": 0.8,
    "last opt-outs suppressed or held": 1.0,
    "intents": 0.95,
    "last intents": 0.93,
    "opt-outs in families suppressed or held": 0.995,
    "opt-outs in families suppressed at once": 0.66,
    "intents in families": 0.96,
    "closing opt-outs suppressed or held": 0.98,
    "closing intents": 0.9,
    "development opt-outs suppressed or held": 0.98,
    "frozen opt-outs suppressed or held": 0.98,
    "wide opt-outs suppressed or held": 0.99,
    "wide opt-outs suppressed at once": 0.73,
    "wide intents": 0.96,
    "facts found": 0.75,
}
LEFT_ALONE = {
    "ordinary answers neither suppressed nor held": 0.82,
    "last ordinary answers neither suppressed nor held": 0.7,
    "ordinary in families neither suppressed nor held": 0.82,
    "closing ordinary answers neither suppressed nor held": 0.7,
    "development ordinary answers neither suppressed nor held": 0.85,
    "frozen ordinary answers neither suppressed nor held": 0.62,
    "wide ordinary answers neither suppressed nor held": 0.8,
}
"""A hold costs a click and a missed opt-out a person's peace, so these only keep holds from growing unseen (CARD.md).
What costs an answer for good, that an ordinary one is suppressed, is not allowed once, below."""


@pytest.mark.parametrize(("name", "title", "is_right"), [row for row in fresh.FIGURES if row[1] in FLOORS | LEFT_ALONE])
def test_enough_lines_of_a_list_are_read_rightly(name, title, is_right):
    rows = fresh.lines(name)
    assert sum(map(is_right, rows)) / len(rows) >= (FLOORS | LEFT_ALONE)[title]


@pytest.mark.parametrize(
    "name",
    [
        "ordinary",
        "last_ordinary",
        "families_ordinary",
        "closing_ordinary",
        "dev_ordinary",
        "frozen_ordinary",
        "wide_ordinary",
    ],
)
def test_no_ordinary_answer_is_suppressed(name):
    assert [row.text for row in fresh.lines(name) if not fresh.is_not_suppressed(row)] == []


def test_few_questions_find_a_wrong_fact_and_those_are_never_sure():
    wrong = [row for row in fresh.lines("facts") if fresh.finds_a_wrong_fact(row)]
    assert len(wrong) <= 3
    assert not [row for row in wrong if fresh.match(row).is_sure]
