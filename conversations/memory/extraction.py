"""Facts that a message states, found by rules in English and Russian, each with the sentence that says it. Pure.

A fact is words of the message, never a conclusion. Text from outside stays data: nothing here follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from conversations.memory.models import Topic

MAX_TEXT, MAX_FACT, MAX_FACTS = 6_000, 200, 12
"""Characters that are read of a message, characters of a fact, facts of a message."""
SENTENCE = re.compile(r"(?<!тыс\.)(?<=[.!?…])\s+|\n+")

_NAME = r"(?-i:[A-ZА-ЯЁ][a-zа-яё'-]+(?: [A-ZА-ЯЁ][a-zа-яё'-]+){0,2})"
_ROLE = (
    r"(?:(?:my|our|the|нашему|нашей|наш(?:им|ей)?|мо(?:ему|ей|им)|к|с|со)\s+)*"
    r"(?:(?:head of \w+|[a-z]+ (?:manager|director|lead)|colleague|boss|manager|director|assistant|partner|ceo|cfo|cto|coo|"
    r"коллег\w*|директор\w*|руководител\w*|менеджер\w*|начальник\w*|бухгалтер\w*|закупщик\w*)[ ,]+)?"
)
_PRODUCT = r"(?-i:(?:[A-Z0-9А-ЯЁ][\w.+-]*)(?: [A-Z0-9А-ЯЁ][\w.+-]*){0,2})"
_PRODUCTS = rf"{_PRODUCT}(?:(?:, | and |, and | и | или | or ){_PRODUCT})*"
_MONEY = (
    r"(?:[$€£₽]\s?\d[\d.,\s\u00a0]*\d?\s?(?:k|m|тыс\w*\.?)?\b"
    r"|\d[\d.,\s\u00a0]*\s?(?:k|m|тыс\w*\.?|млн)?\s?(?:[$€£₽]|usd|eur|euros?|dollars?|gbp|pounds?|rub\w*|руб\w*|евро|доллар\w*))"
)
_MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|q[1-4]|"
    r"январ\w+|феврал\w+|март\w*|апрел\w+|ма[йяе]|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+|ноябр\w+|декабр\w+)"
)
_WHEN = rf"(?:{_MONTHS}|the end of (?:the |this |next )?(?:year|month|quarter)|next (?:year|month|quarter|week)|конц\w+ года|\d[\d./-]*)"
_CLOCK = r"\d{1,2}(?::\d\d)?\s?(?:am|pm|a\.m\.|p\.m\.|h\b|утра|дня|вечера|час\w*)?"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|понедельник\w*|вторник\w*|сред[аеуыам]+|четверг\w*|пятниц\w*|суббот\w*"

_PATTERNS: dict[str, tuple[str, ...]] = {
    Topic.PERSON: (
        rf"\b(?:speak|talk|write|reach out|get in touch|check|turn)\s+(?:to|with)\s+{_ROLE}(?P<found>{_NAME})",
        rf"\b(?:contact|ask|call|ping|cc'?ing|copying|adding)\s+{_ROLE}(?P<found>{_NAME})",
        rf"(?P<found>{_NAME}),?(?: who)? (?:is (?:responsible|in charge|the one|the right)|handles|takes care|decides|runs|owns|leads|looks after)\b",
        rf"\b(?:right|best) (?:person|contact)(?: for \w+)? (?:is|would be) {_ROLE}(?P<found>{_NAME})",
        rf"\b(?:обратитесь|напишите|свяжитесь|поговорите|пишите|спросите|уточните)\s+{_ROLE}(?P<found>{_NAME})",
        rf"\b(?:занимается|отвечает|решает|ведёт|ведет|решение принимает|ответственн\w+)(?: за это)?\s*[—:–-]?\s*{_ROLE}(?P<found>{_NAME})",
    ),
    Topic.TEAM: (
        (
            r"\b(?:we are|we're|we have|there are|team of|around|about|with)\s+(?:about |around |roughly |only |just |currently )?"
            r"(?P<found>\d[\d.,]*\+?\s*(?:people|persons|employees|staff|seats|users|engineers|reps|sales ?people|of us|colleagues|fte|managers|developers|agents)\b)"
        ),
        r"\b(?P<found>(?:a |our )?team (?:of|has) \d[\d.,]*(?: \w+)?)",
        r"\b(?:нас|у нас|команд\w+|отдел\w*|компани\w+|штат\w*)\b[^.!?\d]{0,30}(?P<found>\d[\d\s]*\s?(?:человек\w*|сотрудник\w*|менеджер\w*|мест\w*|пользовател\w*|люд\w*))",
    ),
    Topic.TOOL: (
        rf"\bwe(?:'re| are)?(?: currently| already| now| still| all| mostly)* (?:use|using|run on|run|work with|work in|rely on|on)\s+(?P<found>{_PRODUCTS})",
        rf"\b(?:switched|moved|migrated) to\s+(?P<found>{_PRODUCTS})",
        rf"\bour (?:crm|erp|stack|system|tool|helpdesk) is\s+(?P<found>{_PRODUCTS})",
        rf"\b(?:используем|работаем (?:в|на|с)|пользуемся|сидим на|перешли на|у нас стоит|наша crm\s*[—–-])\s+(?P<found>{_PRODUCTS})",
    ),
    Topic.BUDGET: (
        rf"\b(?:budget|бюджет\w*)\b[^.!?\d$€£₽]{{0,40}}(?P<found>{_MONEY}(?:\s?(?:a|per|в) \w+)?)",
        rf"(?P<found>{_MONEY}(?:\s?(?:a|per) \w+)?)[^.!?]{{0,20}}\bbudget\b",
        rf"\b(?:can|could|may) (?:spend|pay|afford)[^.!?\d$€£]{{0,25}}(?P<found>{_MONEY}(?:\s?(?:a|per) \w+)?)",
        r"(?P<found>\b(?:no|zero|without a) budget\b|\bбюджета (?:нет|не будет)\b|\bнет бюджета\b)",
    ),
    Topic.DATE: (
        rf"(?P<found>\b(?:contract|licen[cs]e|subscription|agreement|deadline|decision|rollout|launch|go[- ]live)\b[^.!?;]{{0,40}}?\b{_WHEN}\b(?: \d{{4}})?)",
        rf"(?P<found>\b(?:decide|renew|start|launch|go live)\b[^.!?;]{{0,20}}?\b(?:by|in|on|before|until)\s+{_WHEN}\b(?: \d{{4}})?)",
        rf"(?P<found>\b(?:договор|контракт|лицензия|подписка|решение|запуск)\b[^.!?;]{{0,40}}?\b{_WHEN}\b(?: \d{{4}})?)",
    ),
    Topic.CHANNEL: (
        r"\b(?:prefer\w*|rather|easier|better|best|please)\b[^.!?]{0,30}\b(?P<found>by e?-?mail|e?-?mail|by phone|phone|sms|text messages?|texts|whatsapp|telegram|linkedin|zoom|teams)\b",
        r"\b(?P<found>(?:please )?(?:call|ring|phone|text|message) me(?: on| at| via)?(?: whatsapp| telegram)?|(?:no|don't make) (?:phone )?calls|don't call(?: me)?)\b",
        r"\b(?:лучше|удобнее|предпочитаю|проще|пишите|связь)\b[^.!?]{0,30}?(?P<found>(?:по |на |в )?(?:почт\w+|e-?mail|телефон\w*|смс|sms|whatsapp|ватсап\w*|telegram|телеграм\w*))",
        r"\b(?P<found>не звоните|без звонков|лучше позвоните|позвоните(?: мне)?)\b",
    ),
    Topic.LANGUAGE: (
        r"\b(?:write|reply|answer|speak|prefer|respond|easier|continue)\b[^.!?]{0,30}\b(?P<found>in (?:english|german|russian|spanish|french|portuguese|italian|polish|ukrainian))\b",
        r"\b(?:лучше|пишите|можно|удобнее|предпочитаю|ответьте|давайте|перейд\w+)\b[^.!?]{0,30}(?P<found>по-(?:русски|английски|немецки|французски|испански)|на (?:русском|английском|немецком|французском|испанском))",
    ),
    Topic.TIME: (
        (
            rf"\b(?:best|prefer\w*|usually|generally|always|free|available|reach(?:able)?(?: me)?|suits?|works?)\b[^.!?]{{0,40}}?"
            rf"(?P<found>(?:in the |on )?(?:(?:{_WEEKDAY})(?: (?:mornings?|afternoons?|evenings?))?|mornings?|afternoons?|evenings?)(?: (?:after|before) {_CLOCK})?|(?:after|before) {_CLOCK})"
        ),
        rf"(?P<found>\b(?:mornings?|afternoons?|evenings?|{_WEEKDAY}))\b[^.!?]{{0,20}}\b(?:work|works|suit|suits|is|are) (?:best|better|for me|me)\b",
        rf"\b(?:удобн\w+|лучше|свобод\w+|обычно|на связи)\b[^.!?]{{0,40}}?(?P<found>по утрам|утром|после обеда|по вечерам|вечером|(?:после|до|с) {_CLOCK}|(?:по|в|во) (?:{_WEEKDAY}))",
    ),
    Topic.PROMISE: (
        (
            r"(?P<found>\b(?:i|we)(?:'ll| will| shall|'m going to| am going to| are going to) (?:also |then |gladly )?"
            r"(?:send|share|get back|come back|check|find out|prepare|ask|follow up|call|introduce|forward|look into|confirm|bring|let you know)\b[^.!?\n]*)"
        ),
        r"(?P<found>\b(?:пришл[юё]м?|пришлем|отправ(?:лю|им)|вышл(?:ю|ем)|уточн(?:ю|им)|верн(?:усь|[её]мся)|подготов(?:лю|им)|узна(?:ю|ем)|позвон(?:ю|им)|напиш(?:у|ем)|свяж(?:усь|емся)|спрош(?:у|ем))\b[^.!?\n]*)",
    ),
}
"""Topic → patterns; the group `found` is the fact."""

_ASKED: dict[str, str] = {
    Topic.TEAM: r"\bhow (?:many|big|large)\b[^?]*\b(?:people|team|users|seats|staff|employees)\b|\bteam size\b|\bсколько\b[^?]*\b(?:человек|сотрудник|пользовател|люд)|\bразмер\w* команды",
    Topic.TOOL: r"\b(?:which|what) (?:tools?|crm|systems?|software|platform)\b|\bwhat (?:do you|are you) (?:use|using)\b|\bкак(?:ой|ую|ие|ими|ая)\b[^?]*\b(?:crm|систем|инструмент|программ)|\bчем (?:вы )?пользуетесь",
    Topic.BUDGET: r"\bbudget\b|\bhow much (?:can|could|do) you (?:want to )?(?:spend|pay|invest)\b|\bбюджет",
    Topic.PERSON: r"\bwho (?:else|should|is|decides|handles|would|do i)\b|\bright person\b|\bк кому\b|\bс кем\b|\bкто (?:ещё|еще|у вас|отвечает|занимается|принимает)",
    Topic.CHANNEL: r"\b(?:e-?mail|mail|phone|lines|write)\b[^?]*\bor\b[^?]*\b(?:call|phone|e-?mail|text)\b|\bhow (?:do|would) you (?:like|prefer) to be (?:contacted|reached)\b|\b(?:почт\w*|письм\w*|строк\w*|телефон\w*)\b[^?]*\bили\b[^?]*\b(?:звон|созвон|письм|почт|телефон)|\bкак (?:с вами )?(?:лучше|удобнее) связ",
    Topic.LANGUAGE: r"\b(?:which|what) language\b|\bin (?:english|russian|german) or\b|\bна каком языке",
    Topic.TIME: r"\bwhat time\b|\bwhen (?:is|are|do|would|does) (?:you|it|a good|the best)\b|\bв какое время\b|\bво сколько\b|\bкогда (?:вам )?удобн",
}
"""Topic → questions for which it is the answer."""
SINGLE = frozenset({Topic.TEAM, Topic.BUDGET, Topic.CHANNEL, Topic.LANGUAGE, Topic.TIME})
"""What has one value: the newest word holds."""
IMPORTANCE: dict[str, float] = {
    Topic.PERSON: 0.8,
    Topic.TEAM: 0.75,
    Topic.TOOL: 0.75,
    Topic.BUDGET: 0.9,
    Topic.DATE: 0.8,
    Topic.CHANNEL: 0.9,
    Topic.LANGUAGE: 0.9,
    Topic.TIME: 0.6,
    Topic.OBJECTION: 0.8,
    Topic.QUESTION: 0.6,
    Topic.PROMISE: 0.7,
    Topic.OTHER: 0.5,
}
"""How important a fact is, by its topic: what decides a deal and how they want to be reached before what passes."""
_NO_NAMES = frozenset(
    [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "The",
        "This",
        "That",
        "It",
        "He",
        "She",
        "We",
        "They",
        "You",
        "Our",
        "My",
        "Hi",
        "Hello",
        "Thanks",
        "Please",
        "But",
        "And",
        "If",
        "Who",
        "What",
        "Sales",
        "Это",
        "Мы",
        "Вы",
        "Он",
        "Она",
        "Они",
        "Нам",
        "Вам",
        "Мне",
        "Спасибо",
        "Пожалуйста",
        "Понедельник",
        "Вторник",
        "Среда",
        "Четверг",
        "Пятница",
    ]
)


@dataclass(frozen=True)
class Finding:
    """A fact that a text states: `text` is what we know, `quote` the words of the text that say it."""

    topic: str
    text: str
    quote: str


def find_facts(text: str) -> list[Finding]:
    """What they say about themselves, in order."""
    return list(_found(text, (topic for topic in _PATTERNS if topic != Topic.PROMISE)))[:MAX_FACTS]


def find_promises(text: str) -> list[Finding]:
    """What a message of ours promises."""
    return list(_found(text, (Topic.PROMISE,)))[:MAX_FACTS]


def keep_quoted(findings: Iterable[Finding], text: str) -> list[Finding]:
    """Findings of a reader that may invent: those whose quote is words of `text`, with these words as the fact.

    So nothing that was not written can be remembered, whatever the text told the reader to say.
    """
    whole = _folded(text)
    kept = [
        Finding(one.topic, quote[:MAX_FACT], quote[:MAX_FACT])
        for one in findings
        if one.topic in Topic.values and one.topic != Topic.PROMISE
        for quote in [" ".join(one.quote.split())]
        if len(quote) > 2 and _folded(quote) in whole
    ]
    return kept[:MAX_FACTS]


def topic_asked(question: str) -> str:
    """The topic that `question` asks for; empty when it asks for none that is remembered."""
    return next((str(topic) for topic in _ASKED if _asking(topic).search(question)), "")


def _found(text: str, topics: Iterable[str]) -> Iterator[Finding]:
    chosen, seen = list(topics), set[tuple[str, str]]()
    for sentence in filter(None, map(str.strip, SENTENCE.split(text[:MAX_TEXT]))):
        if sentence.endswith("?"):
            continue
        for topic in chosen:
            fact = _fact(topic, sentence)
            if fact and (topic, _folded(fact)) not in seen:
                seen.add((topic, _folded(fact)))
                yield Finding(topic, fact, sentence[: 2 * MAX_FACT])


def _fact(topic: str, sentence: str) -> str:
    for pattern in _compiled(topic):
        for match in pattern.finditer(sentence):
            fact = " ".join(match["found"].split()).strip(" ,;:—–-")
            if topic not in {Topic.PERSON, Topic.TOOL} or fact.split()[0] not in _NO_NAMES:
                return fact.rstrip(".,")[:MAX_FACT]
    return ""


@cache
def _compiled(topic: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in _PATTERNS[topic])


@cache
def _asking(topic: str) -> re.Pattern[str]:
    return re.compile(_ASKED[topic], re.IGNORECASE)


def _folded(text: str) -> str:
    """One spelling of quotes, case and white space."""
    for before, after in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("ё", "е")):
        text = text.replace(before, after)
    return " ".join(text.casefold().split())
