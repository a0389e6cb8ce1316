"""Pay as written → a range, a currency, a period, or nothing. “$120–140k DOE”, “45,50 € pro Stunde”, “от 200 000 ₽”.

`state` says what is written and nothing more: no period where none stands. `parse` makes a yearly range of it, for
which it has to suppose a period by the size. Pure. One parser for listings, lists and qualification.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

PER_YEAR = {"hour": 2080, "day": 260, "week": 52, "two_weeks": 26, "half_month": 24, "month": 12, "year": 1}
"""Full-time working units in a year: 40 hours × 52 weeks."""
NOT_YEARLY = frozenset({"once", "unit"})
"""Paid for a job or a piece: no yearly pay follows from it."""

_WORDS_OF_CURRENCIES = {
    "CAD": r"c(?:a|an)?\s?\$|\bcad\b|canadian dollars?",
    "AUD": r"au?\s?\$|\baud\b|australian dollars?",
    "NZD": r"nz\s?\$|\bnzd\b",
    "SGD": r"s(?:g)?\s?\$|\bsgd\b",
    "HKD": r"hk\s?\$|\bhkd\b",
    "MXN": r"mx\s?\$|\bmxn\b|pesos mexicanos",
    "BRL": r"r\$|\bbrl\b|\breais\b",
    "USD": r"us\s?\$|\$|\busd\b|\bdollars?\b|\bbucks\b|доллар\w*",
    "EUR": r"€|\beur\b|\beuros?\b|\bевро\b",
    "GBP": r"£|\bgbp\b|\bpounds?\b",
    "CHF": r"\bchf\b|\bsfr\.?|\bfranken\b",
    "RUB": r"₽|\brub\b|\brur\b|\bруб(?:л\w*)?\.?|\bр\.(?!\s?а)|(?<=\d)\s?р\b",
    "KZT": r"₸|\bkzt\b|\bтенге\b|\bтг\b",
    "UAH": r"₴|\buah\b|\bгрн\b|гривен\w*",
    "BYN": r"\bbyn\b|бел\.?\s?руб\w*",
    "UZS": r"\buzs\b|\bсум(?:ов)?\b|so['ʻ]m",
    "GEL": r"₾|\bgel\b|лари\b",
    "PLN": r"zł|\bpln\b|\bzl\b|злот\w+",
    "CZK": r"kč|\bczk\b",
    "HUF": r"\bhuf\b|\bft\b",
    "RON": r"\bron\b|\blei\b",
    "SEK": r"\bsek\b",
    "NOK": r"\bnok\b",
    "DKK": r"\bdkk\b",
    "TRY": r"₺|\btry\b|\btl\b",
    "ILS": r"₪|\bils\b|\bnis\b|shekels?",
    "INR": r"₹|\binr\b|\brs\.?(?=\s|\d|$)|\brupees?\b",
    "PKR": r"\bpkr\b",
    "BDT": r"৳|\bbdt\b|\btaka\b",
    "LKR": r"\blkr\b",
    "NPR": r"\bnpr\b",
    "IDR": r"\bidr\b|\brp\.?(?=\s?\d)",
    "NGN": r"₦|\bngn\b|\bnaira\b",
    "KES": r"\bkes\b|\bkshs?\b",
    "GHS": r"\bghs\b",
    "EGP": r"\begp\b",
    "QAR": r"\bqar\b",
    "KWD": r"\bkwd\b",
    "TWD": r"nt\s?\$|\btwd\b",
    "BGN": r"\bbgn\b|\bлв\b",
    "COP": r"\bcop\b",
    "ARS": r"\bars\b",
    "CLP": r"\bclp\b",
    "PEN": r"s/\.?(?=\s?\d)|\bpen\b(?=\s?\d)",
    "JPY": r"\bjpy\b|\byen\b|円",
    "CNY": r"\bcny\b|\brmb\b|\byuan\b|元",
    "KRW": r"₩|\bkrw\b",
    "PHP": r"₱|\bphp\b",
    "THB": r"฿|\bthb\b|\bbaht\b",
    "VND": r"₫|\bvnd\b",
    "ZAR": r"\bzar\b|\br(?=\s?\d[\d ,.k])",
    "MYR": r"\bmyr\b|\brm(?=\s?\d)|\bringgit\b",
    "AED": r"\baed\b|\bdhs?\b|dirhams?",
    "SAR": r"\bsar\b",
}
"""“¥” and “kr” are several currencies' and are left open."""
_OPEN_SIGNS = r"¥|\bkr\b"
_DOLLARS = {"CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "MX": "MXN"}
"""What a bare “$” means where it is known where we are; else US dollars."""
_NAMED_DOLLARS = re.compile(r"\b(?:CAD|AUD|NZD|SGD|HKD|MXN)\b|\b(?:US\s?\$|USD\b)", re.IGNORECASE)
"""A code anywhere in a text says whose all its bare dollars are: “$18,000 - $22,000 MXN”."""
_CURRENCY = "|".join(f"(?:{words})" for words in (*_WORDS_OF_CURRENCIES.values(), _OPEN_SIGNS))

_PERIODS = {
    "unit": r"(?:/|\bper|\ban?|\bза|\bpro|\bpar)\s*(?:mile|mi\b|word|article|piece|lead\b|sale\b|unit|load|visit|session|class\b|show\b"
    r"|shift|student|test\b|delivery|order|page|hit\b|call\b|head|room|door|slov\w+|слов\w*|знак\w*|статью|заказ|смену|stück|artikel|wort|km\b|km?\.)",
    "once": r"\bflat(?:\s?(?:rate|fee))?\b|\bone[- ]time\b|(?:/|\bper|\ban?|\bза|\bpro)\s*(?:project|gig|job|event|проект|projekt|auftrag)"
    r"|\bfixed price\b|\bpauschal\w*|\bразово\b",
    "two_weeks": r"\bbi-?\s?weekly\b|\bevery (?:two|2|other) weeks?\b|\bfortnight\w*|/\s*2\s*w(?:ee)?ks?",
    "half_month": r"\bsemi-?\s?monthly\b|\btwice (?:a|per) month\b",
    "hour": r"/\s*h(?:rs?|ours?|r)?\b|\bper\s*h(?:ou)?r\b|\ban hour\b|\bhourly\b|\bp\.?/?h\.?(?=\W|$)|\bhr\b(?!s)|\bpro stunde\b|/\s*std\b"
    r"|/\s*stunde|\bdie stunde\b|\bstundenlohn|\bstündlich|\bl['’]heure\b|\bpar heure\b|/\s*heure|\bpor hora\b|/\s*hora\b|\bla hora\b"
    r"|\b(?:per|pro) uur\b|/\s*uur\b|\bza hodinu\b|/\s*hod\b|\bв час\b|\bза час\b|/\s*час\b|/\s*ч\b|\bчасов(?:ая|ую|ой)\b|\bgodz\w*|\ball['’]ora\b",
    "day": r"/\s*d(?:ay)?\b|\bp\.\s?d\.?(?=\W|$)|\bpd\b|\bper day\b|\ba day\b|\bdaily\b|\bday rate\b|\bpro tag\b|/\s*tag\b|\btagessatz|\bpar jour\b|/\s*jour\b"
    r"|\bper dag\b|\bpor d[ií]a\b|\bal d[ií]a\b|\bв день\b|\bза день\b|/\s*день|\bв сутки\b",
    "week": r"/\s*w(?:ee)?k\b|\bper week\b|\ba week\b|\bweekly\b|\bp\.?w\.?(?=\W|$)|\bpro woche\b|/\s*woche|\bpar semaine\b|\bpor semana\b"
    r"|\bв неделю\b|\bза неделю\b|/\s*нед\w*",
    "month": r"/\s*mo(?:nth)?\b|/\s*mth\b|/\s*m\b|\bper month\b|\ba month\b|\bmonthly\b|\bp\.?\s?m\.(?=\W|$)|\bpm\b|\bpro monat\b|/\s*monat|\bim monat\b"
    r"|\bmonatlich|\bmonatsgehalt|\bpar mois\b|/\s*mois|\bmensuel\w*|\bal mes\b|\bpor mes\b|/\s*mes\b|\bmensual\w*|\bв месяц\b|\bв мес\b"
    r"|/\s*мес\w*|\bмес\b|\bмесяц\b|\bежемесячно\b|\bmies\b|\bmiesi\w+|\bal mese\b"
    r"|\b(?:per|pro) maand\b|/\s*maand\b|\bza m[eě]s[ií]c\b|/\s*m[eě]s\w*|\bměsíčně\b|\b(?:por|ao) m[eê]s\b|\bmensa(?:l|is)\b|/\s*міс\w*|\b(?:на|за) місяць\b",
    "year": r"/\s*y(?:ea)?r?\b|\bper (?:year|annum)\b|\ba year\b|\b(?:bi-?)?(?:year|annual)ly\b|\bannual\b|\byr\b|\byear\b|\bp\.\s?a\.?(?=\W|$)|\bpa\b"
    r"|\bpro jahr\b|/\s*jahr|\bim jahr\b|\bjährlich|\bjahresgehalt|\bpar an\b|/\s*an\b|\bannuel\w*|\bbrut annuel|\b(?:per|pro) jaar\b|/\s*jaar\b|\bpor ano\b|\bal año\b|/\s*año|\banual\w*"
    r"|\bв год\b|/\s*год\b|\bгодов\w+|\blpa\b|\brocznie\b|\ball['’]anno\b",
}
_PERIOD = re.compile(
    "(?=[^\\W\\d]|/)(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _PERIODS.items()) + ")", re.IGNORECASE
)
_LEADING_PERIOD = re.compile(rf"^\s*{_PERIOD.pattern}", re.IGNORECASE)
_ANY_CURRENCY = re.compile(
    "|".join(f"(?P<{code}>{words})" for code, words in _WORDS_OF_CURRENCIES.items()), re.IGNORECASE
)
_GROUPED = r"\d{1,3}(?:[ ,.'’]\d{3})+(?!\d)|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)"
_AMOUNT = re.compile(
    rf"(?:(?=\D)(?P<before>{_CURRENCY})\s?|(?<![\w.,]))(?P<digits>{_GROUPED}|\d+(?:[.,]\d{{1,2}}(?!\d))?)"
    r"(?:[.,](?P<cents>\d{2})(?!\d))?\s?(?P<minus>,-|\.-)?"
    r"(?P<scale>k\b|к\b|к(?=\s?(?:₽|р))|k(?=\s?[€$£])|т\.?\s?р\.?|тыс\w*\.?|тр\b|m\b(?!\w)|mm\b|млн\w*\.?|mio\.?|million\w*|lakhs?\b|lacs?\b"
    r"|l\s?p\.?a\b|crores?\b|万|thousand|tsd\.?)?"
    rf"\s?(?P<after>{_CURRENCY})?",
    re.IGNORECASE,
)
_FACTORS = (
    (r"lakh|lac|l\s?p", 100_000), (r"crore", 10_000_000), (r"万", 10_000), (r"m|млн|mio", 1_000_000), (r"k|к|т|thousand", 1_000),
)  # fmt: skip
_IN_GROUPS = re.compile(_GROUPED)
_BLANKS = re.compile(r"[^\S\n]+")
_DASHES = dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-")
_RANGE = re.compile(
    r"^(?:\s*(?:gross|brutto|brut|net|netto))?\s*(?:-|\bto\b|\band\b|\bbis(?: zu)?\b|\bund\b|\bдо\b|\bи\b|\bà\b|\bet\b|\ba\b|\by\b|\bdo\b|\btot\b|\baž\b|\baté\b|\.\.\.?|…|~)\s*(?:up to\s*)?$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"(?:\bfrom|\bот|\bmin(?:imum)?\.?(?: salary| pay| wage| rate)?|\bmind(?:estens)?\.?|\bat least|\bstart(?:ing|s)?(?: pay| salary| rate| at| from| around| is)*|\bab|\bне менее|\bà partir de|\bdesde|\ba partir de|\bvanaf|\bod|>=?|≥"
    r"|\bover|\bmore than|\babove|\bсвыше|\bболее)\s*:?\s*$",
    re.IGNORECASE,
)
_UP_TO = re.compile(
    r"(?:\bup\s?to|\bдо|\bmax(?:imum)?\.?(?: salary| pay| wage| rate)?|\bbis(?: zu)?|\bне более|\bjusqu['’]à|\bhasta|\bdo|\btot|\baž|\baté|\bfino a|<=?|≤|\bunder|\bless than|\bas much as|\bupto)\s*:?\s*$",
    re.IGNORECASE,
)
_AND_UP = re.compile(
    r"^\s*(?:\+(?!\s*[\w¤])|and (?:up|above|more)\b|& up\b|or more\b|plus\b(?!\s*[\w¤])|и (?:выше|более)\b|y más\b)",
    re.IGNORECASE,
)
_SAID_WITH_PAY = re.compile(
    rf"{_FROM.pattern[:-8]}|{_CURRENCY}|to|doe|bis|до|и|and|gross|net|brutto|netto|base|salary|pay|gehalt|от|зп|зарплата|оклад|на|руки|вычета|налогов",
    re.IGNORECASE,
)

MAX_TEXT = 500
"""Characters that are looked at: pay is said briefly, and looking takes the square of the length."""
_CUT = "¤"
"""Stands where numbers stood that are no pay, so that what was around them does not come together."""
_NOT_PAY = [
    (tuple(signs.split("|")), re.compile(pattern, re.IGNORECASE))
    for signs, pattern in (
        ("40", r"\b40[13]\s?\(?[kb]\)?"),  # retirement plans
        ("%", r"\d+(?:[.,]\d+)?\s?(?:-\s?\d+(?:[.,]\d+)?\s?)?%"),
        ("24", r"\b24\s?/\s?7\b"),
        (".|/|-", r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}\b(?![.,]?\d)"),
        ("19|20", r"\b(?:19|20)\d{2}-\d{2}-\d{2}\b"),
        ("+|-|.", r"\+\d[\d\s().-]{8,}\d|\(?\b\d{3}\)?[\s.-]\d{3}[.-]\d{4}\b"),
        (
            "am|pm|:",
            r"\b\d{1,2}(?::\d{2})?\s?(?:am|pm)\b(?:\s?-\s?\d{1,2}(?::\d{2})?\s?(?:am|pm)\b)?|\b\d{1,2}:\d{2}\b",
        ),
        (
            "week|wk|day|woche|tag|недел|день|month",
            r"\d+(?:\s?-\s?\d+)?\+?[\s-]?(?:hours?|hrs|h|std|stunden|часов|часа|ч)\.?\s?(?:/|a|per|pro|in der|в|each|every)\s?(?:week|wk|day|woche|tag|неделю|день|month)\w*",
        ),
        ("hour|hrs|stunden|час", r"\d+(?:\s?-\s?\d+)?\+?\s?(?:hours?|hrs|stunden|часов|часа)\b(?!\s?(?:pay|rate))"),
        (
            "year|yr|month|week|day|jahr|monat|tag|лет|год|месяц|дн",
            r"\d+(?:\s?-\s?\d+)?\+?\s?(?:years?|yrs|months?|weeks?|days?|jahre|monate|tage|лет|года|месяц(?:а|ев)|дн(?:я|ей))\b",
        ),
        (
            "month|geh|salaries|зарплат|mensualid|pagas|mois",
            r"\b1[234]\s?(?:th|x|\.|er|-я|-й)?\s?(?:month salary|monatsgeh\w+|geh[aä]lter|salaries|зарплат\w*|mensualidades|pagas|mois\b)",
        ),
        (
            "bonus|sign|equity|stock|tip pool|prämie|бонус|stipend|allowance|budget",
            r"[$€£]?\s?\d[\d,. ]*k?\s?(?:[€£]\s?)?(?:(?:/\s?|per |an? )(?:mo|mth|month|yr|year|day|week)\w{0,3}\s)?(?:(?:sign(?:ing|[- ]on)|hiring|referral|retention|relocation|performance|annual|yearly|quarterly|monthly|home[- ]office|remote|wellness|learning|education|equipment|travel|internet|phone|housing|meal|childcare|commuter)\s?){0,2}(?:allowance\w*|budget\w*|bonus\w*|bonuses|sign-?on|equity|in stock|tip pool|Prämie|бонус\w*|stipend\w*)",
        ),
        ("billion|bn|млрд|mrd", r"[$€£]?\s?\d[\d,.]{0,12}\s?(?:billion|bn\b|млрд|mrd\b)"),
        (
            "gift|voucher|series|seed|funding|revenue|valuation|turnover|discount|arr",
            r"[$€£]\s?\d[\d,.]{0,12}\s?(?:k|mm?|mn|million)?\b\+?\s?(?:in |of )?(?:gift|voucher|series [a-h]\b|seed\b|funding|revenue|valuation|turnover|discount|arr\b)",
        ),
        ("raised", r"\braised\s(?:over\s|more than\s)?[$€£]\s?\d[\d,.]{0,12}\s?(?:k|mm?|mn|million)?\b"),
        (
            "bonus|sign|prämie|премия|бонус|stipend|deposit|fee|tips|allowance|budget",
            r"(?:bonus(?:es)?|sign-?on|Prämie|премия|бонус\w*|stipend|allowance|budget|deposit|fee|tips)\s?(?:of|up to|до|von|bis zu|:)?\s?(?:up to\s?)?[$€£]\s?\d[\d,.]*k?",
        ),
    )
]
"""What is no pay, each with parts of which one must be there: looking for those is cheap."""


@dataclass(frozen=True)
class Stated:
    """What is written. None is an open end, empty text is "not written". `period` is one of `PER_YEAR` or `NOT_YEARLY`."""

    minimum: float | None
    maximum: float | None
    currency: str = ""
    period: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"min": self.minimum, "max": self.maximum, "currency": self.currency, "period": self.period}


