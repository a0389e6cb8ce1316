"""Days that a text names, in many languages and notations: "on the 8th September", "bis 17.03.", «до конца июня». Pure.

A day without a year is the nearest plausible one, which may lie in the past: an absence "until 3 March" told on
20 March is over, not a year long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from conversations.reading.phrases import DATA

MAX_PAST = 100
"""Days back for which a day without a year is read as past rather than as next year's."""
MAX_FOUND = 60


@dataclass(frozen=True)
class Found:
    """A day in a text and where it stands."""

    day: date
    start: int
    end: int


def _numbered(file: str) -> Iterator[tuple[str, int]]:
    rows = [row for row in (DATA / file).read_text(encoding="utf-8").splitlines() if row and not row.startswith("#")]
    return ((word, number) for number, row in enumerate(rows, start=1) for word in row.split())


_ORDINALS = {word.replace("_", " "): number for word, number in _numbered("ordinals.txt")}
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "couple": 2, "few": 3, "einer": 1, "einem": 1,
    "zwei": 2, "drei": 3, "une": 1, "deux": 2, "trois": 3, "una": 1, "dos": 2, "tres": 3, "due": 2, "tre": 3, "uma": 1,
    "duas": 2, "две": 2, "два": 2, "три": 3, "четыре": 4, "пару": 2, "неделю": 1, "месяц": 1,
}  # fmt: skip
_DAY = r"(\d{1,2})(?:\s?(?:st|nd|rd|th|er|e|ème|eme|º|ª|°|\.|-?го|-?е|-?ого)(?![^\W\d_]))?"
_WORD = r"([^\W\d_]{3,14})"
_YEAR = r"(?:\.?,?\s*(?:de\s+|del\s+|do\s+)?(\d{4})(?!\d)(?:\s?(?:г\.?|года|р\.|року))?)?"
_DAY_OF = rf"(?<![\w.:/-]){_DAY}\s*(?:of\s+|de\s+|d'|d’|di\s+)?{_WORD}{_YEAR}"
_MONTH_DAY = rf"(?<![\w-]){_WORD}\.?\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s*(\d{{4}})(?!\d))?"
_PATTERNS: list[tuple[str, re.Pattern[str]]] = [
    ("iso", re.compile(r"(?<!\d)(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?!\d)")),
    ("asian", re.compile(r"(?:(\d{4})\s?[年년]\s?)?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日号號일]")),
    ("numbers", re.compile(r"(?<![\d.:/])(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2})(?!\d)|\.?(?![\d/:-]))")),
    ("day_of", re.compile(_DAY_OF)),
    ("month_day", re.compile(_MONTH_DAY)),
    ("ordinal", re.compile(rf"(?<![\w-])({'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\s+(?:(?:day\s+)?of\s+|de\s+|d['’]|di\s+|(?!may\b)){_WORD}{_YEAR}")),
    (
        "week_end",
        re.compile(
            r"(?<!\w)(?:end of|ende|fin de|finales de|final (?:de|da)|fim da|fine|кон(?:ца|це|ец))\s+(?:the\s+|la\s+|der\s+)?(next|this|nächster|kommender|dieser|próxima|prossima|следующей|этой|будущей)?\s*"
            r"(?:week|woche|semaine|semana|settimana|недели)(?:\s+(prochaine|que viene|próxima))?(?!\w)"
        ),
    ),
    (
        "end_of",
        re.compile(
            r"(?:end of|ende|fin|fine|final|final de|finales de|konca|koniec|кон(?:ца|це|ец))\s+(?:of\s+|des\s+|de\s+|du\s+|di\s+|do\s+)?"
            rf"(?:{_WORD}{_YEAR})"
        ),
    ),
    (
        "in_some",
        re.compile(
            r"(?<!\w)(?:in|for|dans|pour|en|por|tra|fra|für|через|на|em|za|over|about)\s+(?:about\s+|the next\s+|the\s+|les\s+|las\s+|próximas\s+)?"
            r"(\d{1,2}|[^\W\d_]{1,8})?\s*(?:of\s+)?(days?|weeks?|months?|tage?n?|wochen?|monate?n?|jours?|semaines?|mois|d[ií]as?|semanas?|mes(?:es)?|giorni|settiman[ae]|mes[ei]"
            r"|д(?:ень|ня|ней)|недел[июьяе]?|месяц\w{0,3}|dagen|weken|maanden|dni|tygodni\w?)(?!\w)"
        ),
    ),
    ("weekday", re.compile(r"(?<!\w)(?:(next|this|coming|nächsten|kommenden|prochain|следующ\w+|ближайш\w+)\s+)?([^\W\d_]{2,14}(?:-feira)?)(?!\w)")),
    (
        "month",
        re.compile(
            rf"(?<!\w)(?:in|im|until|till|bis|back|en|em|a|ab|в|к|с|до|w|do)\s+(?:early\s+|mid-?\s?|late\s+|anfang\s+|mitte\s+|ende\s+|начале\s+|середине\s+|конце\s+)?{_WORD}(?:\s+(?:de\s+)?(\d{{4}}))?(?!\s+\d)(?![\w-])"
        ),
    ),
    ("tomorrow", re.compile(r"(?<!\w)(?:tomorrow|morgen|demain|mañana|domani|amanhã|завтра|jutro|zítra|imorgon)(?!\w)")),
    ("next_week", re.compile(r"(?<!\w)(?:next week|nächste(?:r|n)? woche|la semaine prochaine|la próxima semana|la prossima settimana|próxima semana|следующ\w+ недел\w|volgende week|przyszłym tygodniu)(?!\w)")),
    ("day_only", re.compile(r"(?<!\w)(?:the|den|dem|am|le|el|il|dia|día)\s+(\d{1,2})(?:st|nd|rd|th|er|\.)?(?![\w.:/-])|(?<!\w)(\d{1,2})(?:-?го|-?ого)(?:\s+числа)?(?!\w)|(?<![\w.])(\d{1,2})(?:st|nd|rd|th)(?!\w)")),
]  # fmt: skip
_OFTEN_WORDS = frozenset(
    [
        "mon",
        "sat",
        "sun",
        "set",
        "lis",
        "sie",
        "cze",
        "gen",
        "fri",
        "wed",
        "mar",
        "вер",
        "лис",
        "тра",
        "сер",
        "lip",
        "gru",
        "out",
        "fev",
        "mag",
        "dic",
    ]
)
"""Names of days or months that are also ordinary words: only beside a number."""


