"""What a text says by name or by count, held against everything that was given. Pure.

A name inside a sentence that nothing given has (a customer, a town, a magazine) was made up or belongs to somebody else,
whatever words stand around it. So was a count of something that is given with another count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from zoneinfo import available_timezones

from campaigns.drafts.names import is_short_for
from campaigns.drafts.reading import ABBREVIATIONS, DATA, Draft, Found, without_links
from leads.cleaning.cells import country
from outreach.core.errors import Invalid
from outreach.core.lists import read_list

_WELL_KNOWN = frozenset(name.casefold() for name in read_list(DATA / "well_known.txt"))
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SENTENCE_END = re.compile(r"(?<!\b[A-HJ-ZА-ЯЁ]\.)(?<!\bDr\.)(?<!\bM[rs]\.)(?<=[.!?:…])[\s»\"”)]+|\n+|[«\"“(—–]\s*")
_QUOTED_NAME = re.compile(r"«([А-ЯЁA-Z][^»\n.?!,]{1,40})»")
_PATRONYMIC = re.compile(r"(?:вич|вна|ична)\Z")
_SAID = frozenset(["да", "нет", "стоп", "ок"])


_GREETING = re.compile(r"\A\s*[^\n,.!?]{1,40}[,!]\s*\n")
"""Its names are held against the reader's elsewhere."""


def read(draft: Draft) -> Iterator[Found]:
    yield from _names(draft)
    yield from _almost_their_firm(draft)
    yield from _position(draft)
    yield from _events(draft)
    yield from _counts(draft)
    yield from _counts_of_theirs(draft)
    yield from _terms(draft)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without what a case or a plural may change."""
    plain = re.sub(r"['’]s?\Z", "", word.casefold().replace("ё", "е"))
    if re.match("[а-я]", plain):
        return plain[: max(3, len(plain) - (3 if len(plain) > 6 else 1 if len(plain) < 5 else 2))]
    return plain.removesuffix("s") if len(plain) > 3 else plain


_FIRST_WORDS = frozenset(name.partition(" ")[0] for name in _WELL_KNOWN if " " in name)
_WELL_KNOWN_RU = tuple(stem(name) for name in _WELL_KNOWN if name[0] >= "а")


def is_well_known(name: str) -> bool:
    """Whether nobody takes the name for a firm or a fact: a product, a day, a register; Russian ones in any case."""
    low = re.sub(r"['’]?s\Z", "", name.casefold())
    return not (_WELL_KNOWN | _FIRST_WORDS).isdisjoint((low, name.casefold())) or low.startswith(_WELL_KNOWN_RU)


@cache
def is_country(name: str) -> bool:
    try:
        return len(name) > 3 and bool(country(name))
    except Invalid:
        return False


@cache
def _cities() -> frozenset[str]:
    """The cities that time zones are named after."""
    return frozenset(zone.rpartition("/")[2].replace("_", " ") for zone in available_timezones())


_WHERE = frozenset(["at", "в", "во", "у", "компании", "компанию"])
"""Before the name of a firm that the text takes for the reader's."""
_SUPPOSED = re.compile(
    r"(?i)\b(?:perhaps|probably|maybe|imagine|if|whenever)\b|(?<!\w)(?:наверное|возможно|вероятно|может быть|представьте)(?!\w)"
)
_OF_OURS = re.compile(
    r"(?i)\b(?:i|we)(?:['’](?:m|re|ll|ve)| am| are| will)?(?: (?:also|both|all|just|be|based|live|come|grew|moved|started|sit|work|located|born|up))* (?:in|from|near|out of)\s*\Z"
    r"|\b(?:our|my) (?:driver|colleague|engineer|partner|founder|brother|sister|trainer|technician|neighbour)s?,?\s*\Z"
    r"|(?<!\w)(?:живу|жив[её]м|родом|находимся|сидим|базируемся|работаем|везём|возим|едем|(?:наш\w*|мой|моя) (?:офис|склад|цех|производство|водитель|мастер|коллега|инженер|партн[её]р))(?: сами)?(?: (?:в|из|под|около|рядом с))?\s*\Z"
)
"""Before a name that says where we are or who of us comes: the sender knows whether it is so."""
_IN = frozenset(["in", "в", "во"])
_CHOICE = re.compile(r"(?i)\b(?:or|else)\b|(?<!\w)или(?!\w)")
_NEW_YEAR = re.compile(r"\bНов(?:ый|ого|ому|ым|ом)(?= год)")
_EPONYM = re.compile(r"(?i)law|principle|theorem|effect|закон|уравнени|теорем|формул|принцип|эффект")


