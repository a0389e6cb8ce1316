"""Spellings of the same word meet."""

import pytest

from conversations.consent.spelling import fold, join_spaced


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("ARRÊT", "arret"),
        ("Отпишите её", "отпишите ее"),
        ("ＳＴＯＰ", "stop"),
        ("s\u200bt\u00adop", "stop"),
        ("stoooop", "stoop"),
        ("ЅTОР", "stop"),
        ("don’t", "don't"),
        ("й", "й"),
    ],
)
def test_case_accents_look_alikes_and_invisible_marks_do_not_matter(typed, folded):
    assert fold(typed) == folded


@pytest.mark.parametrize("typed", ["s t o p", "s.t.o.p", "s-t-o-p", "s * t * o * p"])
def test_spaced_letters_are_one_word(typed):
    assert join_spaced(typed) == "stop"


def test_words_are_not_joined():
    assert join_spaced("i am a tall man") == "i am a tall man"