_GAP = re.compile(r"\s{30,}")
"""No day is written across it, and looking would take the square of its length; places in the text stay what they are."""


def find_days(text: str, *, base: date) -> list[Found]:
    """The days that `text` names, seen from `base`, in order; overlapping readings are told once, the longest first."""
    lower = _GAP.sub(lambda gap: " " + "\0" * (len(gap[0]) - 1), text.lower())
    is_month_first = _is_month_first(lower)
    taken: list[Found] = []
    for kind, written in _PATTERNS:
        for match in written.finditer(lower):
            if len(taken) >= MAX_FOUND:
                break
            day = _resolve(kind, match, base, is_month_first=is_month_first)
            if day is not None and not any(f.start < match.end() and match.start() < f.end for f in taken):
                taken.append(Found(day, match.start(), match.end()))
    taken.sort(key=lambda found: found.start)
    return [
        found for index, found in enumerate(taken) if not _is_weekday_of(found, taken[index + 1 : index + 2], lower)
    ]


def _is_weekday_of(found: Found, following: list[Found], text: str) -> bool:
    """Whether this is the "Friday" of "Friday, 11 September"."""
    word = text[found.start : found.end].split()[-1]
    if word not in weekdays():
        return False
    return bool(re.match(r"[\s,.(]{0,4}(?:\d|the\s|den\s|dem\s|le\s)", text[found.end : found.end + 8])) and bool(
        following and following[0].start - found.end < 12
    )


