"""Profile JSON in the normalised form of a network's internal API → typed profiles. Pure.

Such an answer is `{"data": …, "included": [entities]}`: entities carry an `entityUrn`, and point at each other by keys that
begin with `*`. Any entity may be missing; what was referred to and not there is listed, never guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from outreach.core.errors import Invalid

Entity = Mapping[str, Any]
MAX_ITEMS = 200
_DISTANCES = {"SELF": 0, "DISTANCE_1": 1, "DISTANCE_2": 2, "DISTANCE_3": 3, "OUT_OF_NETWORK": 4}
_POSITION_LISTS = ("profilePositionGroups", "positionGroups", "positionView", "profilePositions", "positions")
_GROUP_LISTS = ("profilePositionInPositionGroup", "positions")
_EDUCATION_LISTS = ("profileEducations", "educationView", "educations")


@dataclass(frozen=True)
class Position:
    """One position. Dates are `2019` or `2019-03`; an empty end means it is current."""

    title: str = ""
    company: str = ""
    company_urn: str = ""
    location: str = ""
    description: str = ""
    started: str = ""
    ended: str = ""

    @property
    def is_current(self) -> bool:
        return not self.ended


@dataclass(frozen=True)
class Education:
    """One school or degree."""

    school: str = ""
    degree: str = ""
    field: str = ""
    started: str = ""
    ended: str = ""


@dataclass(frozen=True)
class Profile:
    """A person as the network shows them. `degree`: 0 oneself, 1 connected, 2, 3, 4 further away, None not known."""

    public_id: str
    urn: str = ""
    first_name: str = ""
    last_name: str = ""
    headline: str = ""
    summary: str = ""
    location: str = ""
    country: str = ""
    industry: str = ""
    degree: int | None = None
    positions: tuple[Position, ...] = ()
    educations: tuple[Education, ...] = ()
    missing: tuple[str, ...] = ()
    """What the answer refers to and does not hold."""

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def current(self) -> Position | None:
        """The current position: the first without an end."""
        return next((position for position in self.positions if position.is_current), None)

    @property
    def text(self) -> str:
        """All words, for qualification: headline, summary, jobs, schools."""
        lines = [self.headline, self.industry, self.location, self.summary]
        for position in self.positions:
            span = "–".join(part for part in (position.started, position.ended or "today") if part)
            lines.append(", ".join(p for p in (position.title, position.company, span) if p))
            lines.append(position.description)
        lines += [", ".join(p for p in (e.degree, e.field, e.school) if p) for e in self.educations]
        return "\n".join(line for line in lines if line)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"full_name": self.full_name}


def parse_json(body: bytes | str) -> Profile:
    """The profile in `body`. Raises `Invalid` if it is not JSON or contains no profile."""
    try:
        return parse(json.loads(body))
    except ValueError as error:
        raise Invalid("profile", f"This is not JSON: {error}", code="not_json") from error
    except RecursionError as error:
        raise Invalid("profile", "The response refers to itself endlessly.", code="endless") from error


def parse(document: Any) -> Profile:
    """The profile in an answer. Raises `Invalid` `no_profile` when there is none."""
    if not isinstance(document, dict):
        raise Invalid("profile", "A profile response must be a JSON object.", code="no_profile")
    return _Reader(document).profile()


class _Reader:
    """The entities of one answer by URN, and references that are missing."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        data = document.get("data")
        self.data: Entity = data if isinstance(data, dict) else document
        included = document.get("included")
        self.entities: list[Entity] = [e for e in included if isinstance(e, dict)] if isinstance(included, list) else []
        self.by_urn = {str(e["entityUrn"]): e for e in self.entities if e.get("entityUrn")}
        self.missing: dict[str, None] = {}

    def profile(self) -> Profile:
        root = self._root()
        mini = self._one(root, "miniProfile") or {}
        public_id = _text(root.get("publicIdentifier")) or _text(mini.get("publicIdentifier"))
        if not public_id:
            raise Invalid("profile", "The response contains no profile with a public identifier.", code="no_profile")
        read = (self._position(entity, group) for entity, group in self._positions(root))
        positions = tuple(position for position in read if position.title or position.company)
        educations = tuple(self._education(entity) for entity in self._listed(root, _EDUCATION_LISTS, "Education"))
        location, country = self._place(root)
        industry = self._one(root, "industry") or {}
        degree = self._degree(root)
        return Profile(
            public_id=public_id.casefold(),
            urn=_text(root.get("entityUrn")),
            first_name=_text(root.get("firstName")) or _text(mini.get("firstName")),
            last_name=_text(root.get("lastName")) or _text(mini.get("lastName")),
            headline=_text(root.get("headline")) or _text(mini.get("occupation")),
            summary=_text(root.get("summary")),
            location=location,
            country=country,
            industry=_text(industry.get("name")) or _text(root.get("industryName")),
            degree=degree,
            positions=positions,
            educations=educations,
            missing=tuple(self.missing),
        )

    def _root(self) -> Entity:
        """The profile that is asked for: named by `data`, else the only one that came."""
        for name in ("profile", "elements"):
            for entity in self._follow(self.data, name):
                if _kind(entity) in {"Profile", ""} or entity.get("publicIdentifier"):
                    return entity
        if self.data.get("publicIdentifier") or self.data.get("firstName"):
            return self.data
        profiles = [e for e in self.entities if _kind(e) == "Profile"]
        if not profiles:
            raise Invalid("profile", "The response contains no profile.", code="no_profile")
        own = _text(self.data.get("entityUrn"))
        return next((p for p in profiles if own and p.get("entityUrn") == own), profiles[0])

    # references

    def _follow(self, entity: Entity, name: str) -> Iterator[Entity]:
        """What `entity` refers to by `*name` or holds as `name`: one, a list, or a collection with elements."""
        if f"*{name}" in entity:
            value = entity[f"*{name}"]
            for urn in value if isinstance(value, list) else [value]:
                if not isinstance(urn, str):
                    continue
                if urn in self.by_urn:
                    yield from self._open(self.by_urn[urn])
                else:
                    self.missing[urn] = None
            return
        value = entity.get(name)
        if isinstance(value, str) and value in self.by_urn:
            yield from self._open(self.by_urn[value])
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from self._open(inner)

    def _open(self, entity: Entity) -> Iterator[Entity]:
        if "*elements" in entity or isinstance(entity.get("elements"), list):
            yield from self._follow({k: v for k, v in entity.items() if k in {"*elements", "elements"}}, "elements")
        else:
            yield entity

    def _one(self, entity: Entity, name: str) -> Entity | None:
        return next(self._follow(entity, name), None)

    def _listed(self, root: Entity, names: tuple[str, ...], kind: str) -> list[Entity]:
        """Items by the first list that names some, else all of that kind that came: they can only be this person's."""
        for owner in (root, self.data):
            for name in names:
                if found := [e for e in self._follow(owner, name) if _kind(e) in {kind, f"{kind}Group", ""}]:
                    return found[:MAX_ITEMS]
        return [e for e in self.entities if _kind(e) == kind][:MAX_ITEMS]

    def _positions(self, root: Entity) -> list[tuple[Entity, Entity]]:
        """Positions, each with the group that it is listed in: several roles in one company share its name and place."""
        found: list[tuple[Entity, Entity]] = []
        for entity in self._listed(root, _POSITION_LISTS, "Position"):
            inner = [e for name in _GROUP_LISTS for e in self._follow(entity, name)]
            found += [(role, entity) for role in inner if _text(role.get("title"))] or [(entity, {})]
        return found[:MAX_ITEMS]

    # parts

    def _position(self, entity: Entity, group: Entity) -> Position:
        started, ended = _dates(entity)
        holders = (entity, group)
        return Position(
            title=_text(entity.get("title")),
            company=next(filter(None, map(self._company_name, holders)), ""),
            company_urn=_first_text(holders, "companyUrn", "*company"),
            location=_first_text(holders, "locationName", "geoLocationName"),
            description=_text(entity.get("description")),
            started=started,
            ended=ended,
        )

    def _company_name(self, entity: Entity) -> str:
        company = self._one(entity, "company") or {}
        company = self._one(company, "miniCompany") or company
        return _text(entity.get("companyName")) or _text(company.get("name")) or _text(entity.get("name"))

    def _education(self, entity: Entity) -> Education:
        school = self._one(entity, "school") or {}
        started, ended = _dates(entity)
        return Education(
            school=_text(entity.get("schoolName")) or _text(school.get("name")) or _text(school.get("schoolName")),
            degree=_text(entity.get("degreeName")) or _text(entity.get("degree")),
            field=_text(entity.get("fieldOfStudy")),
            started=started,
            ended=ended,
        )

    def _place(self, root: Entity) -> tuple[str, str]:
        holder = self._one(root, "geoLocation") or root
        geo = self._one(holder, "geo") or {}
        country = self._one(geo, "country") or {}
        location = root.get("location")
        location = location if isinstance(location, dict) else {}
        basic = location.get("basicLocation")
        code = (
            _text(location.get("countryCode"))
            or (_text(basic.get("countryCode")) if isinstance(basic, dict) else "")
            or _text(geo.get("countryCode"))
            or _text(country.get("countryCode"))
        )
        name = _text(geo.get("defaultLocalizedName")) or _text(root.get("geoLocationName"))
        return name or _text(root.get("locationName")), code.upper() if len(code) == 2 else ""

    def _degree(self, root: Entity) -> int | None:
        for holder in (root, self.data):
            relation = self._one(holder, "memberRelationship")
            if relation is not None:
                return self._relation_degree(relation)
            if (degree := _distance(holder.get("distance"))) is not None:
                return degree
        relation = next((e for e in self.entities if _kind(e) == "MemberRelationship"), None)
        return self._relation_degree(relation) if relation is not None else None

    def _relation_degree(self, relation: Entity) -> int | None:
        union = relation.get("memberRelationshipUnion") or relation.get("memberRelationship")
        union = union if isinstance(union, dict) else relation
        if union.get("*connection") or union.get("connection"):
            return 1
        if union.get("self") is not None:
            return 0
        away = union.get("noConnection")
        distance = away.get("memberDistance") if isinstance(away, dict) else union.get("distance")
        return _distance(distance)


