"""What qualification sees of a lead: typed facts with ids, without name and addresses. Pure.

Facts come from outside (lists, pages): they are data to be compared and quoted, never instructions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leads.segments import lexicon
from outreach.core.hashing import canonical_hash

LONG_TEXT = 4_000
SHORT_TEXT = 300
MAX_ATTRIBUTES = 30
MAX_IMAGES = 3

Value = str | int | float | bool | list[str]

_ALIASES = {
    "compensation": ("compensation", "salary", "pay"),
    "is_remote": ("is_remote", "remote"),
    "employment_type": ("employment_type",),
    "skills": ("skills", "primary_skill"),
    "years_of_experience": ("years_of_experience", "experience_years"),
    "seniority": ("seniority", "level"),
    "company.size": ("company_size", "headcount"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng"),
}
_NOT_FACTS = re.compile(r"name|mail|phone|image|photo|url|link|address|passport|birth|hash|\bid\b|_id$")
"""Attributes that say who somebody is, or are no statement at all."""
_REMOTE = ("remote", "work from home", "wfh", "удалённо", "удаленно", "удалённ*", "удаленн*", "дистанционн*")
_ON_SITE = (
    "not remote",
    "no remote",
    "non-remote",
    "on-site only",
    "onsite only",
    "без удалёнки",
    "без удаленки",
    "только офис",
)


@dataclass(frozen=True)
class Fact:
    """One statement about a lead. `id` is stable: a verdict's reasons may cite it."""

    id: str
    value: Value


@dataclass(frozen=True)
class Profile:
    """All facts about one lead, and up to three pictures."""

    facts: tuple[Fact, ...]
    image_urls: tuple[str, ...] = ()

    @cached_property
    def _by_id(self) -> dict[str, Value]:
        return {fact.id: fact.value for fact in self.facts}

    def get(self, *ids: str) -> Any:
        """The value of the first of `ids` that is known, else None."""
        return next((self._by_id[i] for i in ids if i in self._by_id), None)

    @cached_property
    def text(self) -> str:
        """Everything that is searched for keywords, besides the title."""
        parts = (self.get(name) for name in ("description", "research", "company.research", "company.industry", "company.segment", "skills", "company.name"))  # fmt: skip
        return "\n".join(", ".join(p) if isinstance(p, list) else str(p) for p in parts if p)

    @cached_property
    def hash(self) -> str:
        """Canonical hash: unchanged facts keep their verdicts."""
        return canonical_hash({"facts": sorted((f.id, f.value) for f in self.facts), "images": list(self.image_urls)})

    def as_data(self) -> dict[str, Value]:
        return dict(self._by_id)


def profile_of(lead: Any) -> Profile:
    """The facts of a lead with its company (any object with the attributes of `leads.models.Lead`)."""
    attributes = {_key(k): v for k, v in (lead.attributes or {}).items()}
    facts = {fact_id: value for fact_id, value in _facts(lead, attributes) if value not in (None, "", [])}
    return Profile(tuple(Fact(k, v) for k, v in facts.items()), tuple(_images(attributes)))


def _facts(lead: Any, attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "kind", lead.kind
    yield "title", _short(lead.title)
    yield "description", _long(lead.description)
    yield "research", _long(_flat(lead.research))
    for name in ("country", "region", "city", "language"):
        yield name, _short(getattr(lead, name))
    yield "tags", [_short(tag) for tag in lead.tags][:30]
    used: set[str] = set()
    for fact_id, names in _ALIASES.items():
        used.update(names)
        yield (
            fact_id,
            _attribute(fact_id, next((attributes[n] for n in names if attributes.get(n) not in (None, "")), None)),
        )
    if _known_remote(attributes) is None:
        yield "is_remote", _remote_from_text(f"{lead.title}\n{lead.description}")
    company = lead.company
    if company is not None:
        for name in ("name", "industry", "segment", "country", "city"):
            yield f"company.{name}", _short(getattr(company, name))
        yield "company.employee_count", company.employee_count
        yield "company.is_sme", company.is_sme
        yield "company.research", _long(company.research_text)
    others = sorted(k for k in attributes if k not in used and not _NOT_FACTS.search(k))
    for key in others[:MAX_ATTRIBUTES]:
        value = attributes[key]
        if isinstance(value, str | int | float | bool):
            yield f"attributes.{key}", _short(value) if isinstance(value, str) else value


def _attribute(fact_id: str, raw: Any) -> Any:
    if raw is None:
        return None
    if fact_id == "is_remote":
        return _boolean(raw)
    if fact_id == "skills":
        parts = raw if isinstance(raw, list) else re.split(r"[,;|]", str(raw))
        return [_short(part) for part in parts if str(part).strip()][:50]
    if fact_id == "employment_type" and isinstance(raw, list):
        return [_short(part) for part in raw][:10]
    if fact_id in {"years_of_experience", "latitude", "longitude"}:
        match = re.search(r"-?\d+(?:\.\d+)?", str(raw))
        return float(match[0]) if match else None
    if fact_id == "compensation" and isinstance(raw, dict):
        return _short(" ".join(f"{k} {v}" for k, v in sorted(raw.items())))
    return _short(raw)


def _known_remote(attributes: Mapping[str, Any]) -> bool | None:
    return next((b for n in _ALIASES["is_remote"] if (b := _boolean(attributes.get(n))) is not None), None)


def _boolean(raw: Any) -> bool | None:
    text = str(raw).strip().lower()
    if text in {"true", "1", "yes", "да", "remote"}:
        return True
    return False if text in {"false", "0", "no", "нет"} else None


def _remote_from_text(text: str) -> bool | None:
    """What the text states; silence is not “no”."""
    if lexicon.find(_ON_SITE, text):
        return False
    return True if lexicon.find(_REMOTE, text) else None


def _images(attributes: Mapping[str, Any]) -> list[str]:
    raw = attributes.get("image_urls") or attributes.get("images") or []
    urls = raw if isinstance(raw, list) else [raw]
    return [u for u in urls if isinstance(u, str) and re.fullmatch(r"https?://[^\s\"'<>]{1,1000}", u)][:MAX_IMAGES]


def _flat(value: Any) -> str:
    """The texts in a nested research record, one a line."""
    if isinstance(value, dict):
        return "\n".join(filter(None, (_flat(v) for _k, v in sorted(value.items()))))
    if isinstance(value, list):
        return "\n".join(filter(None, (_flat(v) for v in value)))
    return value if isinstance(value, str) else ""


def _key(key: Any) -> str:
    return re.sub(r"\W+", "_", str(key).strip().lower())


def _short(value: Any) -> str:
    return " ".join(str(value or "").split())[:SHORT_TEXT]


def _long(value: Any) -> str:
    return str(value or "").strip()[:LONG_TEXT]
