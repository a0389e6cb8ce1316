"""What a text states beyond what it was given: links, addresses, numbers, and phrases that claim something. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from campaigns.drafts import mentions
from campaigns.drafts.facts import VARIABLES
from campaigns.drafts.reading import DATA, Draft, Found
from outreach.core.lists import read_table

KINDS = (
    ("spam", "spam_words"),
    ("claim", "claim_without_fact"),
    ("promise", "promise_without_fact"),
    ("pressure", "pressure"),
    ("chatter", "model_chatter"),
    ("private", "private_life"),
    ("pay", "salary_talk"),
)
"""Phrases by kind in the data file, and the code that each raises."""
_PHRASES = read_table(DATA / "risky_phrases.toml")
_KNOWN_SITES = frozenset(_PHRASES["sites"]["all"])

_URL = re.compile(r"(?i)\bhttps?://[^\s<>()\"'«»]+|\bwww\.[^\s<>()\"'«»]+")
_BARE_DOMAIN = re.compile(
    r"(?i)(?<![@\w.])(?:[a-z0-9-]+\.)+(?:(?:com|net|org|io|ru|info|biz|xyz|top|click|link|dev|ly)\b(?:/\S*)?"
    r"|(?!(?:js|ts|py)\b)[a-z]{2,24}/\S+)"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\w)\+?\d[\d ()-]{8,}\d")
_NUMBER = re.compile(r"(?<![\w./-])(?!1[СC]\b)\d+(?:[.,:]\d+)*(?:\s?%)?")
_RANGE = re.compile(r"(\d+)\s?[-–—]\s?(\d+)(\s?%|)")
"""A range states both its ends: 30–50 %."""
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]*")


def read(draft: Draft) -> Iterator[Found]:
    yield from mentions.read(draft)
    yield from _places(draft)
    yield from _numbers(draft)
    yield from _phrases(draft)


def _places(draft: Draft) -> Iterator[Found]:
    """Links and addresses that were not provided. They may only come from our own facts."""
    rest = draft.whole
    names = {fact.value.lower() for fact in draft.facts}
    for match in _URL.finditer(rest):
        url = match[0].rstrip(".,;:!?")
        if url not in _urls(draft.ours):
            yield "link_not_given", url
    rest = _URL.sub(" ", rest)
    for pattern in (_EMAIL, _PHONE):
        for match in pattern.finditer(rest):
            if match[0].strip() not in draft.ours:
                yield "address_not_given", match[0].strip()
        rest = pattern.sub(" ", rest)
    for match in _BARE_DOMAIN.finditer(rest):
        if match[0].lower() not in names | _KNOWN_SITES and match[0] not in draft.ours:
            yield "link_not_given", match[0]


def _urls(text: str) -> set[str]:
    return {url.rstrip(".,;:!?") for url in _URL.findall(text)}


# numbers

_NUMBER_WORDS = {
    word: str(number)
    for number, words in enumerate(
        (
            "one", "two два две двух двум двумя", "three три трёх трех трём тремя", "four четыре четырёх четырьмя",
            "five пять пяти пятью", "six шесть шести шестью", "seven семь семи семью", "eight восемь восьми восемью",
            "nine девять девяти девятью", "ten десять десяти десятью", "eleven одиннадцать", "twelve двенадцать двенадцати",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_PROPOSED_MINUTES = re.compile(
    r"(?i)(?<![\w.,])([1-5]?\d|60)(?:-| )?(?:minutes?|mins?|мин\w*)(?!\w)|(?<!\w)минут \d{1,2}(?![\w.,]*\d)"
    r"|\b(?:again|back|up|later) in \d{1,2} (?:days?|weeks?|months?)\b|(?<!\w)через \d{1,2} (?:дн|недел|месяц)\w*",
)
_ABOUT_ITSELF = re.compile(
    r"(?i)(?<![\w.,])\d (?:short |quick |simple |small |easy |коротк\w+ |прост\w+ )?(?:questions?|sentences?|lines?|words|things|options|points|reasons|вопроса|слова|строки|строчки|предложения|варианта|причины)\b"
)
"""How many questions the text has is seen in the text."""
_STANDARD = re.compile(
    r"\b(?:ISO|EN|DIN|BS|IEC|RFC|ASTM|IFRS|IAS|(?i:article|art\.|section|regulation|directive|form|part|appendix))(?:/IEC)? ?(?:no\. ?)?\d[\d.:/-]*"
    r"|(?<!\w)(?:ГОСТ|СНиП|СанПиН|СП|ФСБУ|ПБУ|(?i:форм\w+|стать\w+|ст\.|пункт\w*|приказ\w*))(?: Р)? ?(?:№ ?)?\d[\d.-]*|(?<!\w)\d{1,3}-ФЗ(?!\w)"
)
"""The name of a law or a standard states nothing, unless somebody is said to hold it."""
_HOLDS = re.compile(r"(?i)certif|accredit|complian|audited|сертифи|аккредит|соответств")
_YEAR = re.compile(r"(?<![\w.,-])(?:19|20)\d\d(?![\w.,]*\d)")
_EVEN = re.compile(
    r"(?<![\w/])(?:50[/-]50|80[/-]20|9[- ]to[- ]5)(?![\w/])|(?<=\ba )\d(?= that\b| instead\b|[.,;])|(?<!\w)\d(?= (?:for|if) (?:yes|no|you|it)\b)"
)
"""Figures of speech, and digits as such: a 7 that should have been a 1."""
_PROPOSES = re.compile(
    r"(?i)\b(?:call|chat|talk|coffee|show|demo|video|film|walk|look|spare|worth|meet|happy to|next week|tour|explain|"
    r"(?:mon|tues|wednes|thurs|fri)day|mon|tue|wed|thu|fri|tomorrow)\b"
    r"|созвон|позвон|покаж|показ|расска|видео|ролик|встре|кофе|обсуд|поговор|удобно|найд[её]т|хватит|уделит|недел|завтра|займ[её]т"
)
_WOULD = re.compile(r"(?i)\b(?:would|could|might)\b|(?<!\w)бы(?!\w)")
_A_WHILE = re.compile(r"(?i)(?<![\w.,])\d{1,2} (?:days?|weeks?|months?|дн\w+|недел\w+|месяц\w*)(?!\w)")
"""How long something would take, if it came to it."""
_TERM = re.compile(
    r"(?:\bwithin|\bin (?:just|only|under|less than)|(?<!\w)за) (\w+) (?:hours?|days?|weeks?|months?|час\w*|дн\w+|недел\w+|месяц\w*)(?!\w)"
)
"""A term in words that is promised."""
_PROMISES_TIME = re.compile(
    r"(?i)\b(?:sav\w+|cut\w*|set ?up|install\w*|instead|less|faster|only takes|in under)\b|эконом|сократ|настро|установ|вместо|быстрее"
)
_CLOCK = re.compile(
    r"(?i)(?<!\d)(?:[01]?\d|2[0-3])[:.][0-5]\d(?!\d|[.,]\d|\s?(?:%|percent|проц))|(?<![\w.,])(?:0?\d|1[0-2]) ?(?:am|pm|a\.m|p\.m)\b|\b(?:at|after|before|around|by|в|после|до|к) (?:1?\d|2[0-3])(?=\s?(?:[?.!,;]|a\.?m\b|p\.?m\b|or\b|или\b|час\w*|утра|вечера|ночи|дня|in the\b|at night|o['’]clock|$))"
    r"|\bbetween (?:1?\d|2[0-3]) and (?:1?\d|2[0-3])\b|(?<!\w)между (?:1?\d|2[0-3]) и (?:1?\d|2[0-3])(?!\w)"
    r"|\bfrom (?:1?\d|2[0-3]) to (?:1?\d|2[0-3])\b|(?<!\w)с (?:1?\d|2[0-3]) до (?:1?\d|2[0-3])(?!\w)"
)
_NONE = re.compile(r"(?i)\b(?:no|not one|none|without)\b|(?<!\w)(?:ни одно\w+|нет|без)(?!\w)")
_DATE = re.compile(
    r"(?i)(?<![\w.,])(?:[0-2]?\d|3[01])\.? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр)[a-zа-яё]*"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december) (?:[0-2]?\d|3[01])\b"
)
_TO_CHOOSE = re.compile(r"(?i)\bor\b|(?<!\w)или(?!\w)|\d[^,.?!]{0,15}, ?\d|\bmore\?|больше\?")
_THEIRS = re.compile(
    r"(?i)(?:\byour|\byou have|(?<!\w)ваш\w*|(?<!\w)у вас)(?: [\w-]+){0,2} \d|\b(?:save|more|fewer|less|faster)\b(?!\?)|%.*\bfor (?:you|free)\b|эконом|быстрее"
)
"""What is stated in a question about the reader, or held out to them."""
_SINCE_WHEN = re.compile(r"(?i)\b(?:since|in) ((?:19|20)\d\d)\b|(?<!\w)[св] ((?:19|20)\d\d) год")
_ORDINAL = re.compile(r"(?i)(?<![\w.,])\d{1,2}(?:st|nd|rd|th|-го|-е|-му|-м)(?![\w-])")
"""A day of the month: who knows one may speak of the day before."""
_MARKER = re.compile(r"(?m)^\s*\d{1,2}(?:[.)]| [-–—])\s|(?i:\bstop 2 \w+)")


def _numbers(draft: Draft) -> Iterator[Found]:
    """Numbers that no fact has. Asking for fifteen minutes or proposing an hour of the day states nothing."""
    rest = draft.whole
    for pattern in (_URL, _EMAIL, _PHONE, _BARE_DOMAIN, _MARKER):
        rest = pattern.sub(" ", rest)
    known, knows_a_day = _known_numbers(draft), bool(_ORDINAL.search(draft.given))
    found: dict[str, None] = {}
    for sentence in _SENTENCE.findall(rest):
        text = _stated(sentence, knows_a_day=knows_a_day)
        if _OURS.search(sentence) and (since := _SINCE_WHEN.search(text)):
            year = since[1] or since[2]
            if year not in known:
                yield "about_us", since[0]
            text = text.replace(year, " ")
        if not (_is_question(sentence) or _WOULD.search(text)):
            terms = _TERM.finditer(text.casefold())
            found |= dict.fromkeys(m[0] for m in terms if _NUMBER_WORDS.get(m[1], "1") not in known)
        found |= dict.fromkeys(number for number in _NUMBER.findall(text) if _plain(number) not in known)
    for number in found:
        yield "number_without_fact", number


def _known_numbers(draft: Draft) -> set[str]:
    given = _RANGE.sub(r"\1\3 \2\3 \1 \2", draft.given)
    known = {"1"} | {_plain(number) for number in _NUMBER.findall(given)}
    known |= {_NUMBER_WORDS[word] for word in re.findall(r"[^\W\d_]+", given.casefold()) if word in _NUMBER_WORDS}
    if _NONE.search(given):
        known.add("0")
    return known | {number for marker in _MARKER.findall(draft.whole) for number in _NUMBER.findall(marker)}


def _is_question(sentence: str) -> bool:
    return sentence.rstrip().endswith("?")


def _stated(sentence: str, *, knows_a_day: bool) -> str:
    """A sentence without the numbers that state nothing."""
    is_open = _is_question(sentence)
    text = _ORDINAL.sub(" ", sentence) if knows_a_day or is_open else sentence
    text = _EVEN.sub(" ", _ABOUT_ITSELF.sub(" ", text))
    if not _HOLDS.search(text):
        text = _STANDARD.sub(" ", text)
    if is_open:
        text = _YEAR.sub(" ", text)
        if _TO_CHOOSE.search(text) and not _THEIRS.search(text):
            return ""
    if is_open or _PROPOSES.search(text):
        text = _DATE.sub(" ", text)
    if not _PROMISES_TIME.search(text):
        text = _CLOCK.sub(" ", text)
        if is_open or _PROPOSES.search(text):
            text = _PROPOSED_MINUTES.sub(" ", text)
        if _WOULD.search(text):
            text = _A_WHILE.sub(" ", text)
    return text


def _plain(number: str) -> str:
    """1,200 and 1200 are one number."""
    return re.sub(r",(?=\d{3}(?!\d))", "", number)


# phrases


@cache
def _compiled(kind: str, language: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<![\w-]){p}" for p in _PHRASES[kind].get(language, ["(?!)"])), re.IGNORECASE)


def _phrases(draft: Draft) -> Iterator[Found]:
    given = draft.given.casefold()
    for kind, code in KINDS:
        for match in _compiled(kind, draft.language).finditer(draft.whole):
            sentence, before = _around(draft.whole, match.start())
            is_known = match[0].casefold() in given or (
                kind == "claim" and (_is_said_by_us(match[0], draft) or _is_known_to_facts(sentence, draft))
            )
            if not is_known and not (kind in ASSERTED and _is_not_asserted(kind, sentence, before)):
                yield code, match[0]
                break

    weak = {match[0].casefold() for match in _compiled("weak_spam", draft.language).finditer(draft.whole)}
    if len(weak) > 1 and not all(words in given for words in weak):
        yield "spam_words", ", ".join(sorted(weak))


def _around(text: str, position: int) -> tuple[str, str]:
    """The sentence at `position`, and how it begins before it."""
    for match in _SENTENCE.finditer(text):
        if match.start() <= position < match.end():
            return match[0], text[match.start() : position]
    return "", ""


ASSERTED = frozenset({"spam", "claim", "promise"})
"""Kinds that a text may mention as long as it does not say so itself."""
_DENIED = re.compile(
    r"(?i)(?:\b(?:no|not|nothing|never|without|neither|nor|cannot|\w+n['’]t)(?! (?:only|just|least))|(?<!\w)(?:не|нет|без|ни|ничего|никак\w+)(?! только))\s+(?:[\w'’-]+\s+){0,2}\Z"
)
_SUPPOSED = re.compile(
    r"(?i)\b(?:if|unless|suppose|imagine|say|whether|when|whenever)\b|(?<!\w)(?:если|когда|допустим|представьте|предположим|будь)(?!\w)"
)
_ASKED = re.compile(
    r"(?i)\s*(?:[\w'’.-]+[,:]? ){0,3}?(?:who|how|what|where|when|which|why|do you|does|did|is|are|кто|как\w*|сколько|где|когда|что|есть ли|чем|куда)\b[^?]*\?\s*\Z"
)
_OURS = re.compile(
    r"(?i)\b(?:we|our|us|ours)\b|(?<!\w)(?:мы|нас|нам|нами|наш\w*|работаем|делаем|возим|занимаемся)(?!\w)"
)
_HEDGED = re.compile(
    r"(?i)\b(?:correct me|(?:may|might|could) be wrong|i(?:'d| would) guess|i suspect|perhaps|maybe|possibly|may have|might have)\b"
    r"|(?<!\w)(?:наверное|возможно|вероятно|может быть|поправьте|если ошиба)"
)
"""What the writer only takes to be so, and says so."""


def _is_not_asserted(kind: str, sentence: str, before: str) -> bool:
    """Whether a phrase is only denied ("no hurry"), supposed ("if it is urgent"), or asked about ("who pays refunds?")."""
    if _DENIED.search(before) or (kind == "claim" and _HEDGED.search(sentence) and not _OURS.search(sentence)):
        return True
    supposed = _SUPPOSED.search(before)
    is_within = supposed is not None and "," not in before[supposed.end() :]
    if _OURS.search(sentence):
        return kind == "spam" and is_within
    return is_within or (supposed is not None and kind == "claim") or (kind != "claim" and bool(_ASKED.match(sentence)))


def _is_said_by_us(words: str, draft: Draft) -> bool:
    """Whether our own offer or playbook says it, in whatever order."""
    stems = _stems(words)
    return len(stems) > 1 and stems <= _stems(draft.ours)


def _is_known_to_facts(sentence: str, draft: Draft) -> bool:
    """Whether a fact beyond the record's own fields says it: two of its words, apart from names and our offer."""
    plain = {stem for fact in draft.facts if fact.name in VARIABLES for stem in _stems(fact.value)}
    said = _stems(sentence) - plain
    return any(len(said & _stems(fact.value)) >= 2 for fact in draft.facts if fact.name not in VARIABLES)


_SMALL = frozenset(_PHRASES["small"]["en"])


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"\d+|[^\W\d_]{4,}", text.casefold()) if word not in _SMALL}
