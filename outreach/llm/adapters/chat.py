"""OpenAI's chat completions, which nearly every server speaks: Gemini, Ollama, vLLM, llama.cpp and the rest."""

from __future__ import annotations

from typing import Any

from outreach.configuration import Provider
from outreach.core.words import gettext as _
from outreach.llm import capabilities, reading, structured
from outreach.llm.adapters import openai_sdk
from outreach.llm.adapters.base import Answer, Question, judged, readable
from outreach.llm.errors import Kind, ModelFault, Tokens


def ask(provider: Provider, question: Question) -> Answer:
    """One chat completion. Raises `ModelFault`."""
    options: dict[str, Any] = {}
    if schema := question.sent_schema(provider):
        options["response_format"] = structured.response_format(schema)
    if capabilities.TEMPERATURE not in question.refused:
        options["temperature"] = question.temperature
    if limit := _limit_name(provider, question.refused):
        options[limit] = question.max_output_tokens
    completion = openai_sdk.call(
        provider,
        lambda client: client.chat.completions.create(
            model=question.model,
            messages=question.worded_messages(provider),  # type: ignore[arg-type]
            timeout=question.timeout_seconds,
            **options,
        ),
        timeout_seconds=question.timeout_seconds,
    )
    return judged(_read(completion))


def _limit_name(provider: Provider, refused: frozenset[str]) -> str:
    """OpenAI's models take the newer name, other servers often only the older one; what was refused is not sent."""
    names = [capabilities.COMPLETION_TOKENS, capabilities.TOKENS]
    if "api.openai.com" not in provider.base_url:
        names.reverse()
    return next((name for name in names if name not in refused), "")


def _read(given: Any) -> Answer:
    from openai.types.chat import ChatCompletion

    completion = readable(given, ChatCompletion)
    if not completion.choices:
        raise ModelFault(Kind.NOT_AN_ANSWER, _("The answer is empty: it has no choices."))
    choice: Any = completion.choices[0]  # servers leave out what the SDK's types promise
    message = choice.message
    return Answer(
        text=reading.content_text(message.content),
        finish_reason=choice.finish_reason or "",
        tokens=_tokens(completion.usage),
        refusal=message.refusal or "",
        has_thoughts=bool(getattr(message, "reasoning_content", None)),
        is_cut=choice.finish_reason == "length",
        is_filtered=choice.finish_reason == "content_filter",
    )


def _tokens(usage: Any) -> Tokens:
    if usage is None:
        return Tokens()
    details = getattr(usage, "prompt_tokens_details", None)
    return Tokens(usage.prompt_tokens, usage.completion_tokens, read=getattr(details, "cached_tokens", None) or 0)
