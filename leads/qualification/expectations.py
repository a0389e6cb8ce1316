"""A brief's requirements: weights and settings of the five factors, with limits. Pure.

A factor without settings is not asked: its weight counts neither for the score nor for the coverage.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from leads.cleaning.cells import country
from outreach.core.errors import Invalid

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Words = Annotated[list[Word], Field(max_length=200)]


def _country(text: str) -> str:
    try:
        if code := country(text):
            return code
    except Invalid as error:
        raise ValueError(error.reason) from error
    raise ValueError("Enter a country.")


Country = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), AfterValidator(_country)]
"""A country by name or code, kept as ISO 3166-1 alpha-2."""
Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Level = Literal["intern", "junior", "middle", "senior", "lead", "manager", "head", "executive"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PayWanted(_Part):
    """A yearly range."""

    weight: Weight = 30
    minimum: float | None = Field(default=None, gt=0, le=1e9)
    maximum: float | None = Field(default=None, gt=0, le=1e9)
    currency: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^([A-Za-z]{3})?$")] = ""

    @model_validator(mode="after")
    def _ordered(self) -> PayWanted:
        if self.minimum and self.maximum and self.minimum > self.maximum:
            raise ValueError("The minimum is greater than the maximum.")
        return self

    @property
    def is_asked(self) -> bool:
        return self.minimum is not None or self.maximum is not None


class KeywordsWanted(_Part):
    """Words in title, description, research and industry. One `excluded` word found or `required` word missing is a no."""

    weight: Weight = 25
    wanted: Words = Field(default_factory=list)
    required: Words = Field(default_factory=list)
    excluded: Words = Field(default_factory=list)

    @property
    def is_asked(self) -> bool:
        return bool(self.wanted or self.required)


class Near(_Part):
    """A circle on the map."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    radius_km: float = Field(gt=0, le=20_000)


class PlaceWanted(_Part):
    weight: Weight = 20
    countries: Annotated[list[Country], Field(max_length=250)] = Field(default_factory=list)
    cities: Words = Field(default_factory=list)
    within_km: float | None = Field(default=None, gt=0, le=20_000)
    """Places so near to one of the cities count too."""
    remote: Literal["", "welcome", "required"] = ""
    near: Near | None = None

    @property
    def is_asked(self) -> bool:
        return bool(self.countries or self.cities or self.remote or self.near)


class ExperienceWanted(_Part):
    weight: Weight = 15
    levels: list[Level] = Field(default_factory=list)
    skills: Words = Field(default_factory=list)
    years_from: float | None = Field(default=None, gt=0, le=60)

    @property
    def is_asked(self) -> bool:
        return bool(self.levels or self.skills or self.years_from)


class CompanyWanted(_Part):
    weight: Weight = 10
    industries: Words = Field(default_factory=list)
    employees_from: int | None = Field(default=None, ge=1, le=10_000_000)
    employees_to: int | None = Field(default=None, ge=1, le=10_000_000)
    is_sme: bool | None = None

    @model_validator(mode="after")
    def _ordered(self) -> CompanyWanted:
        if self.employees_from and self.employees_to and self.employees_from > self.employees_to:
            raise ValueError("The smallest size is greater than the largest.")
        return self

    @property
    def is_asked(self) -> bool:
        return bool(self.industries or self.employees_from or self.employees_to) or self.is_sme is not None


class Expectations(_Part):
    """All five factors and the two bars that a lead has to clear."""

    pay: PayWanted = Field(default_factory=PayWanted)
    keywords: KeywordsWanted = Field(default_factory=KeywordsWanted)
    place: PlaceWanted = Field(default_factory=PlaceWanted)
    experience: ExperienceWanted = Field(default_factory=ExperienceWanted)
    company: CompanyWanted = Field(default_factory=CompanyWanted)
    minimum_coverage: float = Field(default=0.4, ge=0, le=1)
    threshold: float = Field(default=0.6, ge=0, le=1)


def parse(raw: Any) -> Expectations:
    """Checked settings. Raises `Invalid` that names the setting: `place.countries[0]`."""
    try:
        return Expectations.model_validate(raw if raw is not None else {})
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "There is no such setting."
        raise Invalid(place or "factors", message) from error


def from_criteria(criteria: dict[str, Any]) -> Expectations:
    """The short form of the API: min_salary, max_salary, keywords, location_preference, and a few more."""
    known = {"min_salary", "max_salary", "currency", "keywords", "excluded_keywords", "location_preference",
             "seniority", "skills", "industries", "min_employees", "max_employees", "weights", "minimum_coverage", "threshold"}  # fmt: skip
    for name in criteria:
        if name not in known:
            raise Invalid(f"criteria.{name}", f"Unknown criterion. Use one of: {', '.join(sorted(known))}.")
    place: dict[str, Any] = {}
    preference = criteria.get("location_preference") or ""
    for part in [preference] if isinstance(preference, str) else preference:
        text = str(part).strip()
        if text.lower() in {"remote", "удаленно", "удалённо"}:
            place["remote"] = "required" if preference == part else "welcome"
        elif len(text) == 2 and text.isalpha():
            place.setdefault("countries", []).append(text)
        elif text:
            place.setdefault("cities", []).append(text)
    company = {"industries": criteria.get("industries") or [], "employees_from": criteria.get("min_employees"), "employees_to": criteria.get("max_employees")}  # fmt: skip
    levels = criteria.get("seniority") or []
    raw: dict[str, Any] = {
        "pay": {
            "minimum": criteria.get("min_salary"),
            "maximum": criteria.get("max_salary"),
            "currency": criteria.get("currency") or "",
        },
        "keywords": {
            "wanted": criteria.get("keywords") or [],
            "excluded": criteria.get("excluded_keywords") or [],
        },
        "place": place,
        "experience": {
            "levels": [levels] if isinstance(levels, str) else levels,
            "skills": criteria.get("skills") or [],
        },
        "company": company,
    }
    weights = criteria.get("weights") or {}
    if not isinstance(weights, dict):
        raise Invalid("criteria.weights", 'Write an object such as {"pay": 30}.')
    for name, weight in weights.items():
        if name not in raw:
            raise Invalid(f"criteria.weights.{name}", f"Unknown factor. Use one of: {', '.join(raw)}.")
        raw[name]["weight"] = weight
    return parse(raw | {k: criteria[k] for k in ("minimum_coverage", "threshold") if k in criteria})