def _resolve(kind: str, match: re.Match[str], base: date, *, is_month_first: bool | None) -> date | None:
    groups = match.groups()
    if kind == "iso":
        return _date(int(groups[0]), int(groups[1]), int(groups[2]))
    if kind == "asian":
        return _dated(int(groups[2]), int(groups[1]), groups[0], base)
    if kind == "numbers":
        return _numbers(int(groups[0]), groups[1], int(groups[2]), groups[3], base, is_month_first=is_month_first)
    if kind == "day_of":
        return _dated(int(groups[0]), months().get(groups[1], 0), groups[2], base)
    if kind == "month_day":
        return _dated(int(groups[1]), months().get(groups[0], 0), groups[2], base)
    if kind == "ordinal":
        return _dated(_ORDINALS[groups[0]], months().get(groups[1], 0), groups[2], base)
    if kind == "month":
        return _month(groups[0], groups[1], base)
    if kind == "end_of":
        return _end_of(groups[0], groups[1], base)
    return _relative(kind, match, base)


def _relative(kind: str, match: re.Match[str], base: date) -> date | None:
    groups = match.groups()
    if kind == "in_some":
        count = int(groups[0]) if (groups[0] or "").isdigit() else _COUNTS.get(groups[0] or "a", 0)
        unit = (
            30 if re.match(r"mo|mes|mois|меся|maand", groups[1]) else 7 if re.match(r"w|se|нед|tyg", groups[1]) else 1
        )
        return base + timedelta(days=count * unit) if count else None
    if kind == "weekday":
        number = weekdays().get(groups[1])
        if (
            number is None
            or (groups[1] in _OFTEN_WORDS and not groups[0])
            or (len(groups[1]) < 3 and groups[1] != "пн")
        ):
            return None
        return base + timedelta(days=(number - base.weekday() - 1) % 7 + 1)
    if kind == "week_end":
        is_next = any(word not in {None, "this", "dieser", "этой"} for word in groups)
        return base + timedelta(days=4 - base.weekday() + 7 * (is_next or base.weekday() > 4))
    if kind == "tomorrow":
        return base + timedelta(days=1)
    if kind == "next_week":
        return base + timedelta(days=7 - base.weekday())
    number = int(next(g for g in groups if g))
    return _day_only(number, base)


def _numbers(
    first: int, mark: str, second: int, year: str | None, base: date, *, is_month_first: bool | None
) -> date | None:
    """Day and month in an order that the text, the mark or plausibility tells."""
    if mark == "-" and year is None:
        return None
    orders = [(first, second), (second, first)] if mark == "/" else [(first, second)]
    if mark == "/" and is_month_first is not None:
        orders = [(second, first)] if is_month_first else [(first, second)]
    days = [day for d, m in orders if (day := _dated(d, m, year, base))]
    ahead = [day for day in days if day >= base]
    return min(ahead, default=days[0] if days else None)


def _is_month_first(text: str) -> bool | None:
    """Whether dates with slashes put the month first; None when the text does not tell."""
    for first, second in re.findall(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/\d{2,4})?(?![\d/])", text[:20_000]):
        if int(first) > 12 >= int(second):
            return False
        if int(second) > 12 >= int(first):
            return True
    return None


def _dated(day: int, month: int, year: str | None, base: date) -> date | None:
    if not month:
        return None
    if year:
        return _date(int(year) + 2000 if int(year) < 100 else int(year), month, day)
    near = [d for y in (base.year - 1, base.year, base.year + 1) if (d := _date(y, month, day))]
    return next((d for d in near if -MAX_PAST <= (d - base).days < 366 - MAX_PAST), None)


def _day_only(day: int, base: date) -> date | None:
    if not 1 <= day <= 31:
        return None
    year, month = base.year, base.month
    if day < base.day:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return _date(year, month, day)


def _month(word: str, year: str | None, base: date) -> date | None:
    """The first of a month that has not started."""
    month = 0 if word in _OFTEN_WORDS else months().get(word, 0)
    day = _dated(1, month, year, base)
    return day if day and day > base else None


def _end_of(word: str | None, year: str | None, base: date) -> date | None:
    month = months().get(word or "", 0)
    if word in {"month", "monats", "mois", "mes", "mese", "mês", "месяца"}:
        month = base.month
    if not month:
        return None
    first = _dated(1, month, year, base) if month != base.month else date(base.year, month, 1)
    if first is None:
        return None
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@cache
def months() -> dict[str, int]:
    """Name of a month in lower case → its number."""
    return dict(_numbered("months.txt"))


@cache
def weekdays() -> dict[str, int]:
    """Name of a day in lower case → its number, Monday 0."""
    return {word: number - 1 for word, number in _numbered("weekdays.txt")}
