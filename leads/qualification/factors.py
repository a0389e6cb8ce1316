"""The five factors: pay, keywords, place, experience, company. Pure and replayable.

Each factor gives a value in [0, 1], or None where nothing is known (never 0 for missing data), a weight and a
sentence. The score is the weighted mean of what is known; coverage is the known share of the weight that was asked.
Facts come from `profile.Profile`, wishes from `expectations.Expectations`.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from leads.cleaning import compensation, currencies
from leads.cleaning.compensation import Pay
from leads.qualification import places, seniority
from leads.qualification.expectations import (
    CompanyWanted,
    Expectations,
    ExperienceWanted,
    KeywordsWanted,
    Near,
    PayWanted,
    PlaceWanted,
)
from leads.qualification.profile import Profile
from leads.segments import lexicon
from outreach.core.words import gettext, joined
from outreach.core.words import gettext_noop as _

RULES_VERSION = "rules-3"
"""Changes whenever the same facts and wishes would give another result."""

GRADES = ((0.8, "A"), (0.65, "B"), (0.5, "C"), (0.35, "D"), (0.2, "E"), (0.0, "F"))

NAMES = {
    "pay": _("Pay"),
    "keywords": _("Keywords"),
    "place": _("Place"),
    "experience": _("Experience"),
    "company": _("Company"),
}


@dataclass(frozen=True)
class Sentence:
    """A sentence with named placeholders, so that it can be translated."""

    text: str
    gaps: dict[str, Any] = field(default_factory=dict)

    def say(self) -> str:
        """In the active language."""
        gaps = {
            k: joined(", ", (gettext(str(p)) for p in v)) if isinstance(v, list) else v for k, v in self.gaps.items()
        }
        return gettext(self.text) % gaps if gaps else gettext(self.text)


@dataclass(frozen=True)
class Factor:
    """One factor's result. `value` None: nothing known, or (`is_asked` false) nothing asked."""

    name: str
    weight: float
    value: float | None
    is_asked: bool
    sentences: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Assessment:
    """The rules' result for one profile."""

    score: float | None
    coverage: float
    grade: str
    is_qualified: bool | None
    """None: less is known than the brief demands."""
    factors: tuple[Factor, ...]
    flags: tuple[str, ...]

    def reasons(self) -> list[str]:
        """The sentences of all factors that were asked, known ones first."""
        asked = sorted((f for f in self.factors if f.is_asked), key=lambda f: f.value is None)
        return [s.say() for f in asked for s in f.sentences]

    def as_json(self) -> dict[str, Any]:
        """Per factor: weight, value, whether asked, sentences with their placeholders."""
        return {f.name: {k: v for k, v in asdict(f).items() if k != "name"} for f in self.factors}


def assess(profile: Profile, wanted: Expectations) -> Assessment:
    """Judge `profile` by the rules. Same input, same result."""
    keywords, flags = _keywords(profile, wanted.keywords)
    factors = (
        _pay(profile, wanted.pay),
        keywords,
        _place(profile, wanted.place),
        _experience(profile, wanted.experience),
        _company(profile, wanted.company),
    )
    asked = [f for f in factors if f.is_asked and f.weight > 0]
    known = [f for f in asked if f.value is not None]
    weight = sum(f.weight for f in known)
    total = sum(f.weight for f in asked)
    score = round(sum(f.weight * (f.value or 0.0) for f in known) / weight, 4) if weight else None
    coverage = round(weight / total, 4) if total else 0.0
    is_enough = score is not None and coverage >= wanted.minimum_coverage
    flags += [f"unknown_{f.name}" for f in asked if f.value is None]
    is_qualified: bool | None = None
    if {"excluded_keyword", "required_keyword_missing"} & set(flags):
        is_qualified = False
    elif is_enough and score is not None:
        is_qualified = score >= wanted.threshold
    else:
        flags.append("not_enough_information")
    return Assessment(score, coverage, grade_of(score) if is_enough else "", is_qualified, factors, tuple(flags))


def grade_of(score: float | None) -> str:
    """A (0.8 and more) to F; empty for no score."""
    return "" if score is None else next(grade for bound, grade in GRADES if score >= bound)


