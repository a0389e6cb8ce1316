"""When a "not now" wants to be asked again: dates in words, in six languages. Pure.

Works on text folded by `optouts.normalise`. A day of the past belongs to next month or year. Words and their meaning
stand in `data/moments.tsv`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from conversations.replies import optouts

_FILE = Path(__file__).parent / "data" / "moments.tsv"


@cache
def _table(kind: str) -> dict[str, int]:
    """Word → number, of one kind: `month`, `season`, `weekday`, `number`, `unit` (days)."""
    lines = (line.split("\t") for line in _FILE.read_text().splitlines() if line and not line.startswith("#"))
    return {word: int(value) for name, value, words in lines if name == kind for word in words.split()}


@cache
def _any(kind: str) -> str:
    """A pattern that matches any word of a kind, the longest first."""
    return "|".join(sorted(map(re.escape, _table(kind)), key=len, reverse=True))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    kinds = ("month", "season", "weekday", "number", "unit")
    for kind in kinds:
        template = template.replace(f"@{kind}", f"(?P<{kind}>{_any(kind)})")
    return re.compile(template)


def moment(normal: str, *, today: date) -> date | None:
    """The day from which `normal` wants to be asked again; None when it does not say."""
    for read in _READERS:
        if found := read(normal, today):
            return found
    return None


def day(text: str, *, today: date) -> date | None:
    """The day that a person typed: in figures, in words, or as a number of days or weeks."""
    normal = optouts.normalise(text)
    return moment(normal, today=today) or _weekday(f"on {normal}", today) or _weekday(f"в {normal}", today)


_LATE = r"(?:end|late|конц\w+|ende|fin(?:ales)?|fim|final)"
_MID = r"(?:mid(?:dle)?|середин\w+|mitte|mediados|mi|meados)"
_OF = r"(?: of| de| du| des| do| da| der| von| the| la| el)*"


def _written(normal: str, today: date) -> date | None:
    """2026-05-03, 03.05.2026, 15/6."""
    if match := re.search(r"\b(20\d\d)-(\d\d)-(\d\d)\b", normal):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := re.search(r"\b(\d{1,2})[./](\d{1,2})(?:[./](20\d\d|\d\d))?\b(?![:%])", normal):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0) if match[3] else 0
        return _day(year, int(match[2]), int(match[1])) if year else _coming(today, int(match[2]), int(match[1]))
    return None


def _of_month(normal: str, today: date) -> date | None:
    """15 June, June 15th, end of June, mid-May, in March, next April."""
    day_first = _pattern(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|-?го|-?е)?{_OF} @month\b")
    month_first = _pattern(r"\b@month (?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?!:)")
    if match := day_first.search(normal) or month_first.search(normal):
        found = _coming(today, _table("month")[match["month"]], int(match["day"]))
        if found:
            return found + timedelta(days=_follows(normal, match.start()))
    if match := _pattern(rf"\b{_LATE}{_OF} @month\b").search(normal):
        month = _table("month")[match["month"]]
        found = date(today.year, month, monthrange(today.year, month)[1])
        return found if found > today else date(today.year + 1, month, monthrange(today.year + 1, month)[1])
    if match := _pattern(rf"\b{_MID}[ -]?{_OF} ?@month\b").search(normal):
        return _coming(today, _table("month")[match["month"]], 15)
    asks = (
        r"\b(?:in|until|till|by|after|before|early|since|from|next|around|again|come|on|to|back|through|в|до|к|с|со|после|начале|начала|en|hasta|antes de|despues de|a partir de|im|ab|bis|nach|anfang|em|ate|apos|depois de|au mois de|fin|a partir du mois de)"
        r"\s+(?:early |late |the |mid-? ?|next |начала |de )?@month\b"
    )
    if match := _pattern(asks).search(normal):
        month = _table("month")[match["month"]]
        if re.match(r"(?:after|после|nach|despues|apos|depois)", match[0]):
            return _start_after(today, month)
        return _next_month_start(today, month)
    return None


def _of_quarter(normal: str, today: date) -> date | None:
    """Q3, third quarter, next quarter, end of the quarter."""
    ordinals = r"first|1st|второ\w+|втор\w+|перв\w+|second|2nd|third|3rd|треть\w+|fourth|4th|last|четверт\w+"
    numbers = {
        "fi": 1,
        "1": 1,
        "пе": 1,
        "se": 2,
        "2": 2,
        "вт": 2,
        "th": 3,
        "3": 3,
        "тр": 3,
        "fo": 4,
        "4": 4,
        "la": 4,
        "че": 4,
    }
    half = r"\b(?:h ?([12])|(first|second|1st|2nd|перв\w+|втор\w+) (?:half(?: of (?:the |next )?year)?|полугоди\w+))\b"
    if match := re.search(half, normal):
        return _next_month_start(today, 7 if (match[1] or match[2])[:2] in {"2", "se", "2n", "вт"} else 1)
    if match := re.search(r"\b(?:q ?([1-4])|([1-4])(?:-?\w{1,2})? ?(?:q|кв\w*)|t([1-4]))\b", normal):
        return _quarter(today, int(match[1] or match[2] or match[3]), normal[: match.start()])
    if match := re.search(rf"\b({ordinals}) (?:quarter|квартал\w*)\b", normal):
        quarter = numbers.get(match[1][:2], numbers.get(match[1][:1], 1))
        return _quarter(today, quarter, normal[: match.start()])
    following = (((today.month - 1) // 3 + 1) * 3) % 12 + 1
    if re.search(
        rf"\bnext (?:fiscal )?quarter\b|\b(?:следующ|нов)\w+ квартал\w*|\b{_LATE}{_OF} (?:quarter|квартал\w*)|\bчерез квартал\b"
        r"|\b(?:nachstes|nachsten) quartal\b|\bproximo trimestre\b|\bprochain trimestre\b|\btrimestre prochain\b",
        normal,
    ):
        return _next_month_start(today, following)
    return None


def _after_a_while(normal: str, today: date) -> date | None:
    """In two weeks, через полгода, dans deux mois, half a year."""
    if re.search(r"\bполгода\b|\bhalf a year\b|\bhalbe[sn]? jahr\b|\bmedio ano\b|\bmeio ano\b|\bsix mois\b", normal):
        return today + timedelta(days=182)
    away = _pattern(
        r"\b(?:in|within|after|through|give (?:us|me)|wait|через|спустя|en|dentro de|dans|d'ici|em|daqui a)"
        r" (?:about |around |another |at least |примерно |the next |unos |unas |etwa )?(?:(?:(?P<digits>\d{1,3})|@number)(?: of| or \w+|-\w+)? ?)?@unit\b"
    )
    if match := away.search(normal):
        count = int(match["digits"]) if match["digits"] else _table("number").get(match["number"] or "", 1)
        return today + timedelta(days=count * _table("unit")[match["unit"]])
    if match := _pattern(r"\b(?:(?P<digits>\d{1,2})|@number) ?@unit(?: from now| later)\b").search(normal):
        count = int(match["digits"]) if match["digits"] else _table("number")[match["number"]]
        return today + timedelta(days=count * _table("unit")[match["unit"]])
    return None


def _day_of_month(normal: str, today: date) -> date | None:
    """After the 15th, до 20-го, nach dem 15."""
    match = re.search(
        r"\b(after|until|till|by|from|on|before|около|после|до|с|nach|bis|ab|el|hasta|despues|apres|jusqu'au|a partir|depois|ate)"
        r"(?: (?:the|dem|zum|den|del?|el|le|du|do|o|dia))*\s+(\d{1,2})(?:st|nd|rd|th|-?(?:го|е|ого)|\.)(?!\d)",
        normal,
    ) or re.search(r"\b(after|until|till|после|до) (?:the )?(\d{1,2})(?: числа)\b", normal)
    if not match or not 1 <= int(match[2]) <= 31:
        return None
    found = _coming_day(today, int(match[2]))
    return found + timedelta(days=1 if re.match(r"after|после|nach|despues|apres|depois", match[1]) else 0)


def _season(normal: str, today: date) -> date | None:
    """Summer, after the holidays, весной."""
    if re.search(
        r"\b(?:closer|nearer|near|around|before|ближе|перед|до|vor)\b.{0,12}\b(?:christmas|xmas|нов\w+ год\w*|weihnachten)\b",
        normal,
    ):
        return _coming(today, 12, 10)
    if re.search(
        r"\bafter (?:the )?(?:christmas|xmas|holidays|new year)|\bпосле (?:нового года|новогодн\w+|праздников|каникул)|\bnach weihnachten|\bapres noel|\bdespues de navidad|\bdepois do natal",
        normal,
    ):
        return date(today.year + 1, 1, 10)
    if match := _pattern(
        r"\b(?P<when>after|после|nach|apres|despues|depois)?(?: (?:the|dem|der|den|l'|del?|el|la|do|da|o|лета))*\s?@season\b"
    ).search(normal):
        month = _table("season")[match["season"]]
        return _start_after(today, (month + 1) % 12 + 1) if match["when"] else _next_month_start(today, month)
    if re.search(r"\bafter easter\b|\bпосле пасхи\b|\bnach ostern\b", normal):
        found = _easter(today.year) + timedelta(days=2)
        return found if found > today else _easter(today.year + 1) + timedelta(days=2)
    return None


def _next_period(normal: str, today: date) -> date | None:
    """Next year, next month, next week, the new year, end of the month."""
    if re.search(
        rf"\bnext (?:fiscal |financial |calendar )?year\b|\bnew (?:financial |fiscal )?year\b|\b{_LATE}{_OF} (?:year|года?|jahres?|ano|annee)\b|\b(?:следующ|нов)\w+ год\w*|\b(?:nachste[sn]|neue[sn]) jahr|\b(?:proximo ano|ano que viene|ano que vem)\b|\bannee prochaine\b|\bthis year\b|\bв этом году\b",
        normal,
    ):
        return date(today.year + 1, 1, 10)
    if re.search(
        rf"\bnext month\b|\bследующ\w+ месяц\w*|\b{_LATE}{_OF} (?:month|месяца|monats|mes|mois)\b|\bnachsten monat\b|\b(?:proximo mes|mes que viene|mes que vem)\b|\bmois prochain\b|\bthis month\b|\bв этом месяце\b",
        normal,
    ):
        return _next_month_start(today, today.month % 12 + 1)
    if re.search(
        r"\bnext week\b|\bследующ\w+ недел\w*|\bна той неделе\b|\bnachste woche\b|\b(?:proxima semana|semana que viene|semana que vem)\b|\bsemaine prochaine\b|\bthis week\b|\bна этой неделе\b",
        normal,
    ):
        return today + timedelta(days=7 - today.weekday())
    if re.search(r"\btomorrow\b|\bзавтра\b|\bmorgen\b|\bmanana\b|\bdemain\b|\bamanha\b", normal):
        return today + timedelta(days=1)
    return None


def _weekday(normal: str, today: date) -> date | None:
    """On Monday, until Friday, в понедельник, ab Montag."""
    match = _pattern(
        r"\b(?:on|until|till|from|by|after|next|this|before|в|во|до|с|к|после|am|bis|ab|nach|el|hasta|le|lundi|jusqu'a|na|ate|a|back|returning)(?: (?:next|the|le|el))? @weekday\b"
    ).search(normal)
    if not match:
        return None
    ahead = (_table("weekday")[match["weekday"]] - today.weekday() - 1) % 7 + 1
    return today + timedelta(days=ahead)


_READERS: tuple[Callable[[str, date], date | None], ...] = (
    _written,
    _of_month,
    _of_quarter,
    _after_a_while,
    _day_of_month,
    _season,
    _next_period,
    _weekday,
)
"""The narrow before the wide."""


def _follows(normal: str, start: int) -> int:
    """One day more when "after" stands before the day."""
    return (
        1
        if re.search(r"\b(?:after|после|nach|despues|apres|depois)(?: (?:the|dem|del?|le|do))*\s*$", normal[:start])
        else 0
    )


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _coming(today: date, month: int, day: int) -> date | None:
    """The next such day, today excluded."""
    found = _day(today.year, month, day)
    return found if found is None or found > today else _day(today.year + 1, month, day)


def _coming_day(today: date, day: int) -> date:
    """The next such day of a month, at most its last one."""
    year, month = today.year, today.month
    if min(day, monthrange(year, month)[1]) <= today.day:
        year, month = year + month // 12, month % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def _quarter(today: date, quarter: int, before: str) -> date:
    """The next such quarter: its start; its last day after "end of"; the day behind it after "after"."""
    last = quarter * 3
    if re.search(r"\b(?:after|после|nach|despues|apres|depois)(?: (?:the|dem|del?|le|do|end|конца|of))*\s*$", before):
        return _start_after(today, last)
    if re.search(rf"\b{_LATE}{_OF}\s*$", before):
        return _start_after(today, last) - timedelta(days=1)
    return _next_month_start(today, last - 2)


def _start_after(today: date, month: int) -> date:
    """The first day behind the next end of `month`: said within the month, behind this one."""
    return date(today.year + (month < today.month) + (month == 12), month % 12 + 1, 1)


def _next_month_start(today: date, month: int) -> date:
    """The first day of the next such month; within it, today counts as past."""
    return date(today.year + (month <= today.month), month, 1)


def _easter(year: int) -> date:
    """Western Easter Sunday (anonymous Gregorian computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30, b % 4
    f = (32 + 2 * e + 2 * (c // 4) - d - c % 4) % 7
    g = d + f - 7 * ((a + 11 * d + 22 * f) // 451) + 114
    return date(year, g // 31, g % 31 + 1)
