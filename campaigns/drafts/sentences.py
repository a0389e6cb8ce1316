"""Sentences that no careful person writes: holes, doublings, wrong articles, cases and forms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from campaigns.drafts.reading import DATA, Draft, Found, first, without_links
from outreach.core.lists import read_table
from outreach.prompts.grammar import indefinite_article

_FAULTS = read_table(DATA / "broken_grammar.toml")


@cache
def _phrases(language: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<![\w-]){p}" for p in _FAULTS.get(language, ["(?!)"])), re.IGNORECASE)


_OPEN_ENDED_EN = re.compile(
    r"\b(?:the|an?|and|or|your|our|my|as|from)\s*[.,;:!?](?:\s|$)|(?<!look )(?<!good )(?<!aim )(?<!where we are )(?<!arrive )\bat\s*[.,;:!](?:\s|$)"
    r"|\b(?:as|at|from|for|of|with|in|by|about) (?:as|at|from|and|or|of|but|so|then|because|is|are)\b"
    r"|\b(?:I'm|I am|we're|we are) (?:writing|reaching out|contacting|getting in touch)(?: to)?(?: you)? as\b|\bthe (?:the|a|an|your|our|of|at|for|with)\b|\bat the of\b|\ba the\b|\bof of\b"
)
_FINE_EN = re.compile(
    r"\b(?:(?:log|sign|check|come|get|fill|call|phone|turn|clock|drop)(?:s|ed|ing)? in (?:at|by|for|from|with|of)|as of|as for|as in|as with|from as|about as|for as long|by and large|(?:come|came|coming|stop|stopped|drop|pop|swing|pass|go|get|stand)s? (?:by|in|on|from) and)\b"
    r"|\b(?:come|came|choose|chosen|hear|heard|start|learn|learnt|benefit|buy|bought|order|draw|pick|away|apart|far|are|is|was|were|be)(?:s|d|ed|ing)?(?: (?:it|them|you|us))? from(?=[.,;:?!])|\bsuch as(?=:)|\b(?:and|or),(?= [a-z][^,.!?\n]*,)"
)
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z]) (?:We|Our|Your|They|You|My|Helps?|Helping|Offering|Offers?) (?=[a-z])")
_ARTICLE = re.compile(r"(?<![\w'’-])(an?) ([a-z][\w-]*|[A-Z][a-z]+|(?!SQL|SAP|FAQ|SAAS)[A-Z]{2,5})(?![\w-])")
_DOUBLED = re.compile(r"(?<![\w-])([^\W\d_]{2,}) \1(?![\w-])", re.IGNORECASE)
_HANGING = (
    re.compile(r"(?i)\b(?:at|for|from|of|with|to|in|and|about)\s*\Z"),
    re.compile(r"(?i)(?<![\w-])(?:в|для|от|из|с|о|и|на|к|у)\s*\Z"),
)
"""How no subject ends, English and Russian."""
_FAMILIAR = re.compile(r"(?i)(?<![\w-])(?:ты|теб[яе]|тобой|тво(?:й|я|ё|его|ей|ему|и|их))(?![\w-])")
_FORMAL = re.compile(r"(?i)(?<![\w-])(?:вы|вас|вам|вами|ваш\w*|подскажете|подскажите|напишите)(?![\w-])")
_GREETS = re.compile(
    r"(?i)(?<![\w-])(?:здравствуйте|добрый день|доброе утро|добрый вечер|приветствую|привет|hello|hi|dear|good morning)(?![\w-])"
)
_DOUBLED_FINE = frozenset(_FAULTS["said_twice"]["all"])
_EMPTY_GREETING = re.compile(
    r"\A\s*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon))\s*[,.!:]?\s*(?:\n|\Z)|(?:hi|hello|hey|dear)\s+[,.!]|[,!.]\s*\w|(?:здравствуйте|привет)\s*,\s*(?:!|\n|\Z))",
    re.IGNORECASE,
)
_NOTHING_GREETED = re.compile(
    r"\A\s*(?:(?:hi|hello|hey|dear)\s+[,.!]|dear\s*[,.!]|[,!.]\s*\w|(?:здравствуйте|привет)\s*,\s*(?:!|\n|\Z))",
    re.IGNORECASE,
)
"""A greeting with a hole in it; a bare "Hello," is right to someone whose name is not known."""
_OPEN_ENDED_RU = re.compile(
    r"(?<![\w-])(?:в|во|из|для|со?|об?|к|ко|от|по|на|у|и|или|при|про)\s*[.,;:!?](?:\s|$)|(?<![\w-])(?:в|из|для|от|при) (?:и|или|в|для|из|от|со?|мы|я|вы)(?![\w-])"
    r"|(?:компании|компанию|должности)\s+(?:и|или|поэтому|мы|я|вам|вас|в|с|по)(?![\w-])(?! нет)|как (?:в|и) компании|[а-яё] (?:Мы|Наш\w*|Вы|Вам|Помогаем|Предлагаем) (?=[а-яё])|[«\"]\s*[»\"]"
)
_FINE_RU = re.compile(
    r"(?<!\w)и\. ?о\.|(?:компании|компанию) (?:и|или) (?:я|вопрос|нет|не|это|вы)\b|(?<![\w-])(?:и|или),(?= [а-яё][^,.!?\n]*[,—–])"
)
_REPEATED_OFFER = re.compile(r"\b(?:we|they) (?:we|they|offer we|give we)\b|\bit was about we\b", re.IGNORECASE)


_TWO_VERBS_RU = re.compile(
    r"(?<![\w-])(?:предлагаем|предлагаю|делаем|пишем|продаём|ставим|строим|занимаемся)(?![\w-])(?:(?!\bкотор|\bчто\b|\bи\b)[^.,;:!?\n—–(])*(?<![\w-])(?:помогает|помогают|позволяет|позволяют|да[её]т|экономит|снижает|сокращает)(?![\w-])"
    r"|компании (?:у|к) (?-i:[«A-ZА-ЯЁ])",
    re.IGNORECASE,
)
_MOVES = re.compile(r"(?i)езд|еха|еду|ед[еу]т|вез|воз[ия]|вож|достав|отправ|лет[аи]|направл|маршрут|рейс|груз|машин")


_NAMED_FIRM = re.compile(r"([А-ЯЁ][а-яё]+) [«\"]")
"""A firm whose name begins with what it is: Клиника «Дента»."""
_CASE_OF_MANY = re.compile(
    r"(?i)(?<![\w-])(?:для|без|от|из|до|после|около|кроме) [а-яё]{2,}(?:[ыи]е|ое|яя)(?![\w-])(?! [«\"])"
)
"""No word with such an ending follows these: «для литейные формы»."""
_GOVERNS_ALL = r"для|к|у|из|от|об?|при"
_GOVERNS = rf"{_GOVERNS_ALL}|в|на|про|помога\w+|предлага\w+|пиш\w+|обслужива\w+"
"""After these it stands in another case: all of them, and those that only tell with a feminine word."""


def _cases(draft: Draft) -> Iterator[Found]:
    """Values that were put into a Russian sentence as they are: «к Начальник склада», «бывают в Омск»."""
    text = without_links(draft.whole)
    company, title = draft.known("company_name"), draft.known("title")
    if (
        company
        and title
        and _NAMED_FIRM.match(company.value)
        and f"{title.value} {company.value}".casefold() in text.casefold()
    ):
        yield "grammar", f"{title.value} {company.value}"
    yield from first("grammar", _CASE_OF_MANY, text)
    if company and (kind := _NAMED_FIRM.match(company.value)):
        governs = _GOVERNS if kind[1][-1] in "ая" else _GOVERNS_ALL
        if match := re.search(rf"(?<![\w-])(?:{governs}) {re.escape(company.value)}(?![\w-])", text, re.IGNORECASE):
            yield "grammar", match[0]
            return
    if (
        title
        and " как " in text
        and (match := re.search(rf"(?i)(?<!\w)(?:вам|к вам|вас),? как {re.escape(title.value)}(?!\w)", text))
    ):
        yield "grammar", match[0]
        return
    for name in ("title", "city"):
        fact = draft.known(name)
        value = (fact.value or fact.raw) if fact else ""
        if not re.match("[А-ЯЁа-яё]", value):
            continue
        for match in re.finditer(
            rf"(?<![\w-])(к|для|с|со|от|об?|у|из|перед|при|в|во) {re.escape(value)}(?![\w-])", text
        ):
            is_place = match[1] in ("в", "во")
            sentence = text[text.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0]
            is_right = is_place and (name == "title" or value[-1] in "оеиыу")
            moves = is_place and value[-1] not in "аья" and _MOVES.search(sentence)
            if not (is_right or moves or (name == "city" and value[-1] in "оеиыу")):
                yield "grammar", match[0]
                return


def _repeated(text: str) -> Iterator[Found]:
    """A sentence, a run of words, or a greeting that comes twice."""
    if (match := _RUN_TWICE.search(text)) and len(match[1]) >= MIN_RUN_LENGTH:
        yield "grammar", match[0]
    greetings = [match for match in _GREETS.finditer(text) if match.start() < OPENING]
    if len(greetings) > 1:
        yield "grammar", text[greetings[0].start() : greetings[-1].end()]
    seen: set[str] = set()
    for sentence in re.split(r"(?<=[.!?])\s+|\n+", text):
        said = sentence.strip().casefold()
        if len(said.split()) >= 4 and said in seen:
            yield "grammar", sentence.strip()
            return
        seen.add(said)


OPENING = 120
"""Characters in which a text greets."""
MIN_RUN_LENGTH = 9
"""Characters: "и так и так" and "on and on and on" are said on purpose."""
_RUN_TWICE = re.compile(r"(?<![\w-])([^\W\d_]\S*(?:[ \n]\S+){1,4})[ \n]\1(?![\w-])")
_SINGULAR = re.compile(r"(?:ss|us|is|ics|news|series|gas|lens|bus|business|process)\Z", re.IGNORECASE)
_HEAD = re.compile(r"\s(?:for|to|that|which|in|of|with|at|on|from|by|and)\s")


_BARE = r"let|make|help|give|offer|send|put|build|take|sell|bring|keep|show"


def _filled(draft: Draft, text: str) -> Iterator[Found]:
    """An industry with an article and no noun behind it ("of a software you"), our firm with a verb in the plural."""
    industry, firm = draft.known("industry"), draft.known("sender_company")
    if industry:
        yield from first(
            "grammar",
            re.compile(rf"(?i)\ban? {re.escape(industry.value)}(?=\W*(?:\n|[.,;?!]| (?:you|we|i|is|and)\b))"),
            text,
        )
    if firm and re.fullmatch(r"[A-Za-z]+[^s\W]", firm.value):
        yield from first("grammar", re.compile(rf"(?:(?<=[.!?\n])|(?<=[.!?] ))\n*{firm.value} (?:{_BARE}) \w+"), text)


def _offered(draft: Draft, text: str) -> Iterator[Found]:
    """An article in front of an offer in the plural: "a water leak sensors"."""
    for fact in draft.facts:
        if not fact.is_trusted or not fact.name.startswith("offer") or not fact.value:
            continue
        head = _HEAD.split(fact.value, maxsplit=1)[0]
        if (
            head.endswith("s")
            and not _SINGULAR.search(head)
            and (match := re.search(rf"(?i)\ban? {re.escape(head)}\b", text))
        ):
            yield "grammar", match[0]
            return


def read(draft: Draft) -> Iterator[Found]:
    text = without_links(draft.whole)
    is_nameless = not draft.known("first_name")
    yield from first("grammar", _NOTHING_GREETED if is_nameless else _EMPTY_GREETING, draft.body)
    for match in _DOUBLED.finditer(text):
        if match[1].casefold() not in _DOUBLED_FINE and match[0] not in draft.given:
            yield "grammar", match[0]
            break
    yield from _repeated(without_links(draft.body))
    yield from first("grammar", _phrases(draft.language), text)
    yield from first("grammar", _HANGING[draft.language == "ru"], draft.subject)
    if draft.language == "en":
        yield from first("grammar", _OPEN_ENDED_EN, _FINE_EN.sub("FINE", text))
        yield from first("grammar", _CAPITAL_INSIDE, text)
        yield from first("grammar", _REPEATED_OFFER, text)
        yield from _offered(draft, text)
        yield from _filled(draft, text)
        for match in _ARTICLE.finditer(text):
            if match[1] != indefinite_article(match[2]) and match[0] not in draft.given:
                yield "grammar", match[0]
                break
    if draft.language == "ru":
        yield from first("grammar", _OPEN_ENDED_RU, _FINE_RU.sub("всё", text))
        yield from first("grammar", _TWO_VERBS_RU, text)
        if (familiar := _FAMILIAR.search(text)) and _FORMAL.search(text):
            yield "mixed_address", familiar[0]
        yield from _cases(draft)