def _names(draft: Draft) -> Iterator[Found]:
    """Names that nothing given has, one a text. Acronyms are mostly words: only the longer ones count."""
    known = {stem(part) for word in _WORD.findall(draft.given) for part in [word, *word.split("-")]}
    in_any_case = tuple(part for part in known if len(part) > 2 and part[0] >= "а")
    signed = draft.value("sender_name").partition(" ")[0]
    city = draft.known("city")
    text = _NEW_YEAR.sub("новый", without_links(_GREETING.sub("", draft.body)))
    for before, names, sentence in _runs(text):
        new = [
            word
            for word in names
            if stem(word) not in known and not word.casefold().replace("ё", "е").startswith(in_any_case)
        ]
        new = [word for word in new if not is_short_for(word, signed)]
        is_given = not new or (len(new) < len(names) and len(new) == 1)
        is_theirs = before in _IN and bool(_THEY.search(sentence))
        is_open = bool(_SUPPOSED.search(sentence)) or (names[0] in _cities() and not (city and is_theirs))
        is_open = is_open or (sentence.rstrip().endswith("?") and bool(_CHOICE.search(sentence)))
        if not (is_given or is_open or _is_known(" ".join(names))):
            if _OF_OURS.search(sentence[: sentence.find(names[0])]):
                yield "about_us", " ".join(names)
                continue
            yield "name_mismatch" if before in _WHERE else "claim_without_fact", " ".join(names)
            return
    for match in _QUOTED_NAME.finditer(draft.whole):
        words = [word.casefold().replace("ё", "е") for word in _WORD.findall(match[1])]
        is_given = all(stem(word) in known or word.startswith(in_any_case) for word in words if len(word) > 2)
        is_said = words[0] in _SAID or draft.whole.casefold().count(match[1].casefold()) > 1
        if not is_said and not is_given and not is_well_known(match[1]):
            yield "claim_without_fact", match[1]
            return


def _almost_their_firm(draft: Draft) -> Iterator[Found]:
    """The name of the reader's firm with another word in it: Saltwater Brewing instead of Saltmarsh Brewing."""
    words = _WORD.findall(draft.value("company_name"))
    if len(words) < 2 or not all(word[0].isupper() for word in words):
        return
    known = {stem(word) for word in _WORD.findall(draft.given)}
    whole = draft.whole.count(" ".join(words))
    for place in range(len(words)):
        if any(draft.whole.count(word) <= whole for other, word in enumerate(words) if other != place):
            continue
        others = [re.escape(word) for word in words]
        others[place] = r"([A-ZА-ЯЁ][\w'’-]+)"
        named = "" if len(words) > 2 or place == 0 else r"(?:\b(?:[Dd]oes|at|for|[Ii]s|[Ee]veryone at) )"
        for match in re.finditer(rf"{named}\b" + " ".join(others) + r"\b(?! [A-Z])", draft.whole):
            is_short = words[place].casefold().startswith(match[1].casefold())
            if stem(match[1]) not in known and not is_short:
                yield "name_mismatch", match[0]
                return


def _runs(text: str) -> Iterator[tuple[str, list[str], str]]:
    """Words with a capital that stand together inside a sentence, the word before them, and the sentence."""
    for sentence in _SENTENCE_END.split(text):
        before, names = "", list[str]()
        for position, word in enumerate([*_WORD.findall(sentence), ""]):
            if position and word[:1].isupper() and not _is_plain(word):
                names.append(word)
                continue
            if names and not (_EPONYM.match(before) or (len(before) == 1 and before.isupper())):
                yield before, names, sentence
            before, names = word, []


