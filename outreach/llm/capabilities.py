"""What a model does not take, learned from its first refusal and remembered for all workers."""

from __future__ import annotations

import re

from outreach.llm.models import ModelTrait

TEMPERATURE = "temperature"
COMPLETION_TOKENS = "max_completion_tokens"
TOKENS = "max_tokens"
SCHEMA = "response_format"
PARAMETERS = (TEMPERATURE, COMPLETION_TOKENS, TOKENS, SCHEMA)

_SCHEMA_TOO = {"json_schema", "text", "text.format", "output_config", "output_format"}
"""What other APIs call the parameter that holds the schema."""
_NAMED = re.compile(
    r"\b(temperature|max_completion_tokens|max_tokens|response_format|json_schema|text\.format|output_config|output_format)\b"
)


def refused_by(message: str, parameter: str = "") -> str:
    """The parameter that a refusal of the request is about; empty when it is about something else."""
    if parameter:
        name = _same(parameter.partition(".")[0])
        return name if name in PARAMETERS else ""
    found = _NAMED.search(message)
    return _same(found[1]) if found else ""


def _same(name: str) -> str:
    return SCHEMA if name in _SCHEMA_TOO else name


def learn(provider: str, model: str, parameter: str, *, reason: str) -> None:
    """Remember a refusal."""
    ModelTrait.objects.get_or_create(
        provider=provider, model=model, refuses=parameter, defaults={"reason": reason[:500]}
    )
