"""What a model may say about a lead, and which of it is kept. Pure.

The answer is points that cite facts by id. A point is dropped when it cites nothing that exists, brings a link, an
address or a number that its facts do not have, or shares no word with them: what is shown can be looked up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from leads.insights.extraction import Point, Statement, Written

MAX_FACTS = 3_900
"""Characters of the data block; a longer one would be cut in the middle of a fact."""
MOST_POINTS = 5

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class CitedPoint(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Text
    facts: Annotated[list[int], Field(max_length=10)]


Points = Annotated[list[CitedPoint], Field(max_length=10)]


class InsightAnswer(BaseModel):
    """The model's answer."""

    model_config = ConfigDict(extra="forbid")

    summary: Points
    fit: Points
    fit_score: Annotated[int, Field(ge=0, le=100)] | None
    pains: Points
    triggers: Points
    angles: Points


_LINK = re.compile(
    r"https?://\S|www\.\S|\S@\S+\.\w|(?<!\w)(?:[a-z0-9-]+\.)+(?:com|net|org|io|ru|info|biz|xyz|top|link|app)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]{4,}")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def facts_text(statements: Iterable[Statement]) -> tuple[str, list[Statement]]:
    """The facts as complete JSON (`{"id": "quote"}`) within the limit, and which facts it contains."""
    given: list[Statement] = []
    for row in statements:
        if len(_json([*given, row])) > MAX_FACTS:
            break
        given.append(row)
    return _json(given), given


def _json(rows: Sequence[Statement]) -> str:
    text = json.dumps({str(row.id): row.quote for row in rows}, ensure_ascii=False, indent=0)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("`", "\\u0060")


def as_answer(written: Written) -> InsightAnswer:
    """The built-in rules' result in the form of a model's answer: used when no model is available."""
    return InsightAnswer(
        summary=_cited(written.summary),
        fit=_cited(written.fit),
        fit_score=written.fit_score,
        pains=_cited(written.pains),
        triggers=_cited(written.triggers),
        angles=_cited(written.angles),
    )


def _cited(points: Iterable[Point]) -> list[CitedPoint]:
    return [CitedPoint(text=point.text, facts=list(point.facts)) for point in points]


def checked(answer: InsightAnswer, statements: Iterable[Statement], *, names: Iterable[str] = ()) -> Written:
    """The part of an answer that rests on facts; `names` (of company and person) are allowed in any point."""
    quotes = {row.id: row.quote for row in statements}
    written, dropped = Written(fit_score=answer.fit_score), list[str]()
    for part in ("summary", "fit", "pains", "triggers", "angles"):
        kept: list[Point] = getattr(written, part)
        for point in getattr(answer, part):
            text = " ".join(_CONTROL.sub(" ", point.text).split())
            cited = tuple(dict.fromkeys(fact for fact in point.facts if fact in quotes))
            if reason := _objection(text, [quotes[fact] for fact in cited], names):
                dropped.append(reason)
            elif len(kept) < MOST_POINTS:
                kept.append(Point(text, cited))
    written.remarks = [f"{reason}: {dropped.count(reason)}" for reason in sorted(set(dropped))]
    return written


def _objection(text: str, quotes: list[str], names: Iterable[str]) -> str:
    """Why a point is dropped, as a code; empty: it is kept."""
    if not text or not quotes:
        return "point_without_fact"
    given = "\n".join(quotes)
    if _LINK.search(text):
        return "point_with_link"
    if set(_NUMBER.findall(text)) - set(_NUMBER.findall(given)):
        return "number_without_fact"
    same_script = bool(_CYRILLIC.search(text)) == bool(_CYRILLIC.search(given))
    if same_script and not _stems(text, names) & _stems(given, ()):
        return "point_unlike_its_facts"
    return ""


def _stems(text: str, names: Iterable[str]) -> set[str]:
    """Word prefixes of a text without names: enough to see that two texts are about the same thing."""
    own = {word[:5] for name in names for word in _WORD.findall(name.lower())}
    return {word[:5] for word in _WORD.findall(text.lower())} - own


def points(rows: Iterable[Mapping[str, object]]) -> list[Point]:
    """Stored points."""
    return [Point(str(row.get("text", "")), tuple(row.get("facts", ()))) for row in rows]  # type: ignore[arg-type]
