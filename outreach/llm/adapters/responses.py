"""OpenAI's responses API. Nothing is kept there: `store` is off."""

from __future__ import annotations

from typing import Any

from outreach.configuration import Provider
from outreach.core.words import gettext as _
from outreach.llm import capabilities, structured
from outreach.llm.adapters import openai_sdk
from outreach.llm.adapters.base import Answer, Question, judged, readable
from outreach.llm.errors import Kind, ModelFault, Tokens


def ask(provider: Provider, question: Question) -> Answer:
    """One response. Raises `ModelFault`."""
    options: dict[str, Any] = {"store": False}
    if schema := question.sent_schema(provider):
        options["text"] = {"format": structured.text_format(schema)}
    if capabilities.TEMPERATURE not in question.refused:
        options["temperature"] = question.temperature
    response = openai_sdk.call(
        provider,
        lambda client: client.responses.create(
            model=question.model,
            input=[_input(message) for message in question.worded_messages(provider)],  # type: ignore[misc]
            max_output_tokens=question.max_output_tokens,
            timeout=question.timeout_seconds,
            **options,
        ),
        timeout_seconds=question.timeout_seconds,
    )
    return judged(_read(response))


def _input(message: structured.Message) -> dict[str, Any]:
    content = message["content"]
    if isinstance(content, str):
        return {"role": message["role"], "content": content}
    parts = [
        {"type": "input_text", "text": part["text"]}
        if part["type"] == "text"
        else {"type": "input_image", "image_url": part["image_url"]["url"]}
        for part in content
    ]
    return {"role": message["role"], "content": parts}


def _read(given: Any) -> Answer:
    from openai.types.responses import Response

    response = readable(given, Response)
    if response.error is not None:
        raise ModelFault(Kind.UNAVAILABLE, f"{response.error.code}: {response.error.message}"[:500])
    output: list[Any] = list(response.output or [])
    if not output:
        raise ModelFault(Kind.NOT_AN_ANSWER, _("The answer is empty."))
    parts = [part for item in output if item.type == "message" for part in item.content or []]
    cut = response.incomplete_details.reason if response.incomplete_details else ""
    return Answer(
        text="".join(part.text for part in parts if part.type == "output_text"),
        finish_reason=cut or str(response.status or ""),
        tokens=_tokens(response.usage),
        refusal="".join(part.refusal for part in parts if part.type == "refusal"),
        has_thoughts=any(item.type == "reasoning" for item in output),
        is_cut=cut == "max_output_tokens",
        is_filtered=cut == "content_filter",
    )


def _tokens(usage: Any) -> Tokens:
    if usage is None:
        return Tokens()
    details = getattr(usage, "input_tokens_details", None)
    return Tokens(usage.input_tokens, usage.output_tokens, read=getattr(details, "cached_tokens", None) or 0)