def _result(name: str, wanted: Any, value: float | None, *sentences: Sentence) -> Factor:
    rounded = None if value is None else round(min(max(value, 0.0), 1.0), 4)
    return Factor(name, wanted.weight, rounded, wanted.is_asked, tuple(sentences) if wanted.is_asked else ())


# --- pay


def _pay(profile: Profile, wanted: PayWanted) -> Factor:
    if not wanted.is_asked:
        return _result("pay", wanted, None)
    written = profile.get("compensation")
    offer = _pay_of(written)
    if offer is None:
        if written is None:
            return _result("pay", wanted, None, Sentence(_("Pay not stated")))
        return _result(
            "pay", wanted, None, Sentence(_("Pay “%(written)s” contains no figure"), {"written": written[:60]})
        )
    said = str(offer)
    if wanted.currency and offer.currency and wanted.currency != offer.currency:
        converted = currencies.convert(offer, wanted.currency)
        if converted is None:
            gaps = {"offer": said, "currency": wanted.currency}
            return _result("pay", wanted, None, Sentence(_("Pay (%(offer)s) is not in %(currency)s"), gaps))
        said = f"{said} ≈ {converted}, {currencies.dated(offer.currency, wanted.currency)}"
        offer = converted
    value = pay_match(offer, wanted.minimum, wanted.maximum)
    gaps = {"offer": said}
    if value >= 0.999:
        return _result("pay", wanted, value, Sentence(_("Salary matches the preferred range (%(offer)s)"), gaps))
    if value > 0.5:
        return _result("pay", wanted, value, Sentence(_("Salary overlaps the preferred range (%(offer)s)"), gaps))
    return _result("pay", wanted, value, Sentence(_("Salary is outside the preferred range (%(offer)s)"), gaps))


@lru_cache(maxsize=20_000)
def _pay_of(written: str | None) -> Pay | None:
    return compensation.parse(written)


def pay_match(offer: Pay, minimum: float | None, maximum: float | None) -> float:
    """1 when the offer lies within the wish, 0.5 to 1 by the share that overlaps, below 0.5 by how far it misses it.

    A miss of a quarter of the bound is 0. An offer's open end is taken as its other end.
    """
    low = offer.minimum if offer.minimum is not None else (offer.maximum or 0.0)
    high = offer.maximum if offer.maximum is not None else low
    floor, ceiling = minimum or 0.0, maximum if maximum is not None else math.inf
    if high < floor or low > ceiling:
        gap, bound = (floor - high, floor) if high < floor else (low - ceiling, ceiling)
        return 0.5 * max(0.0, 1 - gap / (0.25 * bound))
    if high == low:
        return 1.0
    return 0.5 + 0.5 * (min(high, ceiling) - max(low, floor)) / (high - low)


# --- keywords


def _keywords(profile: Profile, wanted: KeywordsWanted) -> tuple[Factor, list[str]]:
    title, text = profile.get("title") or "", profile.text
    whole = f"{title}\n{text}"
    flags: list[str] = []
    hits = [word for word in wanted.excluded if lexicon.find([word], whole)]
    if hits:
        flags.append("excluded_keyword")
    barred = Sentence(_("Contains excluded words: %(words)s"), {"words": hits})
    if not wanted.is_asked:
        factor = _result("keywords", wanted, None)
        return (Factor("keywords", wanted.weight, 0.0, is_asked=True, sentences=(barred,)) if hits else factor), flags
    if not whole.strip():
        return _result("keywords", wanted, None, Sentence(_("No text to search for keywords"))), flags
    words = list(dict.fromkeys([*wanted.required, *wanted.wanted]))
    found = [word for word in words if lexicon.find([word], whole)]
    missing = [word for word in wanted.required if word not in found]
    sentences = [Sentence(_("Contains %(found)s/%(asked)s keywords: %(words)s"), {"found": len(found), "asked": len(words), "words": found})]  # fmt: skip
    if not found:
        sentences = [Sentence(_("Contains none of %(asked)s keywords"), {"asked": len(words)})]
    if missing:
        flags.append("required_keyword_missing")
        sentences.append(Sentence(_("Required words are missing: %(words)s"), {"words": missing}))
    if hits:
        sentences.append(barred)
        return _result("keywords", wanted, 0.0, *sentences), flags
    value = sum(_presence(word, title, text) for word in found) / len(words)
    return _result("keywords", wanted, value, *sentences), flags