def _is_plain(word: str) -> bool:
    letters = word.removesuffix("s")
    return word.upper() in ABBREVIATIONS or (letters.isupper() and len(letters) <= 5) or word[:2] in ("I", "I'", "I’")


def _is_known(name: str) -> bool:
    return (
        is_well_known(name)
        or is_country(name)
        or bool(_PATRONYMIC.search(name))
        or all(map(is_well_known, name.split()))
    )


_POSITION = {
    "en": re.compile(
        r"\b(?:[Aa]s (?:an? |the )?|[Yy]ou(?:['’]re| are) (?:an? |the ))([A-Za-z&/ -]{3,60}?)(?= (?:at|for|in|you|I)\b|[,.:;?!\n])"
    ),
    "ru": re.compile(r"(?i)(?<![\w-])(?:как|вы(?: [–—-])?) ([а-яё][а-яё -]{3,40}?),? (?:вы|ты|в|компании)(?![\w-])"),
}
_OFFICE = re.compile(
    r"(?i)(?:manager|director|head|officer|chief|leader|lead|president|principal|partner|engineer|vp|buyer|owner|founder|accountant"
    r"|librarian|analyst|директор|руководител|начальник|бухгалтер|инженер|управляющ|заведующ|менеджер|врач|владел)\w*"
)
_RANK = re.compile(
    r"(?i)of|and|for|the|senior|junior|deputy|general|manager|director|head|officer|chief|leader|lead|president|partner|owner|founder"
    r"|по|и|старш\w+|главн\w+|генеральн\w+|заместител\w+|директор\w*|руководител\w*|начальник\w*|управляющ\w+|владел\w+|отдела"
)


def _position(draft: Draft) -> Iterator[Found]:
    """Another position than the reader's: «as Chief Financial Officer» to somebody who looks after data."""
    title = draft.known("title")
    pattern = _POSITION.get(draft.language)
    if not title or not pattern:
        return
    own = {stem(word) for name in ("title", "industry") for word in _WORD.findall(draft.value(name))}
    firm = _WORD.findall(draft.value("company_name"))
    for match in pattern.finditer(draft.body):
        words = _WORD.findall(match[1])
        said = [word for word in words if word not in firm and not _RANK.fullmatch(word)]
        if said and any(map(_OFFICE.fullmatch, words)) and not any(stem(word) in own for word in said):
            yield "name_mismatch", match[1]
            return


_BEFORE_NOW = re.compile(
    r"(?i)\b(?:last (?:week|month|year|spring|summer|autumn|fall|winter|night|quarter|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|yesterday|(?:a|two|three|few) (?:days|weeks|months) ago)\b"
    r"|(?<!\w)(?:вчера|позавчера|на прошлой неделе|(?:две|три|пару) недел\w+ назад|в прошл(?:ом (?:месяце|году)|ую (?:\w+)|ый (?:\w+))|прошл(?:ой|ым) (?:весной|летом|осенью|зимой|ночью))(?!\w)"
)
_THEY = re.compile(r"(?i)\b(?:you|your)\b|(?<!\w)(?:вы|вас|вам|ваш\w*)(?!\w)")
_WE = re.compile(
    r"(?i)\b(?:I|we|my|our|us|me)\b|(?<!\w)(?:я|мы|мо[йяеё]|наш\w*|мне|нам|нас|писал\w?|звонил\w?|отправлял\w?|возим|везём|отгружаем|делаем|привозим|ставим)(?!\w)|\A(?:Read|Saw|Tried|Looked|Went|Called|Noticed)\b"
)


