"""Names and counts are held against what is given, whatever words stand around them."""

import pytest

from campaigns.drafts import mentions
from campaigns.drafts.facts import Fact
from campaigns.drafts.reading import Draft, says_opt_out

EN = {
    "title": "Chief Data Officer",
    "company_name": "Baltic Freight Lines",
    "city": "Bergen",
    "offer": "pilots who come every two weeks",
    "case": "done for two operators in Sweden, three engineers, twice a week",
}
RU = {"title": "директор по производству", "company_name": "Завод «Вектор»", "news": "запустили третью линию"}


def found(sentence: str) -> list[tuple[str, str]]:
    facts, language = (RU, "ru") if sentence[0] >= "А" else (EN, "en")
    given = [Fact(f"x:1:{name}", name, value) for name, value in facts.items()]
    return list(mentions.read(Draft("", f"\n{sentence}", "email", language, given, "")))


@pytest.mark.parametrize(
    ("sentence", "code", "words"),
    [
        ("Last year we did this for Fabrikam.", "claim_without_fact", "Fabrikam"),
        (
            "Who drives for Baltic Freight Lines, and who for Baltic Cargo Group?",
            "claim_without_fact",
            "Baltic Cargo Group",
        ),
        ("Who decides at Contoso?", "name_mismatch", "Contoso"),
        ("You decide, as Head of Compliance at Baltic Freight Lines.", "name_mismatch", "Head of Compliance"),
        ("We did it for nine operators in Sweden.", "number_without_fact", "nine operators"),
        ("We come five times a week.", "number_without_fact", "five × week"),
        ("Видел, что вы запустили пятую линию.", "number_without_fact", "пятую линию"),
        ("Так уже работает Форманта в Твери.", "claim_without_fact", "Форманта"),
        ("Нам доверяет «Северный путь».", "claim_without_fact", "Северный путь"),
        ("Как главный бухгалтер вы это знаете.", "name_mismatch", "главный бухгалтер"),
        ("Who drives for Nordic Freight Lines?", "name_mismatch", "Nordic Freight Lines"),
        ("You're the Head of Compliance at Baltic Freight Lines.", "name_mismatch", "Head of Compliance"),
        ("Last week your ships lay idle.", "claim_without_fact", "Last week"),
        ("В прошлую пятницу у вас встала линия.", "claim_without_fact", "В прошлую пятницу"),
        ("Your firm runs thirty ships.", "number_without_fact", "Your firm runs thirty ships"),
        ("У вас сорок станков.", "number_without_fact", "У вас сорок станков"),
        ("We come every day.", "number_without_fact", "every day"),
        ("Ships in London, where you are, pay more.", "claim_without_fact", "London"),
        ("We're based in Malvik.", "about_us", "Malvik"),
        ("Наш водитель Сергей знает дорогу.", "about_us", "Сергей"),
    ],
)
def test_what_nothing_given_says_is_found(sentence, code, words):
    assert (code, words) in found(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Would Tuesday in Bergen suit you, or is it all in Excel, as GDPR asks?",
        "As Chief Data Officer of Baltic Freight Lines you know the two operators.",
        "Could we meet two engineers of yours?",
        "As soon as you like.",
        "На «Векторе» в понедельник? Или у вас на Вектор ездят по средам?",
        "Наверное, часть переписки с Пусаном идёт через переводчика.",
        "Ответьте «Да» или «Нет».",
        "Do you plan in Cargowise, Portbase or on paper?",
        "A tide turns every day.",
        "Last week I wrote to you.",
        "Перед Новым годом у всех хлопоты.",
    ],
)
def test_what_is_given_known_to_all_or_asked_is_left_alone(sentence):
    assert found(sentence) == []


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("If not, tell me and I'll never bother you again.", True),
        ("STOP to opt out", True),
        ("Если нет, больше писать не буду.", True),
        ("Не хотите, скажите, и писем больше не будет.", True),
        ("I will not write a long mail.", False),
        ("Больше всего мне нравится писать письма.", False),
    ],
)
def test_the_way_to_end_it_is_understood_in_any_words(text, is_said):
    assert says_opt_out(text) is is_said
