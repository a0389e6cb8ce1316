"""The demo world's companies and people as CSV files, the same every time. Pure.

All domains end in `.example` and all numbers are set aside for fiction, so nobody real can ever be reached.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass

SEED = 20
PERSON_COUNT = 160


@dataclass(frozen=True)
class Company:
    name: str
    domain: str
    country: str
    city: str
    industry: str
    employees: int
    is_sme: bool
    tax_id: str
    research: str


@dataclass(frozen=True)
class Person:
    first_name: str
    last_name: str
    title: str
    company: Company
    email: str
    phone: str
    language: str
    time_zone: str


_WORDS = {
    "en": "Aspen Beacon Cobalt Drift Ember Fathom Granite Harbor Indigo Juniper Keystone Lantern Meridian Northwind"
    " Orchard Pinewood Quarry Ridgeway Summit Tidewater Umber Vantage Willow Yarrow",
    "ru": "Сфера Вектор Полюс Орбита Исток Горизонт Маяк Север Контур Прогресс Рубеж Квартал Зенит Вершина Атлас Магистраль",
}
_LATIN = {
    "Сфера": "sfera", "Вектор": "vektor", "Полюс": "polyus", "Орбита": "orbita", "Исток": "istok",
    "Горизонт": "gorizont", "Маяк": "mayak", "Север": "sever", "Контур": "kontur", "Прогресс": "progress",
    "Рубеж": "rubezh", "Квартал": "kvartal", "Зенит": "zenit", "Вершина": "vershina", "Атлас": "atlas",
    "Магистраль": "magistral",
}  # fmt: skip
_INDUSTRIES = ("Software", "Logistics", "Fintech", "Retail", "Manufacturing")
_ENDINGS = {"Software": "Labs", "Logistics": "Freight", "Fintech": "Pay", "Retail": "Stores", "Manufacturing": "Works"}
_RESEARCH = {
    "Software": "Sells software to mid-sized firms; hired three sales people this quarter.",
    "Logistics": "Runs its own fleet; opened a second warehouse and talks about late deliveries.",
    "Fintech": "Grew to two new markets this year and is building a partner programme.",
    "Retail": "Moved its catalogue online; support answers by hand and is proud of it.",
    "Manufacturing": "Makes to order; quotes take days because they are written by hand.",
}
_PLACES = {
    "en": (
        ("US", "Boston", "America/New_York"),
        ("US", "Denver", "America/Denver"),
        ("US", "Austin", "America/Chicago"),
        ("GB", "London", "Europe/London"),
        ("GB", "Leeds", "Europe/London"),
    ),
    "ru": (
        ("RU", "Москва", "Europe/Moscow"),
        ("RU", "Казань", "Europe/Moscow"),
        ("RU", "Екатеринбург", "Asia/Yekaterinburg"),
    ),
}
_FIRST = {
    "en": "Alice Ben Clara David Emma Frank Grace Henry Iris Jack Kate Leo Maya Noah Olivia Paul Quinn Rose Sam Tess",
    "ru": "Анна Борис Вера Григорий Дарья Егор Жанна Иван Ксения Леонид Мария Никита Ольга Павел Роман Светлана",
}
_LAST = {
    "en": "Archer Barnes Carter Dalton Ellis Foster Grant Hayes Irving Jensen Keller Lawson Mercer Nolan Osborne Parker"
    " Quigley Reeves Sutton Turner Upton Vaughn Walsh Young",
    "ru": "Белых Черных Седых Долгих Крамаренко Шевченко Бондаренко Ткаченко Коваленко Петренко Савченко Живаго",
}
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "sch",
            "-",
            "y",
            "-",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)
_TITLES = {
    "en": (
        "Head of Sales", "VP Sales", "Chief Executive Officer", "Founder", "Head of Operations", "CTO", "Head of IT",
        "Marketing Manager", "Office Manager", "Software Engineer", "Account Executive", "Intern",
    ),
    "ru": (
        "Директор по продажам", "Генеральный директор", "Основатель", "Операционный директор", "Технический директор",
        "Руководитель отдела ИТ", "Менеджер по маркетингу", "Офис-менеджер", "Разработчик", "Стажёр",
    ),
}  # fmt: skip


def latin(text: str) -> str:
    """A name in letters that an address may hold."""
    letters = (_CYRILLIC.get(letter, letter) for letter in text.lower())
    return "".join(letter for letter in "".join(letters) if letter.isascii() and letter.isalnum())


def companies(seed: int = SEED) -> list[Company]:
    """Two thirds write English, one third Russian."""
    chance = random.Random(seed)  # noqa: S311 - it must repeat
    found = []
    for language, count in (("en", 24), ("ru", 16)):
        for number, word in enumerate(_WORDS[language].split()[:count]):
            industry = _INDUSTRIES[number % len(_INDUSTRIES)]
            country, city, _zone = chance.choice(_PLACES[language])
            ending = _ENDINGS[industry]
            found.append(
                Company(
                    name=f"{word} {ending}" if language == "en" else f"ООО «{word} {industry}»",
                    domain=f"{_LATIN.get(word, word.lower())}-{ending.lower()}.example",
                    country=country,
                    city=city,
                    industry=industry,
                    employees=chance.choice((8, 14, 25, 40, 65, 120, 300, 900)),
                    is_sme=chance.random() < 0.7,
                    tax_id=f"{chance.randrange(10**9, 10**10)}",
                    research=_RESEARCH[industry],
                )
            )
    return found


def people(
    firms: list[Company], seed: int = SEED, accepts: Callable[[str, int], bool] = lambda _address, _n: True
) -> list[Person]:
    """Four at each company. `accepts(address, number)` may ask for another spelling of an address, so that the
    characters of the simulated recipients come in good proportion."""
    chance = random.Random(seed + 1)  # noqa: S311 - it must repeat
    found: list[Person] = []
    for number in range(PERSON_COUNT):
        firm = firms[number % len(firms)]
        language = "ru" if firm.country == "RU" else "en"
        first, last = _FIRST[language].split(), _LAST[language].split()
        name, surname = chance.choice(first), chance.choice(last)
        title = _TITLES[language][(number // len(firms) * 3 + number) % len(_TITLES[language])]
        a, b = latin(name), latin(surname)
        spellings = [f"{a}.{b}", f"{a[0]}.{b}", f"{a}", f"{b}", f"{a}{b}", f"{b}.{a}", f"{a}_{b}", f"{a[0]}{b}"]
        spellings += [f"{a}.{b}{n}" for n in range(2, 30)]
        taken = {person.email for person in found}
        free = [f"{s}@{firm.domain}" for s in spellings if f"{s}@{firm.domain}" not in taken]
        email = next((address for address in free if accepts(address, number)), free[0])
        zone = next((z for c, city, z in _PLACES[language] if (c, city) == (firm.country, firm.city)), "UTC")
        found.append(Person(name, surname, title, firm, email, _phone(firm.country, number), language, zone))
    return found


def _phone(country: str, number: int) -> str:
    if country == "GB":
        return f"+447700900{number % 1000:03d}"
    if country == "RU":
        return f"+7000{1_000_000 + number}"
    area = (202, 303, 512)[number // 80 % 3]
    return f"+1{area}55501{number % 80:02d}"


def company_file(firms: list[Company]) -> bytes:
    """As a CSV file with the headers of a usual export."""
    header = ["Company", "Website", "Country", "City", "Industry", "Employees", "SME", "Tax ID", "Research"]
    return _csv(
        header,
        [
            [
                f.name,
                f"https://{f.domain}",
                f.country,
                f.city,
                f.industry,
                f.employees,
                "yes" if f.is_sme else "no",
                f.tax_id,
                f.research,
            ]
            for f in firms
        ],
    )


def person_file(persons: list[Person]) -> bytes:
    """As a CSV file with the headers of a usual export."""
    header = [
        "First name",
        "Last name",
        "Position",
        "Company",
        "Website",
        "Email",
        "Phone",
        "Country",
        "City",
        "Language",
        "Time zone",
    ]
    return _csv(
        header,
        [
            [p.first_name, p.last_name, p.title, p.company.name, f"https://{p.company.domain}", p.email, p.phone, p.company.country,
             p.company.city, p.language, p.time_zone]
            for p in persons
        ],
    )  # fmt: skip


def _csv(header: list[str], rows: list[list[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