def _events(draft: Draft) -> Iterator[Found]:
    """What is said to have happened to the reader the other day, where no fact tells of it."""
    firm = draft.known("company_name")
    told = " ".join(fact.value for fact in draft.facts).casefold()
    for sentence in draft.sentences:
        when = _BEFORE_NOW.search(sentence)
        is_theirs = bool(_THEY.search(sentence)) or (firm is not None and firm.value in sentence)
        if not when or not is_theirs or sentence.endswith("?") or _WE.search(sentence) or _SUPPOSED.search(sentence):
            continue
        said = {stem(word) for word in _WORD.findall(sentence) if len(word) >= MIN_COUNTED}
        if len(said & {stem(word) for word in _WORD.findall(told)}) < 2 or when[0].casefold() not in told:
            yield "claim_without_fact", when[0]
            return


# counts

_COUNTS: dict[str, int] = {}
for _number, _words in enumerate(
    (
        "one", "two|second|both", "three|third", "four|fourth", "five|fifth", "six|sixth", "seven|seventh", "eight|eighth",
        "nine|ninth", "ten|tenth", "eleven", "twelve",
    ),
    start=1,
):  # fmt: skip
    _COUNTS |= dict.fromkeys(_words.split("|"), _number)
_COUNTS_RU = re.compile(
    "|".join(
        rf"(?P<n{number}>{words})"
        for number, words in enumerate(
            (
                "перв(?:ый|ая|ое|ую|ого|ой|ом)", "дв[аеу]х?|двумя?|втор(?:ой|ая|ое|ую|ого|ом)", "тр(?:и|[её]х|[её]м|емя)|трет(?:ий|ь[яюе]|ьего|ьей|ьем)",
                "четыр\\w+|четв[её]рт\\w+", "пят(?:ь|и|ью|ый|ая|ое|ую|ого|ой|ом)", "шест(?:ь|и|ью|ой|ая|ое|ую|ого|ом)", "сем(?:ь|и|ью)|седьм\\w+",
                "вос(?:емь|ьми|емью)|восьм\\w+", "девят(?:ь|и|ью|ый|ая|ое|ую|ого|ой|ом)", "десят(?:ь|и|ью|ый|ая|ое|ую|ого|ой|ом)",
            ),
            start=1,
        )
    )
)  # fmt: skip
MIN_COUNTED = 4
"""Letters of a thing that is counted."""


def _count(word: str) -> int:
    """The number that a word stands for, as a count or in a row; 0 for none."""
    if word.isdecimal():
        return int(word)
    match = _COUNTS_RU.fullmatch(word)
    return int(match.lastgroup[1:]) if match and match.lastgroup else _COUNTS.get(word, 0)


_RATE = re.compile(
    r"(?:\b(twice|once)|\b(\w+) times) (?:a|per|each|every) (day|week|month|year)\b|(?<!\w)(\w+) раза? в (день|неделю|месяц|год)(?!\w)"
)

_OFTEN = {"once": "one", "twice": "two"}
_TIMES = "times"


def _rated(text: str) -> str:
    """The text with each frequency as a count of its own: “twice a week” doesn't mean two weeks."""
    return _RATE.sub(lambda m: f"{_OFTEN.get(m[1]) or m[2] or m[4]} {_TIMES}{m[3] or m[5]}", text)


def _counted(text: str) -> Iterator[tuple[str, int, str]]:
    """(what is counted, its number, the words) of each number in words and the one or two words behind it."""
    words = re.findall(r"\w+|[^\w\s]", _rated(text.casefold()))
    for position, word in enumerate(words):
        if number := _count(word):
            for thing in words[position + 1 : position + 3]:
                if not thing.isalpha():
                    break
                if len(thing) >= MIN_COUNTED:
                    yield stem(thing), number, f"{word} {thing}".replace(f" {_TIMES}", " × ")