@dataclass(frozen=True)
class Pay:
    """A yearly range; None is an open end. `currency` is an ISO 4217 code or empty when none was written."""

    minimum: float | None
    maximum: float | None
    currency: str

    def __str__(self) -> str:
        low, high = (_short(v) if v is not None else "" for v in (self.minimum, self.maximum))
        if low == high:
            text = low
        elif low and high:
            text = f"{low}–{high}"
        else:
            text = f"≥ {low}" if low else f"≤ {high}"
        return f"{text} {self.currency}".strip()


@dataclass(frozen=True)
class _Found:
    """One amount in a text."""

    value: float
    scale: int
    currency: str
    has_sign: bool
    start: int
    end: int


def state(raw: Any, *, country: str = "") -> Stated | None:
    """Pay in `raw` (text, number, or {minimum, maximum, currency, period}); None when it is unclear.

    `country` (ISO 3166-1 alpha-2) tells whose dollars a bare “$” is.
    """
    if isinstance(raw, dict):
        return _from_parts(raw)
    if isinstance(raw, bool) or raw is None:
        return None
    text = _normalised(str(raw))
    named = {match[0].upper()[:2] for match in _NAMED_DOLLARS.finditer(text)}
    if len(named) == 1:
        country = named.pop()
    lowered = text.lower()
    for signs, pattern in _NOT_PAY:
        if any(sign in lowered for sign in signs):
            text = pattern.sub(f" {_CUT} ", text)
    found = list(_amounts(text, country))
    if any(amount.has_sign for amount in found):
        found = _with_signs(text, found)
    elif not found or len(found) > 2 or not _is_nothing_else(text, found):
        return None
    statements = list(_statements(text, found))
    return _agreed(statements, text)


