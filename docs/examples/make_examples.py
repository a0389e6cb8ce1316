# ruff: noqa: SIM905
"""Makes people.csv, companies.csv and people-ru.csv: fictional, seeded, with the dirt of real exports.

Run `python docs/examples/make_examples.py`. Every e-mail address ends in `.example`, every phone number is from a
range set aside for fiction, so nothing here reaches anybody. Names, companies and ids are made up.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

HERE = Path(__file__).parent
PEOPLE, COMPANIES, RUSSIANS = 500, 150, 80
COUNTRIES = {
    "DE": (["Germany", "DE", "Deutschland", "germany "], ["Berlin", "Hamburg", "München", "Köln", "Leipzig"], 27),
    "RU": (
        ["Russia", "RU", "Россия", "РФ"],
        ["Moscow", "Saint Petersburg", "Kazan", "Екатеринбург", "Новосибирск"],
        25,
    ),
    "US": (["United States", "US", "USA", "U.S.A."], ["New York", "Austin", "Denver", "Boston", "Seattle"], 20),
    "GB": (["United Kingdom", "UK", "GB"], ["London", "Leeds", "Bristol"], 12),
    "NL": (["Netherlands", "NL"], ["Amsterdam", "Utrecht"], 6),
    "PL": (["Poland", "PL"], ["Warszawa", "Kraków"], 5),
    "KZ": (["Kazakhstan", "KZ", "Казахстан"], ["Almaty", "Astana"], 5),
}
INDUSTRIES = {
    "Fintech": 34,
    "SaaS": 16,
    "Logistics": 12,
    "Healthcare": 10,
    "Manufacturing": 10,
    "Retail": 9,
    "Energy": 5,
    "Education": 4,
}
TITLES = {
    "CTO": 20, "Head of IT": 17, "CTO & Co-founder": 4, "Head of IT Infrastructure": 3, "VP Engineering": 9, "CEO": 9, "Founder": 7,
    "Head of Product": 6, "Head of Sales": 6, "COO": 5, "CFO": 4, "Engineering Manager": 4, "Data Lead": 3, "HR Director": 3,
}  # fmt: skip
LANGUAGES = {"DE": "de", "RU": "ru", "KZ": "ru", "US": "en", "GB": "en", "NL": "nl", "PL": "pl"}
FIRST = {
    "RU": "Anna Boris Dmitry Elena Fyodor Galina Igor Kirill Larisa Maxim Natalia Oleg Pavel Roman Sofia Timur Vera Yuri".split(),
    "DE": "Anke Birgit Claus Dirk Eva Frank Greta Holger Ingrid Jörg Katrin Lars Monika Nils Petra Ralf Sabine Uwe".split(),
    "US": "Aaron Beth Carol Derek Emily Frank Grace Henry Isabel Jack Karen Logan Megan Nathan Olivia Peter Rachel Scott".split(),
}
LAST = {
    "RU": "Abramov Belov Vinogradov Golubev Denisov Ershov Zhukov Zaitsev Kalinin Lebedev Makarov Nikitin Orlov Panin Rybakov Sorokin".split(),
    "DE": "Albrecht Böhm Dietrich Engel Fuchs Graf Haas Jung Köhler Lorenz Möller Neumann Otto Pohl Richter Schäfer Voigt Winkler".split(),
    "US": "Adams Baker Carter Dixon Ellis Foster Grant Hayes Irving Jensen Keller Lawson Mason Norris O'Neill Porter Quinn Reeves".split(),
}
CYRILLIC = dict(
    zip(
        "abvgdezijklmnoprstufhcywqABVGDEZIJKLMNOPRSTUFHCYWQ",
        "абвгдезийклмнопрстуфхцывкАБВГДЕЗИЙКЛМНОПРСТУФХЦЫВК",
        strict=True,
    )
)
PAIRS = (
    ("shch", "щ"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("yu", "ю"),
    ("ya", "я"),
    ("yo", "ё"),
)
STEMS = "Nord Zeta Alto Brava Clar Delta Evo Fjord Gamma Helio Ivo Juno Kappa Luma Mira Nova Opal Pluto Quanta Rhea Sola Terra Umbra Vega".split()
TAILS = "pay bank ledger soft flow ware cargo med works mart grid learn data loop point stack".split()
FORMS = {"DE": ["GmbH", "AG", "GmbH & Co. KG"], "RU": ["ООО", "АО", "LLC"], "KZ": ["ТОО", "LLP"], "US": ["Inc.", "LLC", "Corp."], "GB": ["Ltd", "Limited", "PLC"], "NL": ["B.V."], "PL": ["Sp. z o.o.", "S.A."]}  # fmt: skip


def pick(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def to_cyrillic(text: str) -> str:
    for latin, letter in PAIRS:
        text = text.replace(latin, letter).replace(latin.capitalize(), letter.upper())
    return "".join(CYRILLIC.get(c, c) for c in text)


def to_ascii(text: str) -> str:
    for letter, plain in (("ö", "oe"), ("ä", "ae"), ("ü", "ue"), ("'", ""), (" ", ".")):
        text = text.lower().replace(letter, plain)
    return text


def make_companies(dice: random.Random) -> list[dict[str, str]]:
    names = [stem + tail for stem in STEMS for tail in TAILS]
    dice.shuffle(names)
    companies = []
    for number, name in enumerate(names[:COMPANIES]):
        country = pick(dice, {code: weight for code, (_n, _c, weight) in COUNTRIES.items()})
        form = dice.choice(FORMS[country])
        if form in {"ООО", "АО", "ТОО"}:
            shown = f"{form} «{to_cyrillic(name)}»"
        else:
            shown = f"{name}, {form}" if form == "Inc." else f"{name} {form}"
        companies.append(
            {
                "name": shown, "domain": f"{name.lower()}.example", "country": country, "industry": pick(dice, INDUSTRIES),
                "city": dice.choice(COUNTRIES[country][1]), "employees": str(dice.choice([8, 15, 40, 75, 120, 260, 480, 900, 2400])),
                "tin": f"{'77' if country == 'RU' else '90'}{10_000_000 + number * 37_919:08d}", "number": f"HRB {4000 + number}" if country == "DE" else "",
            }
        )  # fmt: skip
    return companies


def phone(dice: random.Random, country: str) -> str:
    if country == "RU":
        return dice.choice(
            ["+7 000 {:03d}-{:02d}-{:02d}", "8 (000) {:03d}-{:02d}-{:02d}", "+7000{:03d}{:02d}{:02d}"]
        ).format(dice.randrange(1000), dice.randrange(100), dice.randrange(100))
    if country in {"US", "KZ"}:
        area, last = dice.choice([212, 303, 415, 512, 617]), dice.randrange(100)
        return dice.choice(["+1 ({}) 555-01{:02d}", "+1{}55501{:02d}", "+1 {} 555 01{:02d}"]).format(area, last)
    return f"+44 7700 900{dice.randrange(1000):03d}" if country == "GB" or dice.random() < 0.3 else ""


def make_people(dice: random.Random, companies: list[dict[str, str]]) -> list[list[str]]:
    rows: list[list[str]] = []
    seen: set[str] = set()
    while len(rows) < PEOPLE - 25:
        company = dice.choice(companies)
        country = company["country"]
        kin = {"RU": "RU", "KZ": "RU", "DE": "DE", "NL": "DE", "PL": "DE"}.get(country, "US")
        first, last = dice.choice(FIRST[kin]), dice.choice(LAST[kin])
        if kin == "RU" and first.endswith("a"):
            last += "a"
        email = f"{to_ascii(first)}.{to_ascii(last)}@{company['domain']}"
        if email in seen:
            continue
        seen.add(email)
        name = f"{first} {last}"
        if kin == "RU" and dice.random() < 0.35:
            name = to_cyrillic(name)
        rows.append(
            [
                name, email, phone(dice, country) if dice.random() < 0.6 else "", pick(dice, TITLES), company["name"], company["domain"],
                company["industry"], company["tin"] if dice.random() < 0.5 else "", dice.choice(COUNTRIES[country][0]), company["city"],
                LANGUAGES[country], dice.choice(["", "", "new", "warm"]), dice.choice(["", "", "conference", "webinar; newsletter"]),
            ]
        )  # fmt: skip
    return rows


def soil(dice: random.Random, rows: list[list[str]]) -> list[list[str]]:
    """The dirt: each kind a few times, all of it seen in real exports."""
    for row in dice.sample(rows, 60):
        row[0] = dice.choice([row[0].upper(), f"  {row[0]} ", row[0].lower(), row[0].replace(" ", "\u00a0")])
    for row in dice.sample(rows, 25):
        row[1] = dice.choice([row[1].upper(), f" {row[1]}", f"mailto:{row[1]}"])
    for row in dice.sample(rows, 20):
        row[dice.choice([3, 6, 9])] = dice.choice(["", "n/a", "-"])
    spoilt = dice.sample(rows, 26)
    for row in spoilt[:7]:
        row[1], row[2] = (
            dice.choice([row[1].replace("@", " at "), row[1].split("@")[0], row[1].replace(".example", "")]),
            "",
        )
    for row in spoilt[7:13]:
        row[2] = dice.choice(["12345", "call the office", "+1 555", "00000000"])
    for row in spoilt[13:17]:
        row[7] = "7.7E+09"
    for row in spoilt[17:20]:
        row[3] = dice.choice(['=HYPERLINK("http://nowhere.example","CTO")', "=1+1", "@SUM(A1:A9)"])
    for row in spoilt[20:23]:
        row[8] = "Atlantis"
    for row in spoilt[23:26]:
        row[1], row[2] = "", ""
        row[4] = row[5] = row[7] = ""
    copies = [list(row) for row in dice.sample([row for row in rows if row not in spoilt], 25)]
    for row in copies:
        row[0], row[4] = row[0].title(), row[4].upper()
    return sorted([*rows, *copies], key=lambda _row: dice.random())


def company_rows(dice: random.Random, companies: list[dict[str, str]]) -> list[list[str]]:
    rows = []
    for company in companies:
        names = COUNTRIES[company["country"]][0]
        size = int(company["employees"])
        rows.append(
            [
                company["name"], company["tin"], company["number"], dice.choice(names), company["city"], company["industry"],
                dice.choice([company["employees"], f"{size:,}", f"{size}-{size * 2}"]), dice.choice(["yes", "no", ""]),
                f"https://www.{company['domain']}/", dice.choice(["", "enterprise", "smb"]),
            ]
        )  # fmt: skip
    for row in dice.sample(rows, 4):
        row[1] = "7.7E+09"
    for row in dice.sample(rows, 12):
        row[0] = dice.choice([row[0].upper(), f" {row[0]} "])
    rows += [list(row) for row in dice.sample(rows, 8)]
    return rows


def russian_rows(dice: random.Random, companies: list[dict[str, str]]) -> list[list[str]]:
    titles = [
        "Технический директор",
        "Руководитель ИТ",
        "Директор по развитию",
        "Генеральный директор",
        "Head of IT",
        "CTO",
    ]
    at_home = [company for company in companies if company["country"] == "RU"]
    rows = []
    for number in range(RUSSIANS):
        company = dice.choice(at_home)
        first, last = dice.choice(FIRST["RU"]), dice.choice(LAST["RU"])
        last += "a" if first.endswith("a") else ""
        rows.append(
            [
                f"{to_cyrillic(last)} {to_cyrillic(first)}", f"{to_ascii(first)}.{to_ascii(last)}.{number}@{company['domain']}",
                phone(dice, "RU"), dice.choice(titles), company["name"], company["tin"], "Россия", company["city"], company["industry"],
            ]
        )  # fmt: skip
    rows[7][1], rows[7][2] = "нет почты", ""
    rows[21][5] = "7,7E+09"
    return [*rows, rows[3], rows[11]]


def write(
    name: str, header: list[str], rows: list[list[str]], *, encoding: str = "utf-8", delimiter: str = ","
) -> None:
    with (HERE / name).open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    dice = random.Random(20260101)  # noqa: S311
    companies = make_companies(dice)
    people = soil(dice, make_people(dice, companies))
    write(
        "people.csv",
        [
            "Name",
            "E-mail",
            "Phone",
            "Title",
            "Company",
            "Company domain",
            "Industry",
            "TIN",
            "Country",
            "City",
            "Language",
            "Status",
            "Tags",
        ],
        people,
    )
    write(
        "companies.csv",
        [
            "Company",
            "TIN",
            "Registration number",
            "Country",
            "City",
            "Industry",
            "Employees",
            "SME",
            "Website",
            "Segment",
        ],
        company_rows(dice, companies),
    )
    write(
        "people-ru.csv",
        ["ФИО", "Эл. почта", "Телефон", "Должность", "Компания", "ИНН", "Страна", "Город", "Отрасль"],
        russian_rows(dice, companies),
        encoding="cp1251",
        delimiter=";",
    )


if __name__ == "__main__":
    main()