def _presence(word: str, title: str, text: str) -> float:
    """1 in the title or three times in the text, 0.9 twice, 0.8 once."""
    if lexicon.find([word], title):
        return 1.0
    return min(1.0, 0.7 + 0.1 * min(lexicon.occurrences(word, text), 3))


# --- place


def _place(profile: Profile, wanted: PlaceWanted) -> Factor:
    if not wanted.is_asked:
        return _result("place", wanted, None)
    is_remote = profile.get("is_remote")
    if wanted.remote and is_remote:
        return _result("place", wanted, 1.0, Sentence(_("Remote position available")))
    has_location = bool(wanted.countries or wanted.cities or wanted.near)
    if wanted.remote == "required":
        if is_remote is None:
            return _result("place", wanted, None, Sentence(_("Doesn't say whether remote work is possible")))
        return _result("place", wanted, 0.0, Sentence(_("Not remote")))
    if not has_location:
        return _result("place", wanted, None, Sentence(_("Doesn't say whether remote work is possible")))
    parts = [
        part
        for part in (
            _near(profile, wanted.near) if wanted.near else None,
            _area(profile, wanted) if wanted.countries or wanted.cities else None,
        )
        if part is not None
    ]
    known = [part for part in parts if part[0] is not None]
    if not known:
        return _result("place", wanted, None, Sentence(_("Place unknown")))
    value, sentence = max(known, key=lambda part: part[0] or 0.0)
    return _result("place", wanted, value, sentence)


def _area(profile: Profile, wanted: PlaceWanted) -> tuple[float | None, Sentence]:
    """City before country; a country alone is half a match where cities were asked."""
    country = (profile.get("country", "company.country") or "").upper()
    city = profile.get("city", "company.city") or ""
    shown = {"place": ", ".join(part for part in (city, country) if part)}
    if wanted.countries and country and country not in wanted.countries:
        return 0.0, Sentence(_("Place is outside the preferred area (%(place)s)"), shown)
    is_in_country = bool(wanted.countries) and country in wanted.countries
    if not wanted.cities:
        return (1.0 if country else None), Sentence(_("Place matches (%(place)s)"), shown)
    if city and lexicon.find(wanted.cities, city):
        return 1.0, Sentence(_("Place matches (%(place)s)"), shown)
    if wanted.within_km and (km := _km_to_cities(profile, wanted, city, country)) is not None:
        return _by_distance(km, wanted.within_km)
    if is_in_country:
        return 0.5, Sentence(_("Country matches; city differs or is unknown (%(place)s)"), shown)
    return (0.0 if city else None), Sentence(_("Place is outside the preferred area (%(place)s)"), shown)


def _near(profile: Profile, near: Near) -> tuple[float | None, Sentence]:
    here = _point(profile, profile.get("city", "company.city") or "", profile.get("country", "company.country") or "")
    if here is None:
        return None, Sentence("")
    return _by_distance(distance_km(*here, near.latitude, near.longitude), near.radius_km)


def _by_distance(km: float, radius_km: float) -> tuple[float, Sentence]:
    """1 within the radius, falling to 0 at twice of it."""
    sentence = (
        _("%(km)s km away, within %(radius)s km")
        if km <= radius_km
        else _("%(km)s km away, farther than %(radius)s km")
    )
    return max(0.0, min(1.0, 2 - km / radius_km)), Sentence(sentence, {"km": round(km), "radius": round(radius_km)})


def _point(profile: Profile, city: str, country: str) -> places.Point | None:
    """Where the lead is: as stated, else by its city."""
    latitude, longitude = profile.get("latitude"), profile.get("longitude")
    if latitude is not None and longitude is not None:
        return float(latitude), float(longitude)
    return places.point_of(city, country) if city else None


