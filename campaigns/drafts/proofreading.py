"""What a careful reader finds in the words of one text: sentences, punctuation, names, alphabets, links. Pure.

Each finding is a code with the words that raised it. What the campaign, the sender and the pack say themselves is
given: nothing in it counts as a claim, and a legal form there is ours to use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafts import alphabets, names, sentences, slips
from campaigns.drafts.reading import ABBREVIATIONS, Draft, Found, first, without_links


def read(draft: Draft) -> Iterator[Found]:
    """Everything found, in no order."""
    yield from _formulas(draft)
    yield from _punctuation(draft)
    yield from sentences.read(draft)
    yield from alphabets.read(draft)
    yield from names.read(draft)
    yield from _legal_forms(draft)
    yield from _shouting(draft)
    yield from _links(draft)
    yield from slips.read(draft)


# what no person types

_FORMULA = re.compile(
    r"(?:^|[\s(«\"“])[=@+][A-Z]{2,}\(|(?:^|[\s(«\"“])=[\w(\"'][^\s]*|\b[A-Z]{3,}\([^)\s]|cmd\s?\||#(?:REF|NAME|VALUE|N/A|DIV/0|NULL|NUM|ССЫЛКА|Н/Д|ЗНАЧ|ИМЯ)[!?]?"
)
_LEFT_TO_FILL = re.compile(
    r"\bX{3,}\b|_{3,}|\bTBD\b|\bTBC\b|\blorem ipsum\b|%[A-Z_]{3,}%|%%\w+%%|\*\|\w+\|\*|\{[^{}\n]{0,60}\||\{\w[\w ]*\}|\$\{?[a-z_]{3,}\}?"
    r"|\[object Object\]|(?<![\w/])N/A(?![\w/])|\bnan\b|<[\w ]{2,20}>|\[\s*\]|\?{3,}|\b(?:asdf\w*|qwerty|foo ?bar|fname|lname|firstname|first_name|company_name)\b|<<|>>|\bХХХ+\b|йцукен|\bфыва\b|\ufffd|[ÃÂ][\u0080-\u00bf]|\((?:insert|add|вставить|вставьте|указать|укажите|уточнить|добавить)\b[^)\n]{0,40}\)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"(?m)\*\*[^*\n]+\*\*|</?[a-z]{1,6}\b[^>\n]{0,40}>|&(?:nbsp|amp|quot|lt|gt|#\d+);|^#{1,4} \w")
_LEFT_EXACT = re.compile(r"\b(?:None|null|NULL|undefined|NaN)\b(?! of\b| the less)")


def _formulas(draft: Draft) -> Iterator[Found]:
    text = without_links(draft.whole)
    yield from first("formula", _FORMULA, text)
    yield from first("placeholder", _LEFT_TO_FILL, text)
    yield from first("placeholder", _LEFT_EXACT, text)
    yield from first("markup", _MARKUP, text)


# punctuation

_PUNCTUATION = re.compile(
    r"(?<!\.)\.\.(?!\.)|\.{4,}|[,;:]\s*[,;:.!?](?!\))|[.!?]\s+[,;.](?!\.)|[.!?],|\?\.|!\.|\.[?!](?!\w)|(?<=[\w)»”\"]) +[,;!?](?=\s|$)|(?<=[\w)»”\"]) +\.(?=\s|$)"
    r"|\(\s*\)|«\s*»|“\s*”|(?<=\S)  +(?=\S)|(?<=[a-zа-яё]{2})[,;!?](?=[A-Za-zА-Яа-яё])|(?<=[a-zа-яё]{3})\.(?=[A-ZА-ЯЁ][a-zа-яё])|(?<=\w) [,;](?=\w)|^Re: ?Re:|^\s*[,;]|\(\s|\s\)"
    r"|[-–—]\s*[.,;!?](?:\s|$)",
    re.MULTILINE,
)


_ABBREVIATED = re.compile(
    r"(?<!\w)(?:[ap]\.m|e\.g|i\.e|etc|approx|vs|no|nos|dr|st|mt|jr|sr|inc|ltd|co|dept|est|incl|excl|max|min|ph\.d|[A-Z]|т\. ?[дпеко]|[дп]р|руб|коп|тыс|млн|млрд|гг?|ул|пр|просп|см|стр|шт|кв|чел|обл|р-н|им|[А-ЯЁ])\.(?=[,;?!)]|\s[,;])",
    re.IGNORECASE,
)
"""An abbreviation keeps its stop in front of another mark."""


def _punctuation(draft: Draft) -> Iterator[Found]:
    text = _ABBREVIATED.sub("etc", without_links(draft.whole))
    for value in sorted({f.value for f in draft.facts if re.search(r"[.!?,]", f.value)}, key=len, reverse=True):
        text = text.replace(value, "NAME")
    yield from first("punctuation", _PUNCTUATION, text)


# firms and shouting

_LEGAL = re.compile(
    r"\b(?:GmbH|Inc\b\.?|LLC|Ltd\b\.?|Corp\b\.|B\.?V\b\.|N\.V\.|S\.A\.S?\.?|S\.r\.l\.?|S\.p\.A\.?|Sp\. ?z ?o\. ?o\.|s\.r\.o\.|a\.s\.|ApS|A/S|Pty|Pvt|PLC|LLP|GmbH & Co|& Co\.? KG|KGaA|Oy[j]?\b(?= |,|\.)"
    r"|Incorporated|Aktiengesellschaft)|(?<=[A-Z]\w) (?:AG|SE|KG|AB|SA|AS|BV)\b|(?<![\w-])(?:ООО|ОАО|ЗАО|ПАО|АО|ИП|ТОО)(?![\w-])"
)


def _legal_forms(draft: Draft) -> Iterator[Found]:
    for match in _LEGAL.finditer(draft.whole):
        start = draft.whole[max(0, match.start() - 12) : match.end()].strip()
        if match[0] not in draft.ours and start not in draft.ours and not names.is_beside_our_firm(draft, match.end()):
            yield "legal_form", start
            return


_CAPITALS = re.compile(r"(?<![\w/.-])[A-ZА-ЯЁ]{4,}(?![\w/-])")
_VOWEL = re.compile("[AEIOUYАЕЁИОУЫЭЮЯ]")
_LONG_CAPITALS = re.compile(r"\b[A-ZА-ЯЁ]{2,}(?:[ ,]+[A-ZА-ЯЁ]{2,}){2,}\b")


def _shouting(draft: Draft) -> Iterator[Found]:
    text = without_links(draft.whole)
    if re.search(r"!{2,}|\?{2,}|!\?", text) or text.count("!") >= 3:
        yield "shouting", "!"
    allowed = ABBREVIATIONS | set(re.findall(r"[A-ZА-ЯЁ]{4,}", draft.given))
    words = (m[0] for m in _CAPITALS.finditer(text) if m[0] not in allowed and _VOWEL.search(m[0]))
    word = next(words, "")
    if word:
        yield "shouting", word
    elif (match := _LONG_CAPITALS.search(text)) and match[0] not in draft.given:
        yield "shouting", match[0]


_BROKEN_LINK = re.compile(
    r"(?i)\bhttps?:/(?!/)|\bhttps?//|\bhttps?:\\|\bhttps?://(?=\s|$)|\bhttps?://[^\s/]*https?:|\bhttps? ://|\bht{1,3}ps?;//|\bhtp(?:s)?:|\bhttps?://[\w-]+(?=[\s,]|$|/)|\bhttps?://\.|\bhttps?://[^\s]*\.\.|\]\(\s*https?"
    r"|\bhttps?://\S*(?:\{\{|\}\}|%7B|undefined|null\b|None\b|<|>)|\bhttps?://[\w.-]+ \.?(?:com|ru|io|example)\b|\bwww\.(?=\s|$)|\bhttps?://www\s|\]\(\)|href="
)


def _links(draft: Draft) -> Iterator[Found]:
    yield from first("broken_link", _BROKEN_LINK, draft.whole)
