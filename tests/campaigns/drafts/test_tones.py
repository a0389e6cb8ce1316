"""Another tone without a model changes manner, never content."""

import pytest

from campaigns.drafts.tones import change_tone

EN = "Hi Joe,\n\nI'm Ann. We haven't met. Here is what we do: reviews.\n\nIs that useful? https://cal.example/a\n\nIf not, I'll not write again.\n\nAnn"


def test_formal():
    text = change_tone(EN, "formal")
    assert text.startswith("Dear Joe,")
    assert "I am Ann. We have not met." in text
    assert "I will not write again" in text


def test_casual_undoes_formal():
    assert change_tone(change_tone(EN, "formal"), "casual") == EN


def test_shorter_keeps_question_link_way_out_and_signature():
    text = change_tone(EN, "shorter")
    assert len(text) < len(EN)
    for kept in ("Hi Joe,", "what we do: reviews", "https://cal.example/a", "not write again", "Ann"):
        assert kept in text


def test_russian():
    assert change_tone("Иван, добрый день!\n\nТекст", "formal").startswith("Здравствуйте, Иван!")
    assert change_tone("Здравствуйте, Иван!\n\nТекст", "casual").startswith("Иван, добрый день!")


def test_unknown_tone():
    with pytest.raises(ValueError, match="angry"):
        change_tone(EN, "angry")
