"""What simulated recipients write, in English and Russian. Pure."""

from __future__ import annotations

import random
import re

LATER_TURNS: dict[str, tuple[str, ...]] = {
    "asks": ("books", "confirms"),
    "objects": ("asks", "thanks"),
    "books": ("confirms",),
    "not_now": ("thanks",),
    "refers": ("thanks",),
}
"""Character → what they write each time that we have answered them."""

_EMAIL: dict[str, dict[str, list[str]]] = {
    "en": {
        "books": [
            "Sounds good, let's talk. Tuesday at 11 works for me.",
            "Yes, interested. Can we have a call on Thursday afternoon? Any time after 2 pm is fine.",
            "Happy to take a look. Please send me an invitation for next week, mornings are best.",
            "Good timing, we were just discussing this. Are you free for a call tomorrow?",
        ],
        "asks": [
            "Interesting. How much does it cost for a team of twelve?",
            "Thanks for writing. How is this different from what we do by hand today?",
            "Could you tell me which systems you integrate with? We use 1C and HubSpot.",
            "How long does it take to get started, and who has to be involved on our side?",
        ],
        "objects": [
            "Thanks, but we already have a supplier for this and are happy with them.",
            "Not interested, thanks. We have no budget for this.",
            "We looked at something like this last year and it did not work for us.",
            "Thank you, but this is not relevant for us.",
        ],
        "not_now": [
            "Not now, we are in the middle of a move. Please write again in the autumn.",
            "The timing is bad, our budget is fixed until the end of the quarter. Come back to me in January.",
            "Busy with the year's end. Let's speak in two months.",
        ],
        "opts_out": [
            "Please remove me from your list.",
            "Unsubscribe",
            "Stop writing to me, please.",
            "I do not want to receive these e-mails. Take me off the list.",
        ],
        "refers": [
            "I am the wrong person for this. Please write to our head of purchasing, maria.stone@supplier.example.",
            "My colleague David Lang takes care of this now; I am copying the address: david.lang@supplier.example",
        ],
        "thanks": ["Thank you, will do.", "Great, thanks for understanding.", "Noted, thank you."],
        "confirms": ["Perfect, see you then.", "Confirmed, I have put it into my calendar.", "That works. Talk soon!"],
    },
    "ru": {
        "books": [
            "Звучит интересно, давайте созвонимся. Мне удобно во вторник в 11.",
            "Да, интересно. Можем созвониться в четверг после обеда?",
            "Готов посмотреть. Пришлите, пожалуйста, приглашение на следующую неделю, лучше утром.",
            "Как раз обсуждали это с коллегами. Сможете завтра поговорить?",
        ],
        "asks": [
            "Интересно. Сколько это стоит для команды из двенадцати человек?",
            "Спасибо за письмо. Чем это отличается от того, что мы сейчас делаем вручную?",
            "Подскажите, с какими системами вы интегрируетесь? У нас 1С и Битрикс24.",
            "Сколько времени занимает запуск и кто нужен с нашей стороны?",
        ],
        "objects": [
            "Спасибо, но у нас уже есть поставщик, и нас всё устраивает.",
            "Не интересно, спасибо. Бюджета на это нет.",
            "Пробовали похожее в прошлом году, нам не подошло.",
            "Благодарю, для нас это неактуально.",
        ],
        "not_now": [
            "Сейчас не время, у нас переезд. Напишите, пожалуйста, осенью.",
            "Бюджет утверждён до конца квартала. Вернитесь к этому в январе.",
            "Завал перед концом года. Давайте через два месяца.",
        ],
        "opts_out": [
            "Удалите меня из рассылки, пожалуйста.",
            "Отпишите меня",
            "Больше не пишите мне.",
            "Я не хочу получать эти письма. Уберите мой адрес из базы.",
        ],
        "refers": [
            "Это не ко мне. Напишите, пожалуйста, нашему начальнику отдела закупок: m.petrova@supplier.example.",
            "Этим теперь занимается мой коллега Денис Ланской, вот его адрес: d.lanskoy@supplier.example",
        ],
        "thanks": ["Спасибо, договорились.", "Хорошо, спасибо за понимание.", "Принято, благодарю."],
        "confirms": ["Отлично, до встречи.", "Подтверждаю, добавил в календарь.", "Подходит. До связи!"],
    },
}
_SMS: dict[str, dict[str, list[str]]] = {
    "en": {
        "books": ["Yes please, call me tomorrow at 10", "ok lets talk, thursday 3pm?", "Sure, send me a link to book"],
        "asks": ["How much is it?", "who is this?", "What exactly do you offer?"],
        "objects": ["no thanks, not interested", "We already have someone for this", "No"],
        "not_now": ["Not now, try me next month", "busy this week, maybe later"],
        "opts_out": ["STOP", "stop texting me", "Please remove my number"],
        "refers": ["Wrong person, ask Maria at the office"],
        "thanks": ["ok thanks", "Thank you"],
        "confirms": ["Great, see you", "confirmed"],
    },
    "ru": {
        "books": ["Да, позвоните завтра в 10", "давайте, в четверг в 15?", "Хорошо, пришлите ссылку для записи"],
        "asks": ["Сколько стоит?", "а вы кто?", "Что именно предлагаете?"],
        "objects": ["нет, не интересно", "У нас уже есть подрядчик", "Нет, спасибо"],
        "not_now": ["Не сейчас, напишите через месяц", "занят на этой неделе, может позже"],
        "opts_out": ["СТОП", "не пишите мне больше", "Удалите мой номер"],
        "refers": ["Это не ко мне, спросите Марию в офисе"],
        "thanks": ["ок, спасибо", "Спасибо"],
        "confirms": ["Отлично, до встречи", "подтверждаю"],
    },
}
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def language_of(language: str, body: str) -> str:
    """`ru` or `en`: the message's own language, else what its letters look like."""
    if language[:2] in _EMAIL:
        return language[:2]
    return "ru" if len(_CYRILLIC.findall(body)) > len(body) / 4 else "en"


def choose(intent: str, *, language: str, channel: str, chance: random.Random) -> str:
    """One text for `intent`."""
    return chance.choice((_SMS if channel == "sms" else _EMAIL)[language][intent])
