"""Lines that introduce a quoted message: "On … wrote:", header blocks, separators, in many languages. Pure."""

from __future__ import annotations

import re
from functools import cache

from conversations.reading.phrases import pattern, phrases

MAX_INTRODUCTION = 400
"""Characters of an introduction, its wrapped lines joined."""
MAX_WRAPPED = 6
_DATE = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?<!\d)(?:19|20)\d{2}(?!\d)|\d{1,2}\.? [^\W\d_]{3,}|[^\W\d_]{3,}\.? \d{1,2}(?!\d)|\d{1,2}-[^\W\d_]{3,9}-\d{2,4}|\d{1,2}[月월]"
)
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h時时]\s?\d{2}(?!\d)|\d{1,2}\s?(?:[ap]\.?m\b|uhr)", re.IGNORECASE)
_BRACKETED = re.compile(r"[<(\[]\s*(?:mailto:)?[^\s<>()@]{1,80}@[^\s<>()@]{1,200}\s*[>)\]]")
_EMAIL = re.compile(r"[^\s<>()@]{1,80}@[^\s<>()@]{1,200}\.[^\s<>()@]{2,}")
_DASHES = re.compile(r"-{2,}|_{3,}|={3,}|\*{3,}|—{2,}|^begin|:", re.IGNORECASE)
_EDGE = r"[\s>]*\*?(?:-{2,}|_{3,}|={3,}|\*{3,}|—{2,}|\[|「)?\s*"
_SHORT_FIELD = re.compile(r"^\W{0,4}(?:date|datum|дата|fecha|data|sent|gesendet)\s*:", re.IGNORECASE)
_UNSPOKEN = re.compile(
    r"^[-*\s]*(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\w{2,12},? \d{1,2}.{0,40}\d{4}).{0,120}[<(\[]\s*(?:mailto:)?[^\s<>()@]+@[^\s<>()@]+\s*[>)\]]\s*:?$"
)
"""A date, a name and an address: an introduction where marked lines follow."""
_GMAIL_OF_OLD = re.compile(
    r"^\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (?:GMT|UTC)[+-]\d{2}:\d{2} [^:]{2,80}:?$"
    r"|^\d{4}[/-]\d{1,2}[/-]\d{1,2} [^<>]{2,60}<[^\s<>@]+@[^\s<>@]+>:?$",
    re.IGNORECASE,
)
"""A date, a zone and a name without a verb: "2016-03-03 17:21 GMT+01:00 Ann Vale"."""
_VIA = re.compile(
    r"^(?!(?:i|we|you|he|she|they)\b)\S.{1,60} via \S.{1,60} (?:wrote|schrieb|a écrit|escribió|ha scritto|пишет):?$",
    re.IGNORECASE,
)
_FIELD_INLINE = re.compile(
    r"\s(?:date|sent|datum|gesendet|дата|отправлено|fecha|enviado|data|envoyé|to|subject)\s*:\s", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d_a-zа-я][\w.'’-]*(?: [^\W\d_a-zа-я][\w.'’-]*){0,3}")
_NAMED_ON = re.compile(rf"{_NAME.pattern} (?:on|am|le|el|il|em|op|den) \S")
_QUOTING = re.compile(r"(?:quoting|zitat von|zitiere|citando|citat|цитирую|цитата)\s", re.IGNORECASE)
_INLINE = re.compile(
    r"(?:^|(?<=[\s.!?,;>-]))(?:-{2,40}\s{0,8})?(?=(?:on|am|le|el|il|op|den|dne|em|в)\s+[^\s])", re.IGNORECASE
)


def length_at(lines: list[str], index: int) -> int:
    """How many lines from `index` introduce a quote (0: none). Long introductions are wrapped by the mail program."""
    first = _bare(lines[index])
    if not first or len(first) > MAX_INTRODUCTION or not _may_begin(first):
        return 0
    joined = ""
    for count in range(1, MAX_WRAPPED + 1):
        if index + count > len(lines):
            break
        line = _bare(lines[index + count - 1])
        if not line:
            if count > 2 or not _hangs(joined):
                break
            continue
        joined = f"{joined} {line}".strip()
        if len(joined) > MAX_INTRODUCTION:
            break
        if introduces(joined) or (_UNSPOKEN.match(joined) and _is_marked(lines, index + count)):
            return count
    return 0


def _is_marked(lines: list[str], index: int) -> bool:
    """Whether the next line with text is marked as quoted."""
    following = next((line for line in lines[index : index + 4] if line.strip()), "")
    return following.lstrip().startswith(">")


