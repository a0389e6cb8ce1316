"""A made-up list of people of whom it is known who is who: families of spellings, shared phones, namesakes, moves."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable

FIRST = [
    "Anna",
    "Marie",
    "Jürgen",
    "Björn",
    "Søren",
    "Inês",
    "José",
    "Claire",
    "Émile",
    "Piotr",
    "Łukasz",
    "Zoë",
    "Peter",
    "Thomas",
    "Martin",
    "Martina",
    "Denis",
    "Denise",
    "Julia",
    "Julian",
    "Katarzyna",
    "Ivan",
    "Olga",
    "Sergei",
    "Natalia",
    "Michael",
    "Michelle",
    "Andrea",
    "Andreas",
    "Christian",
    "Christine",
    "Philip",
    "Stephanie",
    "Lars",
    "Greta",
    "Hugo",
    "Carmen",
    "Diego",
    "Lucía",
    "Matteo",
    "Giulia",
    "Henrik",
    "Astrid",
    "Noah",
    "Emma",
]
LAST = [
    "Müller",
    "Schröder",
    "Jensen",
    "Jenssen",
    "Kowalski",
    "Nowak",
    "Weber",
    "Fischer",
    "Hansen",
    "Johansson",
    "Lindqvist",
    "García",
    "Fernández",
    "Rossi",
    "Bianchi",
    "Dupont",
    "Lefèvre",
    "Moreau",
    "Silva",
    "Ferreira",
    "Petrov",
    "Petrova",
    "Ivanov",
    "Sokolov",
    "Virtanen",
    "Korhonen",
    "Bauer",
    "Wagner",
    "Hoffmann",
    "Schäfer",
    "Koch",
    "Becker",
    "Schulz",
    "Keller",
    "Huber",
    "Meyer",
    "Maier",
    "Winkler",
    "Baker",
    "Turner",
    "Collins",
    "Hughes",
    "Parker",
    "Murphy",
    "Walsh",
    "Doyle",
    "Byrne",
    "Quinn",
]
_ENDS = [
    "data",
    "works",
    "line",
    "trade",
    "soft",
    "build",
    "media",
    "farm",
    "cargo",
    "print",
    "steel",
    "foods",
    "glass",
    "power",
    "seeds",
]
FIRMS = tuple(
    f"{start}{end} {('GmbH', 'Ltd', 'AG')[number % 3]}"
    for number, (start, end) in enumerate(
        (s, e) for s in ("Vega", "Nord", "Alto", "Kern", "Luma", "Polar") for e in _ENDS
    )
)
TITLES = ("CTO", "Head of Sales", "HR Manager", "CEO", "Engineer", "Buyer")
HEADER = ("Name", "E-mail", "Phone", "Title", "Company", "Company domain", "Who")
PEOPLE = 1_900

Row = dict[str, str]


def make(seed: int) -> str:
    """The list as CSV. Rows with the same `Who` are the same person."""
    chance = random.Random(seed)
    people = [_person(chance, number) for number in range(PEOPLE)]
    rows = [row for person in people for row in (person, *_again(chance, person))]
    rows += [_namesake(chance, PEOPLE + number, chance.choice(people)) for number in range(160)]
    rows += [_sibling(chance, PEOPLE + 1_000 + number, chance.choice(people)) for number in range(120)]
    chance.shuffle(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _person(chance: random.Random, number: int) -> Row:
    firm = chance.randrange(len(FIRMS))
    first, last = chance.choice(FIRST), chance.choice(LAST)
    row = {"Name": f"{first} {last}", "Title": chance.choice(TITLES), "Who": str(number)}
    row |= _at(firm) | {"E-mail": f"{_plain(first)}.{_plain(last)}{number}@firm{firm}.example"}
    if chance.random() < 0.35:
        row["Phone"] = f"+49 30 9018{firm:04d}"  # the firm's switchboard, in many rows
    elif chance.random() < 0.5:
        row["Phone"] = f"+49 151 2{number:07d}"
    return row


def _at(firm: int) -> Row:
    return {"Company": FIRMS[firm], "Company domain": f"firm{firm}.example"}


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isascii() and c.isalpha())


def _again(chance: random.Random, person: Row) -> list[Row]:
    """Now and then a second row of the same person, as another list would write it."""
    if chance.random() > 0.22:
        return []
    first, last = person["Name"].split(" ", 1)
    domain = person["Company domain"]
    other = dict(person, **{"E-mail": f"{_plain(first)[:1]}{_plain(last)}{person['Who']}@{domain}", "Phone": ""})
    way: Callable[[], Row] = chance.choice(
        (
            lambda: dict(other, Name=f"{last}, {first}"),
            lambda: dict(other, Name=f"{first[0]}. {last}"),
            lambda: dict(other, Name=f"{first} {_respelled(last)}"),
            lambda: dict(other, Name=f"{first} {chance.choice('ABCDEM')}. {last}"),
            lambda: dict(other, Name=f"{first} {_slip(chance, last)}"),
            lambda: dict(person, **{"E-mail": person["E-mail"].replace("@", "+fair@")}, Phone=""),
            lambda: dict(other, Name=person["Name"].upper()),
            lambda: _moved(chance, person),
        )
    )
    return [way()]


def _respelled(name: str) -> str:
    for letter, plain in (("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("é", "e"), ("è", "e"), ("í", "i"), ("á", "a")):
        name = name.replace(letter, plain)
    return name


def _slip(chance: random.Random, name: str) -> str:
    place = chance.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def _moved(chance: random.Random, person: Row) -> Row:
    """At another firm now, with the old mobile number where there was one."""
    firm = chance.randrange(len(FIRMS))
    first, last = person["Name"].split(" ", 1)
    address = f"{_plain(first)}.{_plain(last)}{person['Who']}@firm{firm}.example"
    return dict(person, **_at(firm), **{"E-mail": address})


def _namesake(chance: random.Random, number: int, person: Row) -> Row:
    """Somebody else of that name at another firm, in a third of the cases with that person's switchboard by mistake."""
    row = _person(chance, number) | {"Name": person["Name"]}
    if row["Company"] == person["Company"]:
        row |= _at((FIRMS.index(row["Company"]) + 1) % len(FIRMS))
    row["E-mail"] = f"n{number}@{row['Company domain']}"
    return row | ({"Phone": person["Phone"]} if person.get("Phone", "").startswith("+49 30") else {})


def _sibling(chance: random.Random, number: int, person: Row) -> Row:
    """Somebody else at the same firm: a colleague of the same surname, or with the same switchboard."""
    last = person["Name"].split(" ", 1)[1]
    first = chance.choice([name for name in FIRST if not person["Name"].startswith(name)])
    address = f"s{number}@{person['Company domain']}"
    return dict(person, Name=f"{first} {last}", **{"E-mail": address}, Who=str(number), Phone=person.get("Phone", ""))
