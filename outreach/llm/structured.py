"""Structured output: pydantic model to strict JSON schema, answer text to validated instance, one repair. Pure."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from outreach.llm import reading
from outreach.llm.errors import Kind, ModelFault

Message = dict[str, Any]
Output = TypeVar("Output", bound=BaseModel)


@lru_cache(maxsize=256)
def strict_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema in the strict form: every property required, nothing additional, no defaults or titles.

    Do not change what it returns: it is kept.
    """
    return _strict(schema.model_json_schema())  # type: ignore[no-any-return]


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "properties" in node:
        properties = {name: _strict(value) for name, value in node["properties"].items()}
        rest = {k: _strict(v) for k, v in node.items() if k not in {"properties", "title", "default"}}
        return {**rest, "properties": properties, "required": list(properties), "additionalProperties": False}
    return {key: _strict(value) for key, value in node.items() if key not in {"title", "default"}}


def response_format(schema: type[BaseModel]) -> dict[str, Any]:
    """The `response_format` of the chat completions API."""
    return {"type": "json_schema", "json_schema": _named(schema)}


def text_format(schema: type[BaseModel]) -> dict[str, Any]:
    """The `text.format` of the responses API."""
    return {"type": "json_schema", **_named(schema)}


def _named(schema: type[BaseModel]) -> dict[str, Any]:
    return {"name": schema.__name__, "schema": strict_schema(schema), "strict": True}


def with_schema_in_words(messages: list[Message], schema: type[BaseModel]) -> list[Message]:
    """For servers that do not enforce a schema: say it in the system part."""
    rule = f"Answer with one JSON object and nothing else. JSON schema:\n{json.dumps(strict_schema(schema))}"
    if messages and messages[0].get("role") == "system":
        first = {**messages[0], "content": f"{messages[0]['content']}\n\n{rule}"}
        return [first, *messages[1:]]
    return [{"role": "system", "content": rule}, *messages]


def parse(text: str, schema: type[Output]) -> Output:
    """The validated instance. Raises `ModelFault(INVALID_OUTPUT)` that says what is wrong, never another error."""
    try:
        return schema.model_validate_json(reading.json_in(text))
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'answer'}: {fault['msg']}"
            for fault in error.errors()[:5]
        )
        raise ModelFault(Kind.INVALID_OUTPUT, reasons, text=text) from error


def repair_messages(messages: list[Message], fault: ModelFault) -> list[Message]:
    """The conversation continued with the wrong answer and what is wrong with it."""
    shorter = " Say the same in fewer words." if fault.kind == Kind.TRUNCATED else ""
    wish = f"That answer cannot be used: {fault.reason.rstrip('.')}.{shorter} Answer again, with valid JSON that fits the schema only."
    return [
        *messages,
        {"role": "assistant", "content": fault.text[:4000] or "(nothing)"},
        {"role": "user", "content": wish},
    ]
