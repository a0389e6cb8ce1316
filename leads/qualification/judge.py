"""A language model as judge of one profile: its input and the schema of its answer. Pure.

The question itself is the prompt pack `qualify`. Facts stand apart from its instructions as JSON data; the answer can say yes, no and why, and nothing else: no address,
no link, no state. What does not fit the schema is not used.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from leads.qualification.expectations import Expectations
from leads.qualification.factors import Assessment
from leads.qualification.profile import Profile

NOT_ENOUGH = "not_enough_information"
MODEL_UNAVAILABLE = "model_unavailable"
PACK = "qualify"
MAX_FACTS = 3_900
MAX_FACT = 900

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Flag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class Judgement(BaseModel):
    """The judge's answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    qualified: bool
    confidence: Annotated[float, Field(ge=0, le=1, strict=False)]
    score: Annotated[int, Field(ge=0, le=100)]
    reasons: Annotated[list[Reason], Field(max_length=12)]
    flags: Annotated[list[Flag], Field(max_length=12)]

    @field_validator("reasons", "flags", mode="before")
    @classmethod
    def _without_control_characters(cls, value: Any) -> Any:
        if isinstance(value, list):
            return [_CONTROL.sub(" ", item) if isinstance(item, str) else item for item in value]
        return value


def brief_text(*, name: str, description: str, wanted: Expectations) -> str:
    """What we look for, as JSON: written by us, so it may stand among the instructions."""
    asked = {
        factor: settings
        for factor, settings in wanted.model_dump(exclude_defaults=True).items()
        if isinstance(settings, dict)
    }
    return _json({"name": name, "looking_for": description, "wishes": asked})


def facts_text(profile: Profile) -> str:
    """The facts as JSON that is whole within the limit of a data block: long texts are cut, late facts left out."""
    facts: dict[str, Any] = {}
    for fact in profile.facts:
        value = fact.value[:MAX_FACT] if isinstance(fact.value, str) else fact.value
        if len(_json({**facts, fact.id: value})) > MAX_FACTS:
            break
        facts[fact.id] = value
    return _json(facts)


def from_rules(assessment: Assessment) -> Judgement:
    """The rules' result in the judge's form: used when no model is available."""
    return Judgement(
        qualified=bool(assessment.is_qualified),
        confidence=assessment.coverage,
        score=round(100 * (assessment.score or 0.0)),
        reasons=[reason[:500] for reason in assessment.reasons()][:12],
        flags=[*assessment.flags, MODEL_UNAVAILABLE][:12],
    )


def is_qualified(judgement: Judgement) -> bool | None:
    """Yes or no; None where the judge says that it does not know enough."""
    return None if NOT_ENOUGH in judgement.flags else judgement.qualified


def _json(value: Any) -> str:
    """JSON in which no text can end a tag or a fence."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("`", "\\u0060")