def parse(raw: Any, *, country: str = "") -> Pay | None:
    """The yearly range in `raw`; None when it says nothing, or pays by the piece.

    Without a period the size decides: below 500 an hour, below 15,000 a month (not for roubles and tenge, which are
    paid by the month below 1,500,000), else a year.
    """
    stated = state(raw, country=country)
    if stated is None or stated.period in NOT_YEARLY:
        return None
    top = max(v for v in (stated.minimum, stated.maximum) if v is not None)
    factor = PER_YEAR[stated.period or _usual_period(top, stated.currency)]
    low, high = (v * factor if v is not None else None for v in (stated.minimum, stated.maximum))
    return Pay(low, high, stated.currency)


def _normalised(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:MAX_TEXT])
    return _BLANKS.sub(" ", folded.translate(_DASHES)).strip()


def _amounts(text: str, country: str) -> Iterator[_Found]:
    for match in _AMOUNT.finditer(text):
        sign = match["before"] or match["after"] or ""
        scale = _factor(match["scale"] or "")
        value = _number(match["digits"], match["cents"]) * scale
        if value <= 0:
            continue
        currency = (
            _currency(sign, country)
            if sign
            else ("INR" if re.match(r"l|crore", match["scale"] or "", re.IGNORECASE) else "")
        )
        yield _Found(value, scale, currency, bool(sign), match.start(), match.end())


