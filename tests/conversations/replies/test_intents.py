"""Development cases of the rules, and the large set on which an opt-out must never fire."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from conversations.replies import intents, moments, optouts
from outreach.core import language

TODAY = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Do you work on Sundays?", "question"),
        ("Not interested, thanks.", "negative"),
        ("Interested!", "positive"),
        ("Давайте созвонимся завтра в 11", "booking"),
        ("Sorry, wrong number", "wrong_person"),
        ("Circle back in May", "not_now"),
        ("Please talk to our CFO, cfo@acme.example", "referral"),
        ("Are you a robot?", "bot_question"),
        ("Откуда у вас мой email?", "source_question"),
        ("stop emailing me", "opt_out"),
        ("Не пишите сюда больше", "opt_out"),
        ("", "unclear"),
    ],
)
def test_intents(text, intent):
    assert intents.understand(text, today=TODAY).intent == intent


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("STOP", 1),
        ("stop!", 1),
        ("«Стоп»", 1),
        ("Stop please", 2),
        ("STOP STOP STOP", 2),
        ("opt out", 1),
        ("please unsubscribe me", 2),
    ],
)
def test_tiers_of_opt_out(text, tier):
    found = optouts.find(text)
    assert found and found.tier == tier


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("ask me again in May", date(2025, 5, 1)),
        ("try me in 2 weeks", date(2025, 3, 17)),
        ("maybe next quarter", date(2025, 4, 1)),
        ("давайте через месяц", date(2025, 4, 2)),
        ("напишите осенью", date(2025, 9, 1)),
        ("in January", date(2026, 1, 1)),
        ("later", None),
    ],
)
def test_when_a_not_now_wants_to_be_asked(text, until):
    assert moments.moment(optouts.normalise(text), today=TODAY) == until


def test_short_texts_are_told_apart_by_script():
    assert language.detect("Ок") == "ru"
    assert language.detect("ok") == "en"
    assert language.detect("👍") == ""
    assert language.detect("Guten Tag, wir haben leider kein Interesse an Ihrem Angebot") == "de"


_EN_OPENERS = ["", "Hi, ", "Thanks. ", "Well, ", "Please note: ", "Sure, "]
_EN_TALK = [
    "we stop production on Fridays",
    "the bus stop is next to our office",
    "stop by my office on Monday",
    "I can't stop thinking about it",
    "don't stop now",
    "we had to stop the project last year",
    "let's stop there and talk tomorrow",
    "the meeting will end at five",
    "we want to end our contract with the old vendor",
    "I quit smoking last year",
    "Ann quit last week, I do her work now",
    "cancel the Tuesday slot, Wednesday is better",
    "can we cancel at any time?",
    "do you help to cancel subscriptions",
    "how do your customers unsubscribe from alerts",
    "the unsubscribe link in our own mail is broken, can you help",
    "what is your unsubscribe rate",
    "please don't remove me from the list",
    "we remove old leads from our database every month",
    "could you remove the logo from the deck",
    "please remove Tom from the thread and add me",
    "delete the second paragraph and send it again",
    "do not hesitate to contact me",
    "don't call me on Monday, call on Tuesday",
    "don't email me the contract, send it by post",
    "why did you stop writing",
    "nobody contacts us any more, it is a shame",
    "we get too much spam ourselves",
    "your mail went to my spam folder, sorry for the late answer",
    "our opt-out process is a mess, can you fix that",
    "leave the keys at the desk",
    "I will leave the company in May",
    "we want no more than ten seats",
    "no more questions from me, send the offer",
    "forget the last mail, this is the right file",
    "I never said that we are not interested",
    "we no longer use that tool",
    "the trial ends tomorrow, what then",
    "take me off mute next time",
    "take a look at our list and tell me what you think",
    "revoke access of the old users first",
    "I don't want to miss it",
    "I do not want to change the vendor, only to compare",
    "contact me again in May",
    "never mind, I found it",
]
_EN_CLOSERS = ["", ".", ", thanks", "!", "\n\nBest regards,\nSam Stone"]
_RU_OPENERS = ["", "Здравствуйте! ", "Спасибо. ", "Да, ", "Коллеги, "]
_RU_TALK = [
    "стоп, а сколько это стоит",
    "мы остановили проект в прошлом году",
    "остановка автобуса рядом с офисом",
    "не останавливайтесь, очень интересно",
    "почему вы перестали писать",
    "не переставайте присылать отчёты",
    "как отписать уволенного сотрудника",
    "как наши клиенты отписываются от уведомлений",
    "отпишите мне завтра по итогам",
    "отпишитесь, когда будет готово",
    "не удаляйте меня из рассылки",
    "удалите лишнюю строку в договоре",
    "уберите логотип со второй страницы",
    "исключите доставку из счёта",
    "можно ли удалить данные в вашей системе",
    "не звоните до обеда, я на встрече",
    "не пишите на почту, лучше звоните",
    "пишите в любое время",
    "присылайте, больше не нужно ничего",
    "хватит ли этого объёма на месяц",
    "перестали работать с прежним подрядчиком",
    "прекратили поставки в мае",
    "отмена встречи во вторник, давайте в среду",
    "согласие руководства получено",
    "спам-фильтр съел ваше письмо",
    "больше вопросов нет, высылайте договор",
    "больше всего интересует цена",
    "не хочу менять поставщика, хочу сравнить",
    "забудьте прошлый файл, вот верный",
    "отстали от графика, вернёмся через месяц",
]
_RU_CLOSERS = ["", ".", ", спасибо", "!", "\n\nС уважением,\nИван"]


def ordinary() -> list[str]:
    english = ("".join(parts) for parts in product(_EN_OPENERS, _EN_TALK, _EN_CLOSERS))
    russian = ("".join(parts) for parts in product(_RU_OPENERS, _RU_TALK, _RU_CLOSERS))
    pairs = (f"{a}. {b}" for a, b in product(_EN_TALK[::3], _EN_TALK[1::3]))
    return [*english, *russian, *pairs]


def test_ordinary_talk_is_never_an_opt_out(record_property):
    utterances = ordinary()
    false = sorted({text for text in utterances if optouts.find(text)})
    record_property("ordinary", f"{len(false)} false opt-outs in {len(utterances)} utterances")
    assert not false


_ASKS = [
    "stop emailing me",
    "remove me from your list",
    "take me off your mailing list",
    "unsubscribe me",
    "do not contact me again",
    "stop sending me these emails",
    "delete my data",
    "отпишите меня от рассылки",
    "не пишите мне больше",
    "удалите мой адрес из базы",
    "прекратите присылать мне письма",
    "уберите меня из рассылки",
]


@pytest.mark.parametrize(
    "text", [f"{a}{b}{c}" for a, b, c in product(["", "Hi, ", "Please "], _ASKS[:7], ["", "!", " please", ". Thanks"])]
)
def test_direct_requests_are_caught_however_they_are_dressed(text):
    assert optouts.find(text)


@pytest.mark.parametrize(
    "text",
    [f"{a}{b}{c}" for a, b, c in product(["", "Пожалуйста, ", "Здравствуйте. "], _ASKS[7:], ["", "!", ". Спасибо"])],
)
def test_direct_requests_in_russian_are_caught(text):
    assert optouts.find(text)


@pytest.mark.parametrize(
    "text",
    [
        "civil approaches are for losers",
        "i said no pete i cant take this",
        "I am getting your messages",
        "take care of yourself. I don't want you to die",
        "Mándame menos texto y más números",
        "I'd like to be removed from the waiting list and onto the paid plan.",
    ],
)
def test_what_only_sounds_like_an_opt_out_is_never_suppressed(text):
    """The trained reader is sure of most of these; none names stopping, or it asks for something, or means another list."""
    assert intents.understand(text, today=TODAY).opt_out is None


@pytest.mark.parametrize(
    "text",
    [
        "Cancelamos o fornecedor antigo, conte mais.",
        "Забудьте про прошлый заказ, нужен новый.",
        "Ya dimos de baja el sistema anterior, cuéntame más.",
    ],
)
def test_who_asks_for_something_is_not_held_for_a_word(text):
    assert not intents.understand(text, today=TODAY).is_held
