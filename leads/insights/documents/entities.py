"""Keywords and entities of a text by patterns and small lists, English and Russian: no model, nothing learned. Pure.

What it is: repeatable, fast, right where a text names things plainly, and blind to what it has no pattern for. Names
need a given name of the list or a form of address; firms a legal form; places a country or a big city of the list.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass, field

MOST = 12
_WORD = re.compile(r"[^\W\d_][\w'’-]{2,30}")
_STOP = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "that",
        "this",
        "from",
        "have",
        "has",
        "had",
        "are",
        "was",
        "were",
        "will",
        "you",
        "your",
        "our",
        "their",
        "they",
        "them",
        "his",
        "her",
        "she",
        "him",
        "its",
        "not",
        "but",
        "all",
        "any",
        "can",
        "may",
        "more",
        "most",
        "other",
        "some",
        "such",
        "than",
        "then",
        "there",
        "these",
        "those",
        "which",
        "who",
        "whom",
        "what",
        "when",
        "where",
        "why",
        "how",
        "into",
        "over",
        "under",
        "about",
        "after",
        "before",
        "also",
        "each",
        "per",
        "via",
        "out",
        "off",
        "one",
        "two",
        "three",
        "new",
        "use",
        "used",
        "using",
        "very",
        "much",
        "many",
        "only",
        "own",
        "same",
        "too",
        "just",
        "been",
        "being",
        "would",
        "could",
        "should",
        "и",
        "в",
        "во",
        "не",
        "что",
        "он",
        "на",
        "я",
        "с",
        "со",
        "как",
        "а",
        "то",
        "все",
        "она",
        "так",
        "его",
        "но",
        "да",
        "ты",
        "к",
        "у",
        "же",
        "вы",
        "за",
        "бы",
        "по",
        "только",
        "ее",
        "её",
        "мне",
        "было",
        "вот",
        "от",
        "меня",
        "еще",
        "ещё",
        "нет",
        "о",
        "из",
        "ему",
        "теперь",
        "когда",
        "даже",
        "ну",
        "ли",
        "если",
        "уже",
        "или",
        "ни",
        "быть",
        "был",
        "него",
        "до",
        "вас",
        "опять",
        "вам",
        "ведь",
        "там",
        "потом",
        "себя",
        "ничего",
        "ей",
        "может",
        "они",
        "тут",
        "где",
        "есть",
        "надо",
        "ней",
        "для",
        "мы",
        "тебя",
        "их",
        "чем",
        "была",
        "сам",
        "чтоб",
        "без",
        "будто",
        "чего",
        "раз",
        "тоже",
        "себе",
        "под",
        "будет",
        "при",
        "после",
        "над",
        "больше",
        "тот",
        "через",
        "эти",
        "нас",
        "про",
        "всего",
        "них",
        "какая",
        "много",
        "разве",
        "эту",
        "моя",
        "свою",
        "этой",
        "перед",
        "иногда",
        "лучше",
        "чуть",
        "том",
        "нельзя",
        "такой",
        "им",
        "более",
        "всегда",
        "конечно",
        "всю",
        "между",
        "это",
        "эта",
        "этот",
        "также",
        "который",
        "которая",
        "которые",
        "которое",
        "наш",
        "наша",
        "наши",
        "ваш",
        "ваша",
        "ваши",
    ]
)
_MONEY = re.compile(
    r"(?:[$€£₽]\s?\d[\d\s.,]*\d?(?:\s?(?:k|m|bn|тыс\.?|млн\.?|млрд\.?))?)"
    r"|(?:\b\d[\d\s.,]*\d?\s?(?:k|m|bn|million|billion|thousand|тыс\.?|млн\.?|млрд\.?)?\s?"
    r"(?:usd|eur|gbp|rub|dollars?|euros?|pounds?|руб(?:\.|лей|ля|ль)?|долл(?:\.|аров)?|евро|[$€£₽]))(?!\w)",
    re.IGNORECASE,
)
_FORM_BEHIND = r"(?:Inc|Incorporated|LLC|Ltd|Limited|GmbH|AG|Corp|Corporation|PLC|S\.?A\.?|B\.?V\.?|SAS|SARL|Oy|AB|KG)"
_FIRM = re.compile(
    rf"(?:(?:[A-ZÄÖÜ][\w&-]+[ ]){{1,4}},?[ ]?{_FORM_BEHIND}(?![\w]))"
    r"|(?:(?<!\w)(?:ООО|ОАО|ПАО|ЗАО|АО|ИП|ТОО)\s*[«\"“]?[А-ЯЁA-Z][\wА-Яа-яё -]{1,40}?(?:[»\"”]|(?=[,.;:!?\n]|$|\s[а-яё])))"
)
_GIVEN = frozenset(
    [
        "Anna",
        "Maria",
        "Peter",
        "Paul",
        "John",
        "James",
        "Robert",
        "Michael",
        "William",
        "David",
        "Richard",
        "Thomas",
        "Charles",
        "Mary",
        "Patricia",
        "Jennifer",
        "Linda",
        "Elizabeth",
        "Susan",
        "Jessica",
        "Sarah",
        "Karen",
        "Nancy",
        "Lisa",
        "Daniel",
        "Matthew",
        "Anthony",
        "Mark",
        "Andrew",
        "Joshua",
        "Kevin",
        "Brian",
        "George",
        "Edward",
        "Martin",
        "Hans",
        "Klaus",
        "Stefan",
        "Julia",
        "Laura",
        "Emma",
        "Sophie",
        "Alice",
        "Joe",
        "Ann",
        "Boris",
        "Ivan",
        "Oleg",
        "Dmitry",
        "Sergey",
        "Alexander",
        "Alexey",
        "Andrey",
        "Mikhail",
        "Nikolay",
        "Olga",
        "Elena",
        "Natalia",
        "Tatiana",
        "Irina",
        "Svetlana",
        "Ekaterina",
        "Александр",
        "Алексей",
        "Андрей",
        "Анна",
        "Антон",
        "Борис",
        "Виктор",
        "Владимир",
        "Галина",
        "Дарья",
        "Дмитрий",
        "Евгений",
        "Екатерина",
        "Елена",
        "Иван",
        "Игорь",
        "Ирина",
        "Константин",
        "Ксения",
        "Лариса",
        "Людмила",
        "Максим",
        "Мария",
        "Марина",
        "Михаил",
        "Надежда",
        "Наталья",
        "Никита",
        "Николай",
        "Олег",
        "Ольга",
        "Павел",
        "Пётр",
        "Петр",
        "Роман",
        "Светлана",
        "Сергей",
        "Татьяна",
        "Юлия",
        "Юрий",
    ]
)
_NAME = re.compile(r"(?<![\w-])([A-ZА-ЯЁ][a-zа-яё]+(?:-[A-ZА-ЯЁ][a-zа-яё]+)?)[  ]([A-ZА-ЯЁ][a-zа-яё'’-]{1,30})(?![\w])")
_ADDRESSED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof)\.?|(?<!\w)(?:господин|госпожа|г-н|г-жа))\s+((?:[A-ZА-ЯЁ][a-zа-яё'’-]{1,30}\s?){1,2})"
)
_PLACES = (
    "Germany|France|Poland|Spain|Italy|Austria|Switzerland|Netherlands|Belgium|Sweden|Norway|Finland|Denmark|Portugal|Ireland|Czechia"
    "|United States|United Kingdom|USA|UK|Canada|Australia|India|Brazil|Mexico|Israel|Singapore|Japan|Kazakhstan|Russia|Ukraine|Turkey"
    "|Berlin|Munich|Hamburg|Frankfurt|Cologne|Vienna|Zurich|Geneva|Paris|Lyon|London|Manchester|Dublin|Amsterdam|Brussels|Warsaw|Krakow"
    "|Prague|Budapest|Madrid|Barcelona|Lisbon|Milan|Rome|Stockholm|Oslo|Helsinki|Copenhagen|New York|Boston|Chicago|San Francisco"
    "|Los Angeles|Seattle|Austin|Toronto|Vancouver|Sydney|Melbourne|Tel Aviv|Dubai|Tokyo|Almaty|Astana|Moscow|Istanbul|Kyiv"
    "|Росси[ияйю]|Казахстан\\w?|Беларус[ьи]|Германи[ияйю]|Польш[ауеи]|США|Москв[ауеыой]{1,2}|Санкт-Петербург\\w?|Казан[ьи]|Новосибирск\\w?"
    "|Екатеринбург\\w?|Нижн\\w+ Новгород\\w?|Самар[аеуы]|Омск\\w?|Краснодар\\w?|Воронеж\\w?|Перм[ьи]|Уф[аеуы]|Алмат[ыа]|Астан[аеуы]|Минск\\w?"
)
_PLACE = re.compile(rf"(?<![\w-])(?:{_PLACES})(?!\w)")


@dataclass(frozen=True)
class Entities:
    """What a text names, each once, in its order."""

    keywords: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    firms: list[str] = field(default_factory=list)
    amounts: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, list[str]]:
        return asdict(self)


def find(text: str) -> Entities:
    """The entities and the commonest words of a text of any length (its first 50,000 characters)."""
    text = text[:50_000]
    firms = _each(match[0] for match in _FIRM.finditer(text))
    named = [f"{m[1]} {m[2]}" for m in _NAME.finditer(text) if m[1] in _GIVEN]
    named += [m[1] for m in _ADDRESSED.finditer(text)]
    return Entities(
        keywords=keywords(text),
        names=_each(named),
        firms=firms,
        amounts=_each(match[0] for match in _MONEY.finditer(text)),
        places=_each(match[0] for match in _PLACE.finditer(text)),
    )


def keywords(text: str, limit: int = MOST) -> list[str]:
    """The words that stand out: common in this text, no function words, longer ones first among equals."""
    counts = Counter(
        word for match in _WORD.finditer(text.lower()) if (word := match[0].strip("-'’")) not in _STOP and len(word) > 3
    )
    ranked = sorted(counts, key=lambda word: (-counts[word], -len(word), word))
    return ranked[:limit]


def _each(found: object) -> list[str]:
    texts = (" ".join(str(text).split()).strip(" ,.") for text in found)  # type: ignore[attr-defined]
    return list(dict.fromkeys(text for text in texts if text))[:MOST]