def _number(digits: str, cents: str | None) -> float:
    if _IN_GROUPS.fullmatch(digits):
        digits = "".join(filter(str.isdigit, digits))
    return float(f"{digits}.{cents}" if cents and digits.isdigit() else digits.replace(",", "."))


@lru_cache(maxsize=256)
def _factor(scale: str) -> int:
    return next((factor for pattern, factor in _FACTORS if scale and re.match(pattern, scale, re.IGNORECASE)), 1)


@lru_cache(maxsize=256)
def _currency(sign: str, country: str) -> str:
    code = next((c for c, words in _WORDS_OF_CURRENCIES.items() if re.fullmatch(words, sign, re.IGNORECASE)), "")
    return _DOLLARS.get(country.upper(), code) if sign == "$" else code


def _with_signs(text: str, found: list[_Found]) -> list[_Found]:
    """Amounts with a currency, and those without one that form a range with such an amount."""
    kept = []
    for number, amount in enumerate(found):
        before = number > 0 and found[number - 1].has_sign and _is_range(text, found[number - 1], amount)
        after = number + 1 < len(found) and found[number + 1].has_sign and _is_range(text, amount, found[number + 1])
        if amount.has_sign or before or after:
            kept.append(amount)
    return kept


def _is_range(text: str, low: _Found, high: _Found) -> bool:
    between = text[low.end : high.start]
    return bool(_RANGE.match(between) or _RANGE.match(_PERIOD.sub(" ", between)))