def introduces(text: str) -> bool:
    """Whether a line, its wrapped pieces joined, introduces a quote."""
    if _GMAIL_OF_OLD.match(text) or _VIA.match(text):
        return True
    is_closed = text.endswith((":", "：", ": -", ":-"))
    dated, timed, addressed = (
        bool(_DATE.search(text)),
        bool(_TIME.search(text)),
        bool(_BRACKETED.search(text) or _EMAIL.search(text)),
    )
    verb = None
    for verb in _verb().finditer(text):  # noqa: B007  the last one counts
        pass
    if is_closed and dated and timed and (addressed or re.search(r"(?<!\w)от(?!\w)", text)):
        return True  # Gmail and Mail.ru in Russian: date, time, name and address without a verb
    if verb is None and is_closed and addressed and _QUOTING.match(text):
        return True
    if verb is None:
        return bool(
            dated
            and timed
            and addressed
            and len(text) < 160
            and re.fullmatch(r".{0,60}<[^<>\s]+@[^<>\s]+>\s*:?", text)
            and _DATE.match(text)
        )
    behind = text[verb.end() :].strip(" :：*-")
    is_opened = bool(_opener().match(text))
    if is_closed:
        before = text[: verb.start()].split()
        if dated and timed and _DATE.search(behind) and 0 < len(before) <= 5 and before[0][:1].isupper():
            return True  # "Ann Vale wrote on 03/03/2026 16:02:"
        if addressed and (dated or len(behind) < 30):
            return True
        if dated and timed and not behind and _NAMED_ON.match(text):
            return True  # "Ann Vale on 3 March 2026 at 16:02 wrote:"
        return is_opened and (dated or timed) and len(behind) < 80
    # without a colon: only what could hardly be a person's sentence
    if is_opened and dated and timed and _NAME.fullmatch(behind):
        return True  # "Am 03.03.26 um 16:02 schrieb Ann Vale"
    if behind or not is_opened:
        return bool(is_opened and dated and timed and len(behind) < 80 and addressed and text.endswith(">"))
    return dated and (timed or addressed)


def inline_at(line: str) -> int:
    """Where an introduction begins inside a line that a person wrote on ("Yes. On Mon, 3 Mar … wrote:"), or -1."""
    if len(line) > 2_000 or not _verb().search(line) or (_NAMED_ON.match(line.strip()) and introduces(line.strip())):
        return -1
    for match in _INLINE.finditer(line):
        if (
            match.start() > 0
            and introduces(line[match.end() :].strip())
            and _DATE.search(line[match.end() : match.end() + 60])
        ):
            return match.start()
    return -1


def is_cut(lines: list[str], index: int) -> bool:
    """Whether everything from this line on is an earlier message: a separator or a block of headers."""
    line = lines[index].strip().lstrip("> ").strip()
    if not line or len(line) > 300:
        return False
    if _separator().match(line) and _DASHES.search(line):
        return True
    if _first_field().match(line) and _EMAIL.search(line) and _DATE.search(line) and _FIELD_INLINE.search(line):
        return True
    if _first_field().match(line) or _SHORT_FIELD.match(line):
        return _is_header_block(lines, index)
    if _EMAIL.search(line) or _NAME.match(line):
        return _is_notes_block(lines, index)
    return bool(_star_header().match(line) and _is_header_block(lines, index))


def _is_header_block(lines: list[str], index: int) -> bool:
    """At least three fields within a few lines; one of them says who wrote."""
    fields = 0
    has_sender = False
    blank = 0
    for line in lines[index : index + 10]:
        bare = line.strip().lstrip("> ").strip()
        if not bare:
            blank += 1
            if blank > 2:
                break
            continue
        if _first_field().match(bare):
            has_sender, fields = True, fields + 1
        elif _field().match(bare):
            fields += 1
    return has_sender and (fields >= 3 or (fields == 2 and bool(_EMAIL.search(lines[index]))))


def _is_notes_block(lines: list[str], index: int) -> bool:
    """Lotus Notes: a name, the date below it, then "To", "cc" and "Subject" on lines of their own."""
    dated = _bare(lines[index + 1]) if index + 1 < len(lines) else ""
    if len(dated) > 40 or not (_DATE.match(dated) and _TIME.search(dated)):
        return False
    return sum(bool(_label().fullmatch(_bare(line))) for line in lines[index + 2 : index + 14]) >= 2


def _bare(line: str) -> str:
    return line.lstrip("> ").strip()


def _may_begin(text: str) -> bool:
    return bool(_opener().match(text) or _EMAIL.search(text) or _verb().search(text))


def _hangs(text: str) -> bool:
    """Whether an introduction was torn apart by an empty line."""
    return bool(_opener().match(text) and _DATE.search(text) and _TIME.search(text) and len(text) < 200)


@cache
def _verb() -> re.Pattern[str]:
    return pattern("quotes", "verbs")


@cache
def _opener() -> re.Pattern[str]:
    told = "|".join(phrases("quotes", "openers"))
    return re.compile(rf"^[-*\s]*(?:{told}|\d{{1,4}})(?!\w)", re.IGNORECASE)


@cache
def _first_field() -> re.Pattern[str]:
    return pattern("quotes", "first_field", before=r"^[*_]{0,2}", after=r"\s?[*_]{0,2}\s*[:：]\s*[*_]{0,2}\s*\S")


@cache
def _star_header() -> re.Pattern[str]:
    return pattern("quotes", "first_field", before=r"^[*_]{1,2}", after=r"\s?[:：]?[*_]{1,2}")


@cache
def _field() -> re.Pattern[str]:
    return pattern("quotes", "fields", before=r"^[*_]{0,2}", after=r"\s?[*_]{0,2}\s*[:：]\s*[*_]{0,2}")


@cache
def _label() -> re.Pattern[str]:
    return pattern("quotes", "fields", before="", after=r"\s?[:：]?")


@cache
def _separator() -> re.Pattern[str]:
    return pattern(
        "quotes", "separators", before=f"^{_EDGE}", after=r"\s*:?\s*(?:-{2,}|_{3,}|={3,}|\*{3,}|—{2,}|\]|」)?\*?\s*$"
    )
