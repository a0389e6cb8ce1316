"""Texts with their values taken out: what is alike, what is not, and which values a person should look at."""

import pytest

from campaigns.drafts import likeness

JOE = {"company_name": "Fabrikam", "title": "Head of People", "first_name": "Joe"}
ANN = {"company_name": "Head of Steam, Inc.", "title": "CTO", "first_name": "Ann"}
WORDS = "Hi {{ first_name }},\n\nas {{ title }} at {{ company_name }}. Worth a call?"


def key(body, values, **fields):
    return likeness.key_of(
        **{"variant": "direct", "language": "en", "subject": "", "body": body, "values": values} | fields
    )


def test_texts_that_differ_in_values_only_are_alike():
    assert key(likeness.fill(WORDS, JOE), JOE) == key(likeness.fill(WORDS, ANN), ANN)


@pytest.mark.parametrize("other", [{"variant": "casual"}, {"language": "ru"}, {"subject": "A question"}])
def test_another_variant_language_or_subject_is_another_wording(other):
    text = likeness.fill(WORDS, JOE)
    assert key(text, JOE) != key(text, JOE, **other)


def test_a_changed_word_is_another_wording():
    text = likeness.fill(WORDS, JOE)
    assert key(text, JOE) != key(text.replace("Worth", "Is it worth"), JOE)


def test_taking_out_and_filling_in_gives_the_same_text():
    text = likeness.fill(WORDS, ANN)
    assert likeness.template_of(text, ANN) == WORDS
    assert likeness.fill(likeness.template_of(text, ANN), ANN) == text


def test_a_value_inside_a_word_stays_a_part_of_the_word():
    assert likeness.template_of("Annual plans, Ann", {"first_name": "Ann"}) == "Annual plans, {{ first_name }}"


def test_a_name_that_is_a_word_of_the_text_makes_it_like_no_other():
    will, joe = {"first_name": "Will"}, {"first_name": "Joe"}
    words = "Hi {{ first_name }}. Will you call?"
    assert key(likeness.fill(words, will), will) != key(likeness.fill(words, joe), joe)


def test_the_longest_value_wins_where_two_begin_together():
    values = {"company_name": "Acme", "title": "Acme Fellow"}
    assert [piece.slot for piece in likeness.split("Acme Fellow at Acme", values)] == ["title", "", "company_name"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("company_name", "=1+1"), ("company_name", "=HYPERLINK(x)"), ("title", "CEO of http://x.example"),
        ("first_name", "J0e"), ("company_name", "VEGAPOINT GMBH"), ("company_name", "{{name}}"), ("title", "x" * 90),
        ("company_name", "12345678"), ("title", "Diреctor"), ("company_name", "-"), ("title", "Head\tof"),
    ],
)  # fmt: skip
def test_odd_values_are_looked_at(name, value):
    assert likeness.is_odd(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("company_name", "Fabrikam, Inc."), ("company_name", "IBM"), ("company_name", "Kettle & Co."), ("title", "CTO"),
        ("title", "Head of R&D (EMEA)"), ("first_name", "Jean-Luc"), ("first_name", "Иван"), ("company_name", "O’Neill 24"),
    ],
)  # fmt: skip
def test_ordinary_values_are_not(name, value):
    assert not likeness.is_odd(name, value)


def test_cyrillic_values_do_not_fit_an_english_text():
    assert not likeness.fits("en", "Технический директор")
    assert likeness.fits("ru", "Технический директор")