def _is_nothing_else(text: str, found: list[_Found]) -> bool:
    """Whether the numbers without a currency are the statement itself: scaled, with a period, or all that is written."""
    if any(amount.scale > 1 for amount in found) or any(_period(text[a.end : a.end + 24]) for a in found):
        return True
    rest = text
    for amount in reversed(found):
        rest = rest[: amount.start] + rest[amount.end :]
    words = re.findall(r"[^\W\d_]{2,}", rest)
    return all(
        _SAID_WITH_PAY.fullmatch(word) or _UP_TO.match(word) or _currency_anywhere(word) for word in words
    ) or bool(_period(rest))


def _statements(text: str, found: list[_Found]) -> Iterator[Stated]:
    """Ranges and single amounts in order, each with its period."""
    number = 0
    while number < len(found):
        first = found[number]
        second = found[number + 1] if number + 1 < len(found) else None
        if second is not None and _is_range(text, first, second):
            yield _range(text, first, second, found[number + 2] if number + 2 < len(found) else None)
            number += 2
            continue
        before, after = text[max(0, first.start - 24) : first.start], _after(text, first, second)
        low = high = first.value
        is_from = bool(_FROM.search(before)) or bool(
            _AND_UP.match(_LEADING_PERIOD.sub("", after, count=1)) or _AND_UP.match(after)
        )
        is_up_to = bool(_UP_TO.search(before))
        period = _period(after) or _period(text[max(0, first.start - 30) : first.start])
        if is_from != is_up_to:
            yield Stated(low if is_from else None, high if is_up_to else None, first.currency, period)
        else:
            yield Stated(low, high, first.currency, period)
        number += 1


