"""The words and signs of pay in many languages: currencies, periods, factors, ranges, and what is a number but no pay."""

from __future__ import annotations

import re

PER_YEAR = {"hour": 2080, "day": 260, "week": 52, "two_weeks": 26, "half_month": 24, "month": 12, "year": 1}
"""Full-time working units in a year: 40 hours × 52 weeks."""
NOT_YEARLY = frozenset({"once", "unit"})
"""Paid for a job or a piece: no yearly pay follows from it."""
WORDS_OF_CURRENCIES = {
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
OPEN_SIGNS = r"¥|\bkr\b"
DOLLARS = {"CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "MX": "MXN"}
"""What a bare “$” means where it is known where we are; else US dollars."""
NAMED_DOLLARS = re.compile(r"\b(?:CAD|AUD|NZD|SGD|HKD|MXN)\b|\b(?:US\s?\$|USD\b)", re.IGNORECASE)
"""A code anywhere in a text says whose all its bare dollars are: “$18,000 - $22,000 MXN”."""
CURRENCY = "|".join(f"(?:{words})" for words in (*WORDS_OF_CURRENCIES.values(), OPEN_SIGNS))
PERIODS = {
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
PERIOD = re.compile(
    "(?=[^\\W\\d]|/)(?:" + "|".join(f"(?P<{name}>{words})" for name, words in PERIODS.items()) + ")", re.IGNORECASE
)
LEADING_PERIOD = re.compile(rf"^\s*{PERIOD.pattern}", re.IGNORECASE)
ANY_CURRENCY = re.compile(
    "|".join(f"(?P<{code}>{words})" for code, words in WORDS_OF_CURRENCIES.items()), re.IGNORECASE
)
GROUPED = r"\d{1,3}(?:[ ,.'’]\d{3})+(?!\d)|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)"
AMOUNT = re.compile(
    rf"(?:(?=\D)(?P<before>{CURRENCY})\s?|(?<![\w.,]))(?P<digits>{GROUPED}|\d+(?:[.,]\d{{1,2}}(?!\d))?)"
    r"(?:[.,](?P<cents>\d{2})(?!\d))?\s?(?P<minus>,-|\.-)?"
    r"(?P<scale>k\b|к\b|к(?=\s?(?:₽|р))|k(?=\s?[€$£])|т\.?\s?р\.?|тыс\w*\.?|тр\b|m\b(?!\w)|mm\b|млн\w*\.?|mio\.?|million\w*|lakhs?\b|lacs?\b"
    r"|l\s?p\.?a\b|crores?\b|万|thousand|tsd\.?)?"
    rf"\s?(?P<after>{CURRENCY})?",
    re.IGNORECASE,
)
FACTORS = (
    (r"lakh|lac|l\s?p", 100_000), (r"crore", 10_000_000), (r"万", 10_000), (r"m|млн|mio", 1_000_000), (r"k|к|т|thousand", 1_000),
)  # fmt: skip
IN_GROUPS = re.compile(GROUPED)
BLANKS = re.compile(r"[^\S\n]+")
DASHES = dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-")
RANGE = re.compile(
    r"^(?:\s*(?:gross|brutto|brut|net|netto))?\s*(?:-|\bto\b|\band\b|\bbis(?: zu)?\b|\bund\b|\bдо\b|\bи\b|\bà\b|\bet\b|\ba\b|\by\b|\bdo\b|\btot\b|\baž\b|\baté\b|\.\.\.?|…|~)\s*(?:up to\s*)?$",
    re.IGNORECASE,
)
FROM = re.compile(
    r"(?:\bfrom|\bот|\bmin(?:imum)?\.?(?: salary| pay| wage| rate)?|\bmind(?:estens)?\.?|\bat least|\bstart(?:ing|s)?(?: pay| salary| rate| at| from| around| is)*|\bab|\bне менее|\bà partir de|\bdesde|\ba partir de|\bvanaf|\bod|>=?|≥"
    r"|\bover|\bmore than|\babove|\bсвыше|\bболее)\s*:?\s*$",
    re.IGNORECASE,
)
UP_TO = re.compile(
    r"(?:\bup\s?to|\bдо|\bmax(?:imum)?\.?(?: salary| pay| wage| rate)?|\bbis(?: zu)?|\bне более|\bjusqu['’]à|\bhasta|\bdo|\btot|\baž|\baté|\bfino a|<=?|≤|\bunder|\bless than|\bas much as|\bupto)\s*:?\s*$",
    re.IGNORECASE,
)
AND_UP = re.compile(
    r"^\s*(?:\+(?!\s*[\w¤])|and (?:up|above|more)\b|& up\b|or more\b|plus\b(?!\s*[\w¤])|и (?:выше|более)\b|y más\b)",
    re.IGNORECASE,
)
SAID_WITH_PAY = re.compile(
    rf"{FROM.pattern[:-8]}|{CURRENCY}|to|doe|bis|до|и|and|gross|net|brutto|netto|base|salary|pay|gehalt|от|зп|зарплата|оклад|на|руки|вычета|налогов",
    re.IGNORECASE,
)
CUT = "¤"
"""Stands where numbers stood that are no pay, so that what was around them does not come together."""
NOT_PAY = [
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
