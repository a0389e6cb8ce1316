"""Words fit what stands beside them, and nothing is left of what was left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.prompts import grammar
from outreach.prompts.rendering import fill


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("HR manager", "an HR manager"),
        ("UX designer", "a UX designer"),
        ("SEO specialist", "an SEO specialist"),
        ("hour", "an hour"),
        ("user", "a user"),
        ("university", "a university"),
        ("umbrella", "an umbrella"),
        ("European", "a European"),
        ("engineer", "an engineer"),
        ("8-person team", "an 8-person team"),
        ("1 call", "a 1 call"),
    ],
)
def test_articles_follow_the_sound(words, written):
    assert grammar.with_article(words) == written


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("CEO", "the CEO"),
        ("head of people", "the head of people"),
        ("sales manager", "a sales manager"),
        ("co-founder", "a co-founder"),
        ("accountant", "an accountant"),
    ],
)
def test_there_is_one_chief_and_many_managers(title, role):
    assert grammar.as_role(title) == role


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("founder", "the founder of Fabrikam"),
        ("head of people", "the head of people at Fabrikam"),
        ("senior engineer II", "a senior engineer at Fabrikam"),
        ("VP", "a VP at Fabrikam"),
        ("VP Sales", "the VP Sales at Fabrikam"),
        ("", ""),
    ],
)
def test_a_role_at_its_company(title, words):
    assert grammar.as_role(title, "Fabrikam") == words


def test_plurals_in_both_languages():
    assert [grammar.plural(n, "call", "calls") for n in (0, 1, 2)] == ["calls", "call", "calls"]
    russian = [grammar.plural(n, "звонок", "звонка", "звонков") for n in (1, 2, 5, 11, 21, 22, 112)]
    assert russian == ["звонок", "звонка", "звонков", "звонков", "звонок", "звонка", "звонков"]


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("a review of your hiring in one afternoon", "We offer a review of your hiring in one afternoon."),
        ("We give sales teams their evenings back", "We give sales teams their evenings back."),
        ("help teams hire faster", "We help teams hire faster."),
        ("helps small firms hire", "We help small firms hire."),
        ("Helping dentists fill empty slots", "We help dentists fill empty slots."),
        ("Night shifts for service desks", "We offer night shifts for service desks."),
        ("Excel training for teams", "We offer Excel training for teams."),
        ("Cleaning services", "We offer cleaning services."),
        ("Bookkeeping, incl. payroll", "We offer bookkeeping, incl. payroll."),
        ("Free review of your roof", "We offer a free review of your roof."),
        ("Your books, done by Friday", "Your books, done by Friday."),
        ("Google Ads audits", "We offer Google Ads audits."),
        ("разбор вашего найма за полдня", "Наша работа — разбор вашего найма за полдня."),
        ("помогаем нанимать быстрее", "Мы помогаем нанимать быстрее."),
        ("Мы ведём бухгалтерию", "Мы ведём бухгалтерию."),
        ("1С под ключ", "Наша работа — 1С под ключ."),
    ],
)
def test_an_offer_becomes_a_sentence_however_it_was_written(phrase, sentence):
    assert grammar.sentence(phrase) == sentence


def test_text_messages_need_no_opening():
    assert grammar.sentence("a free review of your roof", "bare") == "A free review of your roof."
    assert grammar.sentence("help teams hire", "bare") == "We help teams hire."
    assert grammar.sentence("проверка кровли", "bare") == "Проверка кровли."


def test_one_seed_chooses_one_wording():
    text = "{Hi|Hello {there|you}}, {a|b|c}"
    assert grammar.spin(text, "lead 1") == grammar.spin(text, "lead 1")
    found = {grammar.spin(text, f"lead {n}") for n in range(200)}
    assert len(found) == 9 and not any("{" in wording or "|" in wording for wording in found)


def test_wordings_from_outside_are_not_chosen_from():
    text = fill("{Hi|Hi} {{ company_name }}", trusted={}, untrusted={"company_name": "{Evil|Worse} Ltd"}, seed="1")
    assert text.body == "Hi (Evil|Worse) Ltd"


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("Hi ,\n\n\n\nBye", "Hi,\n\nBye"),
        ("at Deltadata, Inc.. Right", "at Deltadata, Inc. Right"),
        ("so  much   space ", "so much space"),
        ("wait ... what", "wait... what"),
        ("the team ( ), yes", "the team, yes"),
        ("I see,. ok", "I see. ok"),
    ],
)
def test_nothing_is_left_of_what_was_left_out(text, tidied):
    assert grammar.tidy(text) == tidied


@given(st.text(alphabet="ab ,.;!?()\n", max_size=80))
def test_tidying_twice_changes_nothing_more(text):
    once = grammar.tidy(text)
    assert grammar.tidy(once) == once or len(grammar.tidy(once)) < len(once)
    assert "\n\n\n" not in once and once == once.strip()
