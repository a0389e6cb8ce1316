"""Questions and objections are of a kind where that is clear, and of none otherwise."""

from __future__ import annotations

import pytest

from conversations.replies import subjects
from conversations.replies.finding import known


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("And the price for 300 seats?", "price"),
        ("Сколько стоит на 50 человек?", "price"),
        ("Does it work with Salesforce?", "integration"),
        ("Where are the servers?", "hosting"),
        ("Есть ли пробный период?", "trial"),
        ("Are you a bot?", ""),
        ("Can you call me on Friday?", ""),
    ],
)
def test_a_question_is_of_a_kind(text, kind):
    found = subjects.find(questions=[text], objections=[])
    assert [one.kind for one in found] == ([f"question.{kind}"] if kind else [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Sorry, that is way too pricey.", "too_expensive"),
        ("We've a vendor already.", "has_vendor"),
        ("Сейчас очень заняты.", "not_now"),
        ("My manager said no.", "decision"),
        ("Not interested.", ""),
    ],
)
def test_an_objection_is_of_a_kind(text, kind):
    found = subjects.find(questions=[], objections=[text])
    assert [one.kind for one in found] == ([f"objection.{kind}"] if kind else [])


@pytest.mark.parametrize(("file", "labels"), [("questions", subjects.QUESTIONS), ("objections", subjects.OBJECTIONS)])
def test_every_kind_has_a_label(file, labels):
    assert set(known(file)[0]) == set(labels)