def _kind(entity: Entity) -> str:
    return _text(entity.get("$type") or entity.get("_type")).rpartition(".")[2]


def _text(value: Any) -> str:
    """One text; localised texts and attributed texts are opened."""
    if isinstance(value, dict):
        value = value.get("text") or value.get("value") or ""
    return value.strip() if isinstance(value, str) else ""


def _first_text(entities: Iterable[Entity], *names: str) -> str:
    """The first text that one of `entities` has under one of `names`."""
    return next((found for entity in entities for name in names if (found := _text(entity.get(name)))), "")


def _distance(value: Any) -> int | None:
    return _DISTANCES.get(_text(value).upper())


def _dates(entity: Entity) -> tuple[str, str]:
    span = entity.get("dateRange") or entity.get("timePeriod") or {}
    if not isinstance(span, dict):
        return "", ""
    return _date(span.get("start") or span.get("startDate")), _date(span.get("end") or span.get("endDate"))


def _date(value: Any) -> str:
    """`2019` or `2019-03`; empty for anything else."""
    if not isinstance(value, dict):
        return ""
    year, month = value.get("year"), value.get("month")
    if not isinstance(year, int) or not 1900 <= year <= 2200:
        return ""
    return f"{year}-{month:02d}" if isinstance(month, int) and 1 <= month <= 12 else str(year)
