"""The rules find what a careful reader would, and leave good texts alone."""

import pytest

from campaigns.drafts import guardrails
from campaigns.drafts.facts import Fact
from campaigns.review.wording import FLAGS
from outreach.prompts.pack import Guardrails
from tests.campaigns.drafts.risk_corpus import CORPORA, WHOLE, measure, rows

FACTS = [
    Fact("campaign:1:offer", "offer", "a review in 20 minutes", is_trusted=True),
    Fact("campaign:1:sender_company", "sender_company", "Northwind Ltd", is_trusted=True),
    Fact("lead:1:first_name", "first_name", "Joe"),
    Fact("company:1:company_name", "company_name", "Fabrikam"),
]


def codes(body, *, subject="A question", language="en", facts=FACTS):
    report = guardrails.check(
        subject=subject, body=body, channel="email", language=language, rules=Guardrails(), facts=facts
    )
    return {flag.code for flag in report.flags}


@pytest.mark.parametrize("corpus", [corpus for corpus in CORPORA if WHOLE.get(corpus) != "tuning"])
def test_the_corpus_is_read_right(corpus):
    figures = measure("aside", corpus)
    assert figures.spoiled > 30
    assert figures.good >= 30
    assert figures.recall >= 0.95
    assert figures.false_alarms <= 0.03


def test_what_the_rules_were_tuned_on_last_is_read_without_a_fault():
    figures = measure("tuning", "fifth_corpus")
    assert (figures.found, figures.alarms) == (figures.spoiled, 0)


def test_the_corpus_is_what_it_says():
    everything = rows("tuning") + rows("aside")
    assert sum(row["kind"] == "good" for row in everything) == 200
    assert sum(row["kind"] != "good" for row in everything) == 200
    assert {row["language"] for row in everything} == {"en", "ru"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("Hi Joe,\n\nI'm writing to you as =1+1 at Fabrikam.", "formula"),
        ("Hi Joe,\n\nHere is an idea for Fabrikam Inc.. Is it of use?", "legal_form"),
        ("Hi Joe,\n\nIt was about We give teams their evenings back.", "grammar"),
        ("Hi Joe,\n\nIt is a easy thing.", "grammar"),
        ("Hi Роман,\n\nIs it of use?", "name_mismatch"),
        ("Hi Anna,\n\nIs it of use?", "name_mismatch"),
        ("Hi Joe,\n\nWho decides at Contoso?", "name_mismatch"),
        ("Hi Joe,\n\nHere is an idea for Fаbrikam.", "mixed_alphabet"),
        ("Hi Joe,\n\nOur clients include Google.", "claim_without_fact"),
        ("Hi Joe,\n\nAct now, please.", "spam_words"),
        ("Hi Joe,\n\nIf you are not happy, you get your money back.", "promise_without_fact"),
        ("Hi Joe,\n\nNot only are we trusted by hundreds of firms.", "claim_without_fact"),
        ("Hi Joe,\n\nWe are certified to ISO 9001.", "number_without_fact"),
        ("Hi Joe,\n\nDid the 40 people in your team say so?", "number_without_fact"),
        ("Hi Joe,\n\nYou still ignore me.", "pressure"),
        ("Hi Joe,\n\nPick a time: http:/cal.example/a", "broken_link"),
        ("Hi Joe,\n\nThis is REALLY quick.", "shouting"),
        ("Hi Joe,\n\nIs it of use ?", "punctuation"),
        ("Hi Joe,\n\nSehr geehrter Herr, wir haben eine Frage und sind für Sie da.", "wrong_language"),
    ],
)
def test_each_kind_has_its_code(body, code):
    assert code in codes(body)
    assert code in FLAGS


@pytest.mark.parametrize(
    "body",
    [
        "Hi Joe,\n\nIs that something you'd look at? An honest answer is enough... even a short one.",
        "Hi Joe,\n\nIt takes an hour, a user sees only what they need, and it's a one-off setup, e.g. in Excel.",
        "Hi Joe,\n\nWho at Fabrikam would be the one to talk to?\n\nAnn\nNorthwind Ltd",
        "Dear Joe,\n\nThere is nothing for IT to do, and GDPR is covered (really).",
        "Hi there,\n\nIs it of use?",
        "Hi Joe,\n\nNo hurry, and nothing urgent. If you have raised money, congratulations.",
        "Hi Joe,\n\nWho approves refunds at Fabrikam? It'd be great to talk, and thanks for your time.",
        "Hi Joe,\n\nTwo trucks come before 8 a.m., J. Roe, the driver, tells me. Shall I ask again in 3 months?",
        "Hi Joe,\n\nI have 2 questions, and, honestly, one is short: what did ISO 9001 cost you in 2021?",
        "Hi Joe,\n\nWhere do the orders come from? Hundreds of lines in Excel, from Lisbon, for Christmas?",
        "Hi Joe,\n\nIs your family business busy from 9 to 5, much much more in May, and HACCP on top?",
    ],
)
def test_good_sentences_are_left_alone(body):
    facts = FACTS if "Joe" in body else FACTS[:2]
    assert codes(body, facts=facts) == set()


def test_a_greeting_with_a_name_that_the_record_does_not_hold():
    unusable = Fact("lead:1:first_name", "first_name", "", raw="Sales", note="placeholder")
    assert "name_mismatch" in codes("Hi Sales,\n\nIs it of use?", facts=[unusable])
    assert codes("Hi there,\n\nIs it of use?", facts=[unusable]) == set()


def test_a_word_that_begins_like_a_greeting_is_none():
    for width in range(90, 120):
        assert "grammar" not in codes(f"Hi Joe,\n\n{'w' * width} hiring is what we look at.")
    assert "grammar" in codes("Hi Joe,\n\nHello and good morning to you.")