def _km_to_cities(profile: Profile, wanted: PlaceWanted, city: str, country: str) -> float | None:
    """To the nearest of the wanted cities, looked for in the wanted country, if there is one, else in the lead's."""
    here = _point(profile, city, country)
    home = wanted.countries[0] if len(wanted.countries) == 1 else country
    there = [places.point_of(name, home) or places.point_of(name) for name in wanted.cities]
    known = [point for point in there if point is not None]
    return min(distance_km(*here, *point) for point in known) if here and known else None


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance (haversine, mean Earth radius 6371 km)."""
    a, b = math.radians(latitude), math.radians(other_latitude)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(min(1.0, half)))


# --- experience


def _experience(profile: Profile, wanted: ExperienceWanted) -> Factor:
    if not wanted.is_asked:
        return _result("experience", wanted, None)
    values: list[float] = []
    sentences: list[Sentence] = []
    level = seniority.level_of(f"{profile.get('seniority') or ''}\n{profile.get('title') or ''}")
    if wanted.levels and level:
        steps = seniority.distance(level, list(wanted.levels))
        values.append(max(0.0, 1 - steps / 2))
        text = _("Seniority matches (%(level)s)") if steps == 0 else _("Seniority differs (%(level)s)")
        sentences.append(Sentence(text, {"level": [seniority.LEVELS[level]]}))
    whole = f"{profile.get('title') or ''}\n{profile.text}"
    if wanted.skills and profile.text.strip():
        found = [skill for skill in wanted.skills if lexicon.find([skill], whole)]
        values.append(len(found) / len(wanted.skills))
        gaps = {"found": len(found), "asked": len(wanted.skills)}
        sentences.append(Sentence(_("%(found)s/%(asked)s skills are mentioned"), gaps))
    years = profile.get("years_of_experience")
    if wanted.years_from and years is not None:
        values.append(min(1.0, max(0.0, years / wanted.years_from)))
        sentences.append(Sentence(_("%(years)s years of experience"), {"years": f"{years:g}"}))
    if not values:
        return _result("experience", wanted, None, Sentence(_("Experience not stated")))
    return _result("experience", wanted, sum(values) / len(values), *sentences)


# --- company


def _company(profile: Profile, wanted: CompanyWanted) -> Factor:
    if not wanted.is_asked:
        return _result("company", wanted, None)
    values: list[float] = []
    sentences: list[Sentence] = []
    size = _size(profile)
    if (wanted.employees_from or wanted.employees_to) and size:
        value = size_match(size, wanted.employees_from, wanted.employees_to)
        values.append(value)
        text = (
            _("Company size fits (%(size)s employees)")
            if value == 1
            else _("Company size is outside the preferred range (%(size)s employees)")
        )
        sentences.append(Sentence(text, {"size": size}))
    industry = " / ".join(part for part in (profile.get("company.industry"), profile.get("company.segment")) if part)
    if wanted.industries and industry:
        is_fit = lexicon.find(wanted.industries, industry)
        values.append(1.0 if is_fit else 0.0)
        text = _("Industry fits (%(industry)s)") if is_fit else _("Different industry (%(industry)s)")
        sentences.append(Sentence(text, {"industry": industry}))
    is_sme = profile.get("company.is_sme")
    if wanted.is_sme is not None and is_sme is not None:
        values.append(1.0 if is_sme is wanted.is_sme else 0.0)
        sentences.append(Sentence(_("In the register of small and medium-sized companies") if is_sme else _("Not in the register of small and medium-sized companies")))  # fmt: skip
    if not values:
        return _result("company", wanted, None, Sentence(_("Company size and industry unknown")))
    return _result("company", wanted, sum(values) / len(values), *sentences)


def _size(profile: Profile) -> int | None:
    """Employees as counted, else the middle of a range such as “51-200”."""
    counted = profile.get("company.employee_count")
    if counted:
        return int(counted)
    written = str(profile.get("company.size") or "").replace(",", "").replace(" ", "")
    numbers = [int(part) for part in re.findall(r"\d{1,9}", written)][:2]
    return round(sum(numbers) / len(numbers)) if numbers and sum(numbers) else None


def size_match(size: int, low: int | None, high: int | None) -> float:
    """1 within the bounds, one half less for each doubling beyond them."""
    bound = low if low and size < low else high if high and size > high else None
    return 1.0 if bound is None else max(0.0, 1 - abs(math.log2(size / bound)) / 2)
