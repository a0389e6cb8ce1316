"""What a model does not take, learned from its first refusal and remembered for all workers."""

from __future__ import annotations

import re

from outreach.llm.models import ModelTrait

TEMPERATURE = "temperature"
COMPLETION_TOKENS = "max_completion_tokens"
TOKENS = "max_tokens"
SCHEMA = "response_format"
PARAMETERS = (TEMPERATURE, COMPLETION_TOKENS, TOKENS, SCHEMA)

_NAMED = re.compile(r"\b(temperature|max_completion_tokens|max_tokens|response_format|json_schema)\b")


def refused_by(message: str, parameter: str = "") -> str:
    """The parameter that a refusal of the request is about; empty when it is about something else."""
    if parameter:
        name = parameter.partition(".")[0]
        return name if name in PARAMETERS else ""
    found = _NAMED.search(message)
    if found is None:
        return ""
    return SCHEMA if found[1] == "json_schema" else found[1]


def known(provider: str, model: str) -> frozenset[str]:
    """The parameters that this model refused before."""
    rows = ModelTrait.objects.filter(provider=provider, model=model)
    return frozenset(rows.values_list("refuses", flat=True))


def learn(provider: str, model: str, parameter: str, *, reason: str) -> None:
    """Remember a refusal."""
    ModelTrait.objects.get_or_create(
        provider=provider, model=model, refuses=parameter, defaults={"reason": reason[:500]}
    )
