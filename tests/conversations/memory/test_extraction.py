"""Facts are words of the message, with the sentence that says them."""

from __future__ import annotations

import pytest

from conversations.memory.extraction import Finding, find_facts, find_promises, keep_quoted, topic_asked


@pytest.mark.parametrize(
    ("text", "topic", "fact"),
    [
        ("Please talk to our CFO Maria Lopez about this.", "person", "Maria Lopez"),
        ("Jonas Weber is responsible for purchasing.", "person", "Jonas Weber"),
        ("I'm not the one to decide. The right person is Ann Marie Gold.", "person", "Ann Marie Gold"),
        ("Обратитесь, пожалуйста, к Петру — или сразу напишите нашему директору Анне Беловой.", "person", "Анне Беловой"),
        ("Закупками занимается Олег Крылов.", "person", "Олег Крылов"),
        ("We are about 40 people, most of them in the warehouse.", "team", "40 people"),
        ("У нас в отделе сейчас 15 менеджеров.", "team", "15 менеджеров"),
        ("We currently use HubSpot and Aircall.", "tool", "HubSpot and Aircall"),
        ("We moved to Pipedrive last year.", "tool", "Pipedrive"),
        ("Мы работаем в Битрикс24 и довольны.", "tool", "Битрикс24"),
        ("Our budget is around €5,000 per year.", "budget", "€5,000 per year"),
        ("Бюджет на это 300 тыс. рублей.", "budget", "300 тыс. рублей"),
        ("There is no budget for it this year.", "budget", "no budget"),
        ("Our contract with them runs until June 2027.", "date", "contract with them runs until June 2027"),
        ("Договор у нас до конца года.", "date", "Договор у нас до конца года"),
        ("I prefer email for things like this.", "channel", "email"),
        ("Лучше пишите в Telegram.", "channel", "в Telegram"),
        ("Could be useful, but please write to me in German.", "language", "in German"),
        ("Давайте лучше на русском.", "language", "на русском"),
        ("Mornings work best for me.", "time", "Mornings"),
        ("I am usually free on Thursdays after 2 pm.", "time", "on Thursdays after 2 pm"),
        ("Мне удобно после 15:00.", "time", "после 15:00"),
    ],
)  # fmt: skip
def test_a_fact_is_found_with_its_sentence(text, topic, fact):
    found = [one for one in find_facts(text) if one.topic == topic]
    assert [one.text for one in found] == [fact]
    assert found[0].quote in text


@pytest.mark.parametrize(
    "text",
    [
        "Who is responsible on your side?",
        "We don't use HubSpot.",
        "Do you have 40 people?",
        "Let's talk to you on Monday.",
        "Thanks, sounds good. Talk soon!",
        "Спасибо, посмотрю.",
    ],
)
def test_nothing_is_concluded(text):
    assert find_facts(text) == []


def test_our_promises_are_theirs_to_wait_for():
    assert [one.text for one in find_promises("Thank you. I'll send you the security paper on Monday. Bye!")] == [
        "I'll send you the security paper on Monday"
    ]
    assert [one.text for one in find_promises("Спасибо! Уточню и вернусь с ответом.")] == ["Уточню и вернусь с ответом"]


def test_what_a_model_says_is_kept_only_as_words_of_the_text():
    text = "We’re on HubSpot since May.\nAsk  Jonas."
    given = [
        Finding("tool", "They use HubSpot", "We're on HubSpot"),
        Finding("person", "Jonas decides", "ask Jonas"),
        Finding("budget", "€1,000,000", "a budget of €1,000,000"),
        Finding("promise", "we give 90 % off", "We’re on HubSpot"),
        Finding("nonsense", "x", "Ask  Jonas"),
    ]
    kept = keep_quoted(given, text)
    assert [(one.topic, one.text) for one in kept] == [("tool", "We're on HubSpot"), ("person", "ask Jonas")]


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("How many people are in your team?", "team"),
        ("Which CRM do you use today?", "tool"),
        ("What is your budget?", "budget"),
        ("Who else should I speak to?", "person"),
        ("What would help you most: a few lines more, or a short call?", "channel"),
        ("What time suits you?", "time"),
        ("Сколько человек в отделе?", "team"),
        ("Какой системой вы пользуетесь?", "tool"),
        ("Is it a better moment?", ""),
        ("Which day suits you for a short call?", ""),
    ],
)
def test_what_a_question_asks_for(question, topic):
    assert topic_asked(question) == topic
