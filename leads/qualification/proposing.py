"""The five factors out of a founder's own words: read by a model where there is one, else by these rules.

What is proposed is shown to be corrected, and never stored as it is. The rules are pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from leads.cleaning import cells, compensation
from leads.qualification import seniority
from leads.qualification.expectations import Expectations, parse
from leads.qualification.industries import INDUSTRIES
from leads.segments import lexicon
from outreach.core.errors import Invalid
from outreach.llm import services as llm
from outreach.prompts import services as packs
from outreach.prompts.rendering import render

PACK = "brief-words"
MOST_WORDS = 20

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Words = Annotated[list[Word], Field(max_length=60)]

_PEOPLE = r"(?:employees|people|staff|persons|fte|heads|сотрудник\w*|человек|чел\b)"
_NUMBER = r"(\d[\d\s.,]{0,9}\d|\d)"
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|–|—|to|до|and|и)\s*{_NUMBER}\s*{_PEOPLE}")
_AT_LEAST = re.compile(
    rf"(?:more than|over|at least|from|above|min\.?|от|больше|более|свыше|не менее)\s*{_NUMBER}\+?\s*{_PEOPLE}|{_NUMBER}\+\s*{_PEOPLE}"
)
_AT_MOST = re.compile(
    rf"(?:up to|fewer than|less than|under|at most|below|max\.?|до|меньше|менее|не более)\s*{_NUMBER}\s*{_PEOPLE}"
)
_YEARS = re.compile(r"(\d{1,2})\s*\+?\s*(?:years?|yrs|лет|года?)\b")
_NOT = re.compile(
    r"(?:\bno|\bnot|\bwithout|\bexcept|\bexcluding|\bavoid|\bкроме|\bбез|\bисключая|\bне)\s+(?:an?\s+|the\s+|any\s+|for\s+)?"
    r"([^,.;:()\n]+)"
)
_AND = re.compile(r"\s+(?:and|or|nor|и|или|ни)\s+|/")
_QUOTED = re.compile(r"[“\"«„]([^”\"»“]{2,60})[”\"»“]")
_MUST = re.compile(r"(?:\bmust|\bobligatory|\brequired|обязательно|должн\w+)[^“\"«„.;\n]{0,40}$")
_SKILLS = re.compile(
    r"(?:\busing|\buses?|\bknows?|\bskilled in|\bskills:|\bexperience (?:with|in)|\bработа\w+ с|\bзна\w+|\bнавыки:|\bопыт с)\s+([^.;:()\n]+)"
)
_REMOTE = ("remote", "remotely", "удалённ*", "удаленн*", "дистанционн*")
_REMOTE_ONLY = re.compile(
    r"(?:only|fully|100 ?%|must be|строго|только|полностью)\s+(?:remote|удал)|remote(?:ly)? only|удал[её]нн\w+ только"
)
_SMALL = (
    "sme",
    "smes",
    "smb",
    "smbs",
    "small and medium*",
    "small business*",
    "мсп",
    "малый бизнес",
    "малые и средние",
    "малого и среднего бизнеса",
)
_CODES = {"US": "US", "USA": "US", "UK": "GB", "UAE": "AE", "США": "US", "РФ": "RU", "ОАЭ": "AE"}
_PAY = re.compile(r"(?:pay|paid|salary|salaries|compensation|budget of|зарплат\w+|оклад\w*|оплат\w+)[^.;\n]{0,60}")
_CAPITAL = re.compile(r"\b[A-ZА-ЯЁ][\w'-]+(?:\s+(?:of\s+)?[A-ZА-ЯЁ][\w'-]+){0,2}")
_ENDINGS = (("ии", "ия"), ("ию", "ия"), ("ией", "ия"), ("е", "а"), ("ы", "а"), ("у", "а"), ("е", ""), ("а", ""), ("у", ""), ("ом", ""), ("е", "я"), ("ше", "ша"))  # fmt: skip


class Proposal(BaseModel):
    """The settings that the words amount to; what they do not say stays empty."""

    model_config = ConfigDict(extra="forbid")

    keywords: Words = Field(default_factory=list)
    required: Words = Field(default_factory=list)
    excluded: Words = Field(default_factory=list)
    levels: Words = Field(default_factory=list)
    countries: Words = Field(default_factory=list)
    cities: Words = Field(default_factory=list)
    industries: Words = Field(default_factory=list)
    skills: Words = Field(default_factory=list)
    employees_from: int | None = None
    employees_to: int | None = None
    is_sme: bool | None = None
    years_from: float | None = None
    remote: str = ""
    pay_minimum: float | None = None
    pay_maximum: float | None = None
    pay_currency: str = ""


def propose(description: str) -> tuple[dict[str, Any], bool]:
    """The factors that `description` asks for, checked, and whether a model read it. Waits for an answer: not inside a
    transaction."""
    version = packs.current(PACK)
    question = render(
        version,
        language="ru" if get_language() == "ru" else "en",
        trusted={"levels": ", ".join(seniority.LEVELS), "words": description},
        untrusted={},
    )
    trace = llm.open_trace("brief in words")
    answer = llm.complete(
        llm.Call(
            trace=trace,
            step="brief",
            route="qualify",
            messages=question.messages,
            schema=Proposal,
            builtin=lambda: read(description),
            pack_sha=version.sha,
        )
    )
    llm.close_trace(trace)
    return factors_of(answer.output), not answer.is_builtin


def factors_of(proposal: Proposal) -> dict[str, Any]:
    """As settings of a brief. A part that is not possible (an unknown country or level) is left out."""
    levels = [level for level in proposal.levels if level in seniority.LEVELS]
    parts: list[tuple[str, dict[str, Any]]] = [
        ("keywords", {"wanted": proposal.keywords, "required": proposal.required, "excluded": proposal.excluded}),
        ("place", {"countries": _countries(proposal.countries), "cities": proposal.cities,
                   "remote": proposal.remote if proposal.remote in ("welcome", "required") else ""}),
        ("experience", {"levels": levels, "skills": proposal.skills, "years_from": proposal.years_from}),
        ("company", {"industries": proposal.industries, "employees_from": proposal.employees_from,
                     "employees_to": proposal.employees_to, "is_sme": proposal.is_sme}),
        ("pay", {"minimum": proposal.pay_minimum, "maximum": proposal.pay_maximum, "currency": proposal.pay_currency}),
    ]  # fmt: skip
    found: dict[str, Any] = {}
    for name, settings in parts:
        given = {key: value for key, value in settings.items() if value not in (None, "", [])}
        try:
            parse({name: given})
        except Invalid:
            continue
        if given:
            found[name] = given
    return Expectations.model_validate(found).model_dump(mode="json")


def read(description: str) -> Proposal:
    """What the rules find in the words. Same words, same proposal."""
    text = description.lower()
    excluded = _unique(word for match in _NOT.finditer(text) for word in _AND.split(match[1]))
    wanted = _NOT.sub(" ", text)
    required: list[str] = []
    keywords: list[str] = []
    for match in _QUOTED.finditer(description):
        (required if _MUST.search(text[: match.start()]) else keywords).append(match[1])
    low, high = _size(wanted)
    years = _YEARS.search(wanted)
    pay = _pay(description)
    return Proposal(
        keywords=_unique(keywords),
        required=_unique(required),
        excluded=[word for word in excluded if len(word.split()) <= 4][:MOST_WORDS],
        levels=_levels(wanted),
        countries=_places(description),
        industries=[name for name, words in INDUSTRIES.items() if lexicon.find(words, wanted)],
        skills=_unique(word for match in _SKILLS.finditer(wanted) for part in match[1].split(",") for word in _AND.split(part))[:MOST_WORDS],
        employees_from=low,
        employees_to=high,
        is_sme=True if lexicon.find(_SMALL, wanted) else None,
        years_from=float(years[1]) if years else None,
        remote="required" if _REMOTE_ONLY.search(wanted) else "welcome" if lexicon.find(_REMOTE, wanted) else "",
        **pay,
    )  # fmt: skip


def _levels(text: str) -> list[str]:
    """The levels of the titles that are named; a piece of text between commas names at most one."""
    pieces = re.split(r"[,;.:\n()/]|\s(?:and|or|и|или|at|in|of companies|в)\s", text)
    found = {level for piece in pieces for form in _singular(piece) if (level := seniority.level_of(form))}
    return [level for level in seniority.LEVELS if level in found]


def _singular(piece: str) -> tuple[str, ...]:
    """The piece, and what it would be about one person: “CTOs”, «директора», «руководители»."""
    english = re.sub(r"\b([a-z]{2,})s\b", r"\1", piece)
    russian = re.sub(r"([а-яё]{3,}[иы])е\b", r"\1й", piece)
    return piece, english, re.sub(r"([а-яё]{3,})[аы]\b", r"\1", russian), re.sub(r"([а-яё]{3,})и\b", r"\1ь", russian)


def _size(text: str) -> tuple[int | None, int | None]:
    if match := _RANGE.search(text):
        low, high = sorted((_whole(match[1]), _whole(match[2])))
        return low, high
    least, most = _AT_LEAST.search(text), _AT_MOST.search(text)
    return (_whole(least[1] or least[2]) if least else None), (_whole(most[1]) if most else None)


def _whole(written: str) -> int:
    return int(re.sub(r"\D", "", written))


def _pay(description: str) -> dict[str, Any]:
    match = _PAY.search(description.lower())
    offer = compensation.parse(description[match.start() : match.end()]) if match else None
    if offer is None:
        return {}
    return {"pay_minimum": offer.minimum, "pay_maximum": offer.maximum, "pay_currency": offer.currency or ""}


def _places(description: str) -> list[str]:
    """Countries named with a capital letter, Russian cases included."""
    found = [code for word, code in _CODES.items() if re.search(rf"\b{word}\b", description)]
    for match in _CAPITAL.finditer(description):
        words = match[0].split()
        parts = (
            words[start : start + size] for size in range(len(words), 0, -1) for start in range(len(words) - size + 1)
        )
        found += [code for part in parts if (code := _country(" ".join(part)))]
    return list(dict.fromkeys(found))


def _country(name: str) -> str:
    if len(name) < 4:
        return ""
    for form in (name, *(name.removesuffix(end) + start for end, start in _ENDINGS if name.endswith(end))):
        try:
            return cells.country(form)
        except Invalid:
            continue
    return ""


def _countries(names: Iterable[str]) -> list[str]:
    found = []
    for name in names:
        try:
            found.append(cells.country(name))
        except Invalid:
            continue
    return found


def _unique(words: Iterable[str]) -> list[str]:
    return [word for word in dict.fromkeys(" ".join(word.split()).strip(" '-") for word in words) if len(word) > 1]