_MANY = r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred|dozens?|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|двадцать|тридцать|сорок|пятьдесят|сто"
_OF_THEIRS = re.compile(
    rf"(?i)\byour (?:\w+ ){{0,2}}(?:has|have|had|lost|loses?|runs?|employs?|needs?|serves?|gets?|spends?) (?:\w+ )?({_MANY}) \w+"
    rf"|\byour ({_MANY}) (?!cents|minutes|hands|options)\w+|\byou(?:['’]ve| have) (?:been [\w ]{{0,20}}for |run |got )?({_MANY}) (?!options|minutes|choices|ways|hands|things)\w+"
    rf"|(?<!\w)у вас (?:сейчас |уже |открыт\w+ |работает |работают )*({_MANY}) (?!вариант|минут|пут[иь]|дн[яей]|час|способ)\w+|(?<!\w)ваш[аеиу]\w* ({_MANY}) \w+"
)
"""How many of something the reader has, in words; digits are looked at elsewhere."""


def _counts_of_theirs(draft: Draft) -> Iterator[Found]:
    given = set(re.findall(r"\d+|[^\W\d_]+", draft.given.casefold()))
    for sentence in draft.sentences:
        if sentence.endswith("?") or _SUPPOSED.search(sentence):
            continue
        for match in _OF_THEIRS.finditer(sentence):
            word = next(filter(None, match.groups())).casefold()
            if word not in given and str(_count(word)) not in given:
                yield "number_without_fact", match[0]
                return


_TERMS = (
    re.compile(r"(?i)\b(?:by|before|at) (\w+)(?= in the (?:morning|evening|afternoon)| o['’]clock|[.,;\n]| and\b|\Z)"),
    re.compile(r"(?i)(?<!\w)к (\w+)(?= утра| вечера| часам|[.,;\n]| и\b|\Z)"),
    re.compile(r"(?i)\b(?:every|each) ((?:\w+ )?(?:days?|weeks?|months?|years?))\b"),
    re.compile(r"(?i)(?<!\w)(?:раз в|кажд\w+) ((?:\w+ )?(?:день|дня|недел\w|месяц\w?))(?!\w)"),
    re.compile(r"(?i)\b(?:within|in) (\w+ (?:hours?|days?|weeks?))\b"),
    re.compile(r"(?i)(?<!\w)за (\w+ (?:час\w*|дн\w+|день|недел\w+))(?!\w)"),
)
"""At what hour, how often, and how fast: what our offer says of each holds for the text, too."""
_SPEAKS = re.compile(
    r"(?i)\b(?:call|ring|talk|speak|chat|meet|write|written|reply|here|if|when|would|could|might)\b|созвон|позвон|встре|обсуд|(?<!\w)(?:если|бы)(?!\w)"
)


def _terms(draft: Draft) -> Iterator[Found]:
    """Another hour, rhythm or term than our offer's: back by five where the offer says seven."""
    offer = draft.value("offer")
    given = [" ".join(map(_unit, re.findall(r"\w+", fact.value))) for fact in draft.facts]
    for pattern in [pattern for pattern in _TERMS if pattern.search(offer)]:
        for sentence in draft.sentences:
            if sentence.endswith("?") or _SPEAKS.search(sentence) or not _WE.search(sentence):
                continue
            for match in pattern.finditer(sentence):
                said = " ".join(map(_unit, match[1].split()))
                if (said[0].isdigit() or " " in match[1] or match[1] in ("day", "день")) and not any(
                    said in text for text in given
                ):
                    yield "number_without_fact", match[0]
                    return


def _unit(word: str) -> str:
    """A number as its digits, anything else as its stem."""
    number = _count(word.casefold())
    return str(number) if number else stem(word)


def _counts(draft: Draft) -> Iterator[Found]:
    """A thing that a fact counts, with another number than any fact has: nine operators where there were two."""
    given: dict[str, set[int]] = {}
    for fact in draft.facts:
        for thing, number, _words in _counted(fact.value):
            given.setdefault(thing, set()).add(number)
    stated = " ".join(part for part in re.split(r"(?<=[.!?])\s+|\n+", without_links(draft.whole)) if part[-1:] != "?")
    for thing, number, words in _counted(stated):
        if not words[0].isdecimal() and number > 1 and number not in given.get(thing, {number}):
            yield "number_without_fact", words
            return
