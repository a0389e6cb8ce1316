"""What a careful reader finds in the words of one text: grammar, punctuation, names, alphabets, claims. Pure.

Each finding is a code with the words that raised it. What the campaign, the sender and the pack say themselves is
given: nothing in it counts as a claim, and a legal form there is ours to use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from campaigns.drafts import alphabets, slips
from campaigns.drafts.alphabets import Found
from campaigns.drafts.facts import Fact
from leads.cleaning.variables import clean
from outreach.core.lists import read_list, read_table
from outreach.prompts.grammar import indefinite_article

_ABBREVIATIONS = frozenset(
    w.upper() for w in read_list(Path(__file__).parents[2] / "leads" / "cleaning" / "data" / "title_acronyms.txt")
) | frozenset(
    [
        "STOP",
        "YES",
        "HELP",
        "NAME",
        "LINK",
        "GDPR",
        "HIPAA",
        "JSON",
        "HTML",
        "HTTP",
        "ISO",
        "SAAS",
        "EDI",
        "RFID",
        "LTV",
        "SWOT",
        "ASAP",
        "СТОП",
        "НДС",
        "ОСАГО",
        "КАСКО",
        "ЕГАИС",
        "ФНС",
    ]
)
KINDS = (
    ("spam", "spam_words"),
    ("claim", "claim_without_fact"),
    ("chatter", "model_chatter"),
    ("private", "private_life"),
    ("pay", "salary_talk"),
)
"""Phrases by kind in the data file, and the code that each raises."""
_PHRASES = read_table(Path(__file__).parent / "data" / "risky_phrases.toml")


@dataclass(frozen=True)
class Draft:
    """One text and what it may rest on. `given` is everything that we said ourselves or were given about the lead."""

    subject: str
    body: str
    channel: str
    language: str
    facts: Sequence[Fact]
    ours: str

    @property
    def whole(self) -> str:
        return f"{self.subject}\n{self.body}".strip()

    @property
    def given(self) -> str:
        return "\n".join([self.ours, *(fact.value for fact in self.facts)])

    def known(self, name: str) -> Fact | None:
        return next((fact for fact in self.facts if fact.name == name), None)


def read(draft: Draft) -> Iterator[Found]:
    """Everything found, in no order."""
    yield from _formulas(draft)
    yield from _punctuation(draft)
    yield from _grammar(draft)
    yield from alphabets.read(_without_links(draft.whole), draft.language, ours=draft.ours, given=draft.given)
    yield from _names(draft)
    yield from _legal_forms(draft)
    yield from _shouting(draft)
    yield from _links(draft)
    yield from _phrases(draft)
    yield from slips.read(draft.body, channel=draft.channel, facts=draft.facts)


def _first(code: str, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    if match := pattern.search(text):
        yield code, match[0].strip()


# what no person types

_FORMULA = re.compile(
    r"(?:^|[\s(«\"“])[=@+][A-Z]{2,}\(|(?:^|[\s(«\"“])=[\w(\"'][^\s]*|\b[A-Z]{3,}\([^)\s]|cmd\s?\||#(?:REF|NAME|VALUE|N/A|DIV/0|NULL|NUM|ССЫЛКА|Н/Д|ЗНАЧ|ИМЯ)[!?]?"
)
_LEFT_TO_FILL = re.compile(
    r"\bX{3,}\b|_{3,}|\bTBD\b|\bTBC\b|\blorem ipsum\b|%[A-Z_]{3,}%|%%\w+%%|\*\|\w+\|\*|\{[^{}\n]{0,60}\||\{\w[\w ]*\}|\$\{?[a-z_]{3,}\}?"
    r"|\[object Object\]|(?<![\w/])N/A(?![\w/])|\bnan\b|<[\w ]{2,20}>|\[\s*\]|\?{3,}|\b(?:asdf\w*|qwerty|foo ?bar|fname|lname|firstname|first_name|company_name)\b|<<|>>|\bХХХ+\b|йцукен|\bфыва\b|\ufffd|[ÃÂ][\u0080-\u00bf]",
    re.IGNORECASE,
)
_LEFT_EXACT = re.compile(r"\b(?:None|null|NULL|undefined|NaN)\b(?! of\b| the less)")


def _formulas(draft: Draft) -> Iterator[Found]:
    text = _without_links(draft.whole)
    yield from _first("formula", _FORMULA, text)
    yield from _first("placeholder", _LEFT_TO_FILL, text)
    yield from _first("placeholder", _LEFT_EXACT, text)


_URL = re.compile(r"(?i)\bhttps?://\S+|\bwww\.\S+|\S+@\S+")


def _without_links(text: str) -> str:
    return _URL.sub("LINK", text)


# punctuation and grammar

_PUNCTUATION = re.compile(
    r"(?<!\.)\.\.(?!\.)|\.{4,}|[,;:]\s*[,;:.!?](?!\))|[.!?]\s+[,;.](?!\.)|[.!?],|\?\.|!\.|(?<=[\w)»”\"]) +[,;!?](?=\s|$)|(?<=[\w)»”\"]) +\.(?=\s|$)"
    r"|\(\s*\)|«\s*»|“\s*”|(?<=\S)  +(?=\S)|(?<=[a-zа-яё]{2})[,;!?](?=[A-Za-zА-Яа-яё])|(?<=[a-zа-яё]{3})\.(?=[A-ZА-ЯЁ][a-zа-яё])|(?<=\w) [,;](?=\w)|^Re: ?Re:|^\s*[,;]|\(\s|\s\)"
    r"|[-–—]\s*[.,;!?](?:\s|$)",
    re.MULTILINE,
)
_OPEN_ENDED_EN = re.compile(
    r"\b(?:the|an?|and|or|your|our|my|as|from)\s*[.,;:!?](?:\s|$)|(?<!look )(?<!good )(?<!aim )(?<!where we are )(?<!arrive )\bat\s*[.,;:!](?:\s|$)"
    r"|\b(?:as|at|from|for|of|with|in|by|about) (?:as|at|from|and|or|of|but|so|then|because|is|are)\b"
    r"|\b(?:I'm|I am|we're|we are) (?:writing|reaching out|contacting|getting in touch)(?: to)?(?: you)? as\b|\bthe (?:the|a|an|your|our|of|at|for|with)\b|\bat the of\b|\ba the\b|\bof of\b"
)
_FINE_EN = re.compile(r"\b(?:as of|as for|as in|as with|from as|about as|for as long|by and large)\b")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z]) (?:We|Our|Your|They|You|My|Helps?|Helping|Offering|Offers?) (?=[a-z])")
_ARTICLE = re.compile(r"(?<![\w'’-])(an?) ([a-z][\w-]*)")
_DOUBLED = re.compile(r"(?<![\w-])([^\W\d_]{2,}) \1(?![\w-])", re.IGNORECASE)
_DOUBLED_FINE = frozenset({"had", "that", "очень", "very", "bye", "ha", "еле", "чуть", "вот"})
_EMPTY_GREETING = re.compile(
    r"\A\s*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon))\s*[,.!:]?\s*(?:\n|\Z)|(?:hi|hello|hey|dear)\s+[,.!]|[,!.]\s*\w|(?:здравствуйте|привет)\s*,\s*(?:!|\n|\Z))",
    re.IGNORECASE,
)
_OPEN_ENDED_RU = re.compile(
    r"(?<![\w-])(?:в|во|из|для|со?|об?|к|ко|от|по|на|у|и|или|при|про)\s*[.,;:!?](?:\s|$)|(?<![\w-])(?:в|из|для|от|при) (?:и|или|в|для|из|от|со?|мы|я|вы)(?![\w-])"
    r"|(?:компании|компанию|должности)\s+(?:и|или|поэтому|мы|я|вам|вас|в|с|по)(?![\w-])(?! нет)|как (?:в|и) компании|[а-яё] (?:Мы|Наш\w*|Вы|Вам|Помогаем|Предлагаем) (?=[а-яё])|[«\"]\s*[»\"]"
)
_FINE_RU = re.compile(r"(?:компании|компанию) (?:и|или) (?:я|вопрос|нет|не|это|вы)\b")
_REPEATED_OFFER = re.compile(r"\b(?:we|they) (?:we|they|offer we|give we)\b|\bit was about we\b", re.IGNORECASE)


def _punctuation(draft: Draft) -> Iterator[Found]:
    text = _without_links(draft.whole)
    for value in sorted({f.value for f in draft.facts if re.search(r"[.!?,]", f.value)}, key=len, reverse=True):
        text = text.replace(value, "NAME")
    yield from _first("punctuation", _PUNCTUATION, text)


def _grammar(draft: Draft) -> Iterator[Found]:
    text = _without_links(draft.whole)
    yield from _first("grammar", _EMPTY_GREETING, draft.body)
    for match in _DOUBLED.finditer(text):
        if match[1].casefold() not in _DOUBLED_FINE and match[0] not in draft.given:
            yield "grammar", match[0]
            break
    if draft.language == "en":
        yield from _first("grammar", _OPEN_ENDED_EN, _FINE_EN.sub("FINE", text))
        yield from _first("grammar", _CAPITAL_INSIDE, text)
        yield from _first("grammar", _REPEATED_OFFER, text)
        for match in _ARTICLE.finditer(text):
            if match[1] != indefinite_article(match[2]) and match[0] not in draft.given:
                yield "grammar", match[0]
                break
    if draft.language == "ru":
        yield from _first("grammar", _OPEN_ENDED_RU, _FINE_RU.sub("всё", text))


# names

_GREETING = {
    "en": re.compile(
        r"\A(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|greetings)\b,? +([^\n,!.:]{1,50}?) *[,!.:\n]",
        re.IGNORECASE,
    ),
    "ru": re.compile(
        r"\A(?:(?:здравствуйте|добрый (?:день|вечер)|доброе утро|привет|приветствую|уважаем\w+),? +([^\n,!.:]{1,50}?) *[,!.:\n]|([^\n,!.:]{1,40}?), (?:добрый|доброе|здравствуйте|привет))",
        re.IGNORECASE,
    ),
}
_NOBODY = re.compile(
    r"there|all|everyone|team|folks|friends?|again|both|.* team|команда.*|коллеги|друзья|.*коллеги", re.IGNORECASE
)
_COMPANY_EN = re.compile(r"\b(?:at|for|about|from) ((?:[A-Z][\w&'’-]+)(?: [A-Z&][\w&'’-]*)*)")
_COMPANY_RU = re.compile(r"(?:компани\w+|команд\w+|фирм\w+|вы в|вас в) («[^»\n]+»|[A-ZА-ЯЁ][\w-]+)")
_NO_COMPANY = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "christmas",
        "easter",
        "i",
        "gdpr",
        "excel",
        "english",
        "russian",
        "europe",
        "q1",
        "q2",
        "q3",
        "q4",
    ]
)


def _names(draft: Draft) -> Iterator[Found]:
    yield from _greeting(draft)
    company = draft.known("company_name")
    pattern = _COMPANY_RU if draft.language == "ru" else _COMPANY_EN
    if company is None:
        return
    for match in pattern.finditer(_without_links(draft.whole)):
        name = match[1].strip("«»")
        known = draft.given.replace("«", "").replace("»", "")
        if (
            name.split()[0].casefold() in _NO_COMPANY
            or name in _ABBREVIATIONS
            or name in known
            or name.removesuffix("'s").removesuffix("’s") in known
        ):
            continue
        yield "name_mismatch", name
        return


def _greeting(draft: Draft) -> Iterator[Found]:
    if draft.channel == "sms":
        _program, _colon, body = draft.body.partition(": ")
    else:
        body = draft.body
    match = _GREETING.get(draft.language, _GREETING["en"]).match(f"{body.lstrip()}\n")
    name = next((group for group in match.groups() if group), "").strip() if match else ""
    if not name or _NOBODY.fullmatch(name):
        return
    first, last, full = (draft.known(n) for n in ("first_name", "last_name", "full_name"))
    known = [f.value for f in (first, last, full) if f and f.value]
    plain = re.sub(r"^(?:mr|ms|mrs|dr|prof)\.? ", "", name, flags=re.IGNORECASE)
    if any(plain.casefold() == value.casefold() for value in known):
        if plain not in known:
            yield "name_mismatch", name
        return
    is_known_in_part = bool(known) and plain.split()[0] == known[0]
    is_expected = not known and first is None and clean("first_name", plain, language=draft.language).value
    if not (is_known_in_part or is_expected):
        yield "name_mismatch", name


_LEGAL = re.compile(
    r"\b(?:GmbH|Inc\b\.?|LLC|Ltd\b\.?|Corp\b\.|B\.?V\b\.|N\.V\.|S\.A\.S?\.?|S\.r\.l\.?|S\.p\.A\.?|Sp\. ?z ?o\. ?o\.|s\.r\.o\.|a\.s\.|ApS|A/S|Pty|Pvt|PLC|LLP|GmbH & Co|& Co\.? KG|KGaA|Oy[j]?\b(?= |,|\.)"
    r"|Incorporated|Aktiengesellschaft)|(?<=[A-Z]\w) (?:AG|SE|KG|AB|SA|AS|BV)\b|(?<![\w-])(?:ООО|ОАО|ЗАО|ПАО|АО|ИП|ТОО)(?![\w-])"
)


def _legal_forms(draft: Draft) -> Iterator[Found]:
    ours = "\n".join([draft.ours, *(f.value for f in draft.facts if f.is_trusted)])
    for match in _LEGAL.finditer(draft.whole):
        start = draft.whole[max(0, match.start() - 12) : match.end()].strip()
        if match[0] not in ours and start not in ours:
            yield "legal_form", start
            return


_CAPITALS = re.compile(r"(?<![\w/.-])[A-ZА-ЯЁ]{4,}(?![\w/-])")
_LONG_CAPITALS = re.compile(r"\b[A-ZА-ЯЁ]{2,}(?:[ ,]+[A-ZА-ЯЁ]{2,}){2,}\b")


def _shouting(draft: Draft) -> Iterator[Found]:
    text = _without_links(draft.whole)
    if re.search(r"!{2,}|\?{2,}|!\?", text) or text.count("!") >= 3:
        yield "shouting", "!"
    allowed = _ABBREVIATIONS | set(re.findall(r"[A-ZА-ЯЁ]{4,}", draft.given))
    word = next((m[0] for m in _CAPITALS.finditer(text) if m[0] not in allowed), "")
    if word:
        yield "shouting", word
    elif (match := _LONG_CAPITALS.search(text)) and match[0] not in draft.given:
        yield "shouting", match[0]


_BROKEN_LINK = re.compile(
    r"(?i)\bhttps?:/(?!/)|\bhttps?//|\bhttps?:\\|\bhttps?://(?=\s|$)|\bhttps?://[^\s/]*https?:|\bhttps? ://|\bht{1,3}ps?;//|\bhtp(?:s)?:|\bhttps?://[\w-]+(?=[\s,]|$|/)|\bhttps?://\.|\bhttps?://[^\s]*\.\.|\]\(\s*https?"
    r"|\bhttps?://\S*(?:\{\{|\}\}|%7B|undefined|null\b|None\b|<|>)|\bhttps?://[\w.-]+ \.?(?:com|ru|io|example)\b|\bwww\.(?=\s|$)|\bhttps?://www\s|\]\(\)|href="
)


def _links(draft: Draft) -> Iterator[Found]:
    yield from _first("broken_link", _BROKEN_LINK, draft.whole)


@cache
def _compiled(kind: str, language: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<![\w-]){p}" for p in _PHRASES[kind].get(language, ["(?!)"])), re.IGNORECASE)


def _phrases(draft: Draft) -> Iterator[Found]:
    given = draft.given.casefold()
    for kind, code in KINDS:
        for match in _compiled(kind, draft.language).finditer(draft.whole):
            if match[0].casefold() not in given:
                yield code, match[0]
                break
