"""What is always left to a person is recognised in English and Russian, also inside a friendly text."""

from __future__ import annotations

import pytest

from conversations.replies.escalation import matter, reason_for_person


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Our lawyer will contact you.", "legal"),
        ("Under GDPR I request access to my personal data.", "legal"),
        ("Which law lets you process my data? I'll inform the data protection authority", "legal"),
        ("Обращусь в суд.", "legal"),
        ("На каком основании вы обрабатываете персональные данные?", "legal"),
        ("Я напишу жалобу в ФАС", "legal"),
        ("I want to complain about your last message", "complaint"),
        ("This is spam, I am reporting you to Google", "complaint"),
        ("Это спам, пожалуюсь вашему провайдеру", "complaint"),
        ("You are an idiot", "abuse"),
        ("Идите на хуй", "abuse"),
        ("That's fine, thank you!", ""),
        ("Of course. Could you tell me the price, please?", ""),
        ("Пожалуйста, пришлите подробности", ""),
        ("Мы закончили проект, ищем искренне рады", ""),
        ("Let's speak on Thursday at 10", ""),
    ],
)
def test_the_matter_of_a_text(text, name):
    assert matter(text) == name


@pytest.mark.parametrize(
    ("intent", "confidence", "suspicion", "text", "reason"),
    [
        ("question", 0.95, "", "How much is it?", ""),
        ("question", 0.95, "", "How much is it? My lawyer asks, too.", "legal"),
        ("question", 0.7, "", "How much is it?", "unsure"),
        ("unclear", 0.99, "", "Hmm", "unsure"),
        ("referral", 0.99, "", "Ask Jo", "unsure"),
        ("opt_out", 1.0, "", "stop", "opt_out"),
        ("positive", 0.99, "", "Great. Please remove me from your list", "opt_out"),
        ("positive", 0.99, "sounds like it (30%)", "Enough of that", "opt_out"),
        ("complaint", 1.0, "", "", "complaint"),
        ("abusive", 1.0, "", "…", "abuse"),
    ],
)
def test_why_a_person_must_look(intent, confidence, suspicion, text, reason):
    assert reason_for_person(text=text, intent=intent, confidence=confidence, suspicion=suspicion) == reason