def _after(text: str, amount: _Found, following: _Found | None) -> str:
    end = following.start if following is not None else len(text)
    return text[amount.end : min(end, amount.end + 40)]


def _range(text: str, first: _Found, second: _Found, following: _Found | None) -> Stated:
    low, high = first.value, second.value
    if first.scale == 1 and second.scale > 1 and low < high / 100:
        low *= second.scale  # “120–140k”
    if second.scale == 1 and first.scale > 1 and high < low / 100:
        high *= first.scale  # “120k–140”
    low, high = sorted((low, high))
    period = _period(text[first.end : second.start]) or _period(_after(text, second, following))
    period = period or _period(text[max(0, first.start - 30) : first.start])
    return Stated(low, high, first.currency or second.currency, period)


def _period(text: str) -> str:
    """The first period in `text`."""
    match = _PERIOD.search(text)
    return match.lastgroup or "" if match else ""


def _currency_anywhere(text: str) -> str:
    match = _ANY_CURRENCY.search(text)
    return match.lastgroup or "" if match else ""


def _agreed(statements: list[Stated], text: str) -> Stated | None:
    """One statement from several: those with the same period and currency form a range; otherwise the first counts.

    More than three that disagree are a price list, not a pay.
    """
    if not statements or len(statements) > 4:
        return None
    first = statements[0]
    currency = first.currency or _currency_anywhere(text)
    period = first.period or (_period(text) if len(statements) == 1 else "")
    alike = [s for s in statements if s.currency in {first.currency, ""} and s.period == first.period]
    if len(alike) > 3:
        return None
    ends = [v for s in alike for v in (s.minimum, s.maximum) if v is not None]
    if max(ends) > 50 * min(ends):
        alike, ends = [first], [v for v in (first.minimum, first.maximum) if v is not None]
    if len(alike) == 1:
        return Stated(first.minimum, first.maximum, currency, period)
    return Stated(min(ends), max(ends), currency, period)


def _from_parts(raw: dict[str, Any]) -> Stated | None:
    low, high = (
        raw.get(a) if raw.get(a) is not None else raw.get(b) for a, b in (("minimum", "min"), ("maximum", "max"))
    )
    values = [
        float(v) if isinstance(v, int | float) and not isinstance(v, bool) and v > 0 else None for v in (low, high)
    ]
    if values == [None, None]:
        return None
    period = str(raw.get("period") or "")
    known = period if period in PER_YEAR or period in NOT_YEARLY else ""
    return Stated(values[0], values[1], str(raw.get("currency") or "").upper(), known)


def _usual_period(amount: float, currency: str) -> str:
    if currency in {"RUB", "KZT"}:
        return "month" if amount < 1_500_000 else "year"
    if amount < 500:
        return "hour"
    return "month" if amount < 15_000 else "year"


def _short(amount: float) -> str:
    if amount >= 1_000_000:
        return f"{amount / 1_000_000:.4g}M"
    return f"{amount / 1_000:.4g}k" if amount >= 1_000 else f"{amount:g}"
