"""The people of the made-up network: drawn from a seed, the same every time. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

CHARACTERS = (
    "warm", "slow", "ignores", "sparse", "friend", "warm", "declines", "busy", "warm", "ignores", "slow", "gone",
)  # fmt: skip
"""What people are like, in turn. warm: accepts within hours and answers; slow: accepts after days, says nothing; sparse:
accepts, and their profile lacks parts; friend: a contact already; declines, ignores; busy: answers that it is no time;
gone: the profile cannot be opened any more."""

_FIRST = (
    "Anna", "Bruno", "Clara", "Dario", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Katja", "Leo", "Mara", "Nils",
    "Olga", "Pavel", "Rosa", "Samir", "Tilda", "Viktor",
)  # fmt: skip
_LAST = (
    "Abendroth", "Bellini", "Castell", "Dorn", "Eskola", "Fontane", "Grimm", "Halvorsen", "Ivers", "Jansen", "Kowal", "Lund",
    "Moreau", "Novak", "Oster", "Petrov", "Quist", "Rossi", "Sand", "Tamm",
)  # fmt: skip
_TITLES = (
    "Head of Sales", "Managing Director", "VP Engineering", "Head of Purchasing", "Sales Manager", "Data Engineer",
    "Marketing Director", "Operations Manager", "Chief Technology Officer", "Account Executive",
)  # fmt: skip
_FIRMS = (
    ("Mühlbach Maschinen GmbH", "Machinery"), ("Northgate Freight", "Logistics"), ("Lumen Optik AG", "Medical devices"),
    ("Cedar & Pine Software", "Software"), ("Atelier Sieben", "Design"), ("Vereint Energie eG", "Energy"),
    ("Blue Harbour Foods", "Food production"), ("Kestrel Analytics", "Software"),
)  # fmt: skip
_PLACES = (
    ("Berlin", "Germany", "DE"), ("Vienna", "Austria", "AT"), ("Tallinn", "Estonia", "EE"), ("Lyon", "France", "FR"),
    ("Porto", "Portugal", "PT"), ("Leeds", "United Kingdom", "GB"), ("Denver", "United States", "US"),
)  # fmt: skip
_SCHOOLS = ("Technical University of Aldstadt", "Harbour Business School", "University of Westmark")
_FIELDS = ("Mechanical engineering", "Business administration", "Computer science", "Economics")


@dataclass(frozen=True)
class Job:
    title: str
    firm: str
    industry: str
    first_year: int
    last_year: int | None


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist. `degree` is the distance to everybody who signs in."""

    number: int
    slug: str
    first: str
    last: str
    headline: str
    summary: str
    city: str
    country: str
    country_code: str
    degree: int
    character: str
    jobs: tuple[Job, ...]
    school: str
    field: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def words(self) -> str:
        return f"{self.name} {self.headline} {self.city} {self.country} {self.jobs[0].firm} {self.jobs[0].industry}".lower()


@cache
def population(seed: str, count: int) -> tuple[Person, ...]:
    """`count` people, the same for the same seed."""
    return tuple(_person(seed, number) for number in range(1, count + 1))


def _person(seed: str, number: int) -> Person:
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - not a secret: it must repeat
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    character = CHARACTERS[(number - 1) % len(CHARACTERS)]
    jobs, year = [], chance.randint(2016, 2023)
    for index in range(chance.randint(1, 3)):
        firm, industry = chance.choice(_FIRMS)
        length = chance.randint(1, 5)
        ended = None if index == 0 else year
        jobs.append(Job(chance.choice(_TITLES), firm, industry, year - (length if index else 0), ended))
        year -= length
    city, country, code = chance.choice(_PLACES)
    summary = f"{jobs[0].title} in {jobs[0].industry.lower()}. I care about work that is finished, and about the people who do it."
    return Person(
        number=number, slug=f"{first}-{last}-{number}".lower(), first=first, last=last,
        headline=f"{jobs[0].title} at {jobs[0].firm}", summary=summary, city=city, country=country, country_code=code,
        degree=1 if character == "friend" else chance.choice((2, 2, 3)), character=character, jobs=tuple(jobs),
        school=chance.choice(_SCHOOLS), field=chance.choice(_FIELDS),
    )  # fmt: skip


def urn(kind: str, key: object) -> str:
    return f"urn:mill:{kind}:{key}"


def profile_document(person: Person, *, degree: int) -> dict[str, Any]:
    """The profile as the site's internal API answers: normalised, entities in `included`, references by URN.

    A `sparse` person's answer lacks the companies and the school that it refers to.
    """
    profile = urn("profile", person.number)
    positions = [urn("position", f"{person.number}-{index}") for index, _job in enumerate(person.jobs)]
    education, geo = urn("education", person.number), urn("geo", person.city.lower())
    included: list[dict[str, Any]] = [
        {
            "$type": "mill.identity.Profile", "entityUrn": profile, "publicIdentifier": person.slug,
            "firstName": person.first, "lastName": person.last, "headline": person.headline, "summary": person.summary,
            "*geo": geo, "*industry": urn("industry", person.jobs[0].industry.lower().replace(" ", "-")),
            "*profilePositionGroups": urn("positions", person.number), "*profileEducations": urn("educations", person.number),
            "*memberRelationship": urn("relationship", person.number),
        },
        {"$type": "mill.common.CollectionResponse", "entityUrn": urn("positions", person.number), "*elements": positions},
        {"$type": "mill.common.CollectionResponse", "entityUrn": urn("educations", person.number), "*elements": [education]},
        {
            "$type": "mill.relationships.MemberRelationship", "entityUrn": urn("relationship", person.number),
            "memberRelationship": {"*connection": urn("connection", person.number)}
            if degree == 1
            else {"noConnection": {"memberDistance": f"DISTANCE_{degree}"}},
        },
        {
            "$type": "mill.common.Geo", "entityUrn": geo, "countryCode": person.country_code.lower(),
            "defaultLocalizedName": f"{person.city}, {person.country}",
        },
        {
            "$type": "mill.identity.Education", "entityUrn": education, "degreeName": "Master's degree",
            "fieldOfStudy": person.field, "*school": urn("school", person.school),
            "dateRange": {"start": {"year": 2006}, "end": {"year": 2011}},
        },
    ]  # fmt: skip
    for entity_urn, job in zip(positions, person.jobs, strict=True):
        dates: dict[str, Any] = {"start": {"year": job.first_year, "month": 1 + person.number % 12}}
        if job.last_year is not None:
            dates["end"] = {"year": job.last_year, "month": 6}
        firm = urn("company", job.firm)
        sparse = {} if person.character == "sparse" else {"companyName": job.firm}
        included.append(
            {"$type": "mill.identity.Position", "entityUrn": entity_urn, "title": job.title, "*company": firm, "dateRange": dates}
            | sparse
        )  # fmt: skip
    if person.character != "sparse":
        industry = person.jobs[0].industry
        included.append(
            {
                "$type": "mill.common.Industry",
                "entityUrn": urn("industry", industry.lower().replace(" ", "-")),
                "name": industry,
            }
        )
        included.append(
            {"$type": "mill.organization.School", "entityUrn": urn("school", person.school), "name": person.school}
        )
        firms = dict.fromkeys(job.firm for job in person.jobs)
        included += [
            {"$type": "mill.organization.Company", "entityUrn": urn("company", firm), "name": firm} for firm in firms
        ]
    return {"data": {"entityUrn": urn("answer", person.slug), "*elements": [profile]}, "included": included}
