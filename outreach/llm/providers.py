"""OpenAI-compatible endpoints: one client each. The only module that imports the vendor's SDK, at the first call: it is
500 modules that an installation without a model never loads.

One call, no retries, no fallback: those are decided in `outreach.llm.services`. What comes back is an `Answer` or a
`ModelFault`, nothing else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from outreach.configuration import Provider
from outreach.core import clock
from outreach.core.errors import Permanent
from outreach.core.secrets import decrypt
from outreach.llm import capabilities, http, reading, structured
from outreach.llm.configured import Connected
from outreach.llm.errors import Kind, ModelFault

if TYPE_CHECKING:
    import openai

Result = TypeVar("Result")


@dataclass(frozen=True)
class Answer:
    """What a model said."""

    text: str
    finish_reason: str
    input_tokens: int | None
    output_tokens: int | None


@lru_cache(maxsize=32)
def _client(base_url: str, api_key: str, reach: http.Reach) -> openai.OpenAI:
    import openai

    client = http.client(base_url, reach)
    return openai.OpenAI(base_url=base_url, api_key=api_key, max_retries=0, http_client=client)


def _reach(provider: Provider) -> http.Reach:
    if not isinstance(provider, Connected):
        return http.Reach.ANYWHERE
    return http.Reach.OWN_NETWORK if provider.is_local else http.Reach.PUBLIC


def _key(provider: Provider) -> str:
    if isinstance(provider, Connected):
        return decrypt(provider.key_token) if provider.key_token else "none"
    if not provider.api_key_env:
        return "none"
    if key := os.environ.get(provider.api_key_env):
        return key
    raise ModelFault(Kind.NOT_CONFIGURED, f"The environment variable {provider.api_key_env} is not set.")


def ask(
    provider: Provider,
    *,
    model: str,
    messages: list[structured.Message],
    schema: type[BaseModel] | None,
    temperature: float,
    max_output_tokens: int,
    timeout_seconds: float,
    refused: frozenset[str] = frozenset(),
) -> Answer:
    """One chat completion, without the parameters that the model `refused` before. Raises `ModelFault`."""
    options: dict[str, Any] = {}
    if schema is not None and provider.supports_json_schema and capabilities.SCHEMA not in refused:
        options["response_format"] = structured.response_format(schema)
    elif schema is not None:
        messages = structured.with_schema_in_words(messages, schema)
    if capabilities.TEMPERATURE not in refused:
        options["temperature"] = temperature
    if limit := _limit_name(provider, refused):
        options[limit] = max_output_tokens
    completion = _call(
        provider,
        lambda client: client.chat.completions.create(
            model=model,
            messages=messages,  # type: ignore[arg-type]
            timeout=timeout_seconds,
            **options,
        ),
        timeout_seconds=timeout_seconds,
    )
    return _read(completion)


def _limit_name(provider: Provider, refused: frozenset[str]) -> str:
    """OpenAI's models take the newer name, other servers often only the older one; what was refused is not sent."""
    names = [capabilities.COMPLETION_TOKENS, capabilities.TOKENS]
    if "api.openai.com" not in provider.base_url:
        names.reverse()
    return next((name for name in names if name not in refused), "")


def _call(provider: Provider, send: Callable[[openai.OpenAI], Result], *, timeout_seconds: float) -> Result:
    """What the SDK returns for `send`; each of its errors as a `ModelFault`."""
    import openai

    try:
        return send(_client(provider.base_url, _key(provider), _reach(provider)))
    except openai.APITimeoutError as error:
        raise ModelFault(Kind.TIMEOUT, f"No answer within {timeout_seconds:.0f} s.") from error
    except Permanent as error:
        kind = Kind.NOT_AN_ANSWER if isinstance(error, http.TooLarge) else Kind.NOT_CONFIGURED
        raise ModelFault(kind, error.reason) from error
    except openai.APIConnectionError as error:
        reason = f"No connection to {provider.base_url}: {error.__cause__ or error}"
        raise ModelFault(Kind.UNAVAILABLE, reason[:500]) from error
    except openai.APIStatusError as error:
        raise _status_fault(error) from error
    except (openai.OpenAIError, json.JSONDecodeError, ValueError, AttributeError, TypeError) as error:
        raise ModelFault(Kind.NOT_AN_ANSWER, f"The server's answer cannot be read: {error}"[:500]) from error


def _status_fault(error: openai.APIStatusError) -> ModelFault:
    status = error.status_code
    reason = f"{status}: {error.message}"[:500]
    if status == 429:
        return ModelFault(Kind.RATE_LIMITED, reason, retry_after_seconds=_retry_after(error))
    if status in {401, 403}:
        return ModelFault(Kind.NOT_CONFIGURED, reason)
    if status in {408, 409} or status >= 500:
        return ModelFault(Kind.UNAVAILABLE, reason, retry_after_seconds=_retry_after(error))
    body = error.body if isinstance(error.body, dict) else {}
    refused = capabilities.refused_by(error.message, str(body.get("param") or ""))
    return ModelFault(Kind.REJECTED, reason, refused_parameter=refused)


def _retry_after(error: openai.APIStatusError) -> float | None:
    """Seconds, from a number or from a date (RFC 9110)."""
    text = error.response.headers.get("retry-after", "")
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - clock.now()).total_seconds())
    except (ValueError, TypeError):
        return None


def _read(completion: Any) -> Answer:
    """The answer in a completion. An HTML page with status 200 arrives here as text, not as an error."""
    from openai.types.chat import ChatCompletion

    if not isinstance(completion, ChatCompletion):
        raise ModelFault(Kind.NOT_AN_ANSWER, f"Not a chat completion: {str(completion)[:200]}")
    if not completion.choices:
        raise ModelFault(Kind.NOT_AN_ANSWER, "The answer holds no choices.")
    choice: Any = completion.choices[0]  # servers leave out what the SDK's types promise
    usage = completion.usage
    seen: dict[str, Any] = {
        "input_tokens": usage.prompt_tokens if usage else None,
        "output_tokens": usage.completion_tokens if usage else None,
        "finish_reason": choice.finish_reason or "",
    }
    said = reading.content_text(choice.message.content)
    text = reading.without_thoughts(said)
    refusal = choice.message.refusal
    if refusal or choice.finish_reason == "content_filter":
        raise ModelFault(Kind.REFUSED, refusal or "A content filter took the answer.", text=text, **seen)
    if choice.finish_reason == "length":
        raise ModelFault(Kind.TRUNCATED, "The answer was cut off: say the same in fewer words", text=text, **seen)
    if not text.strip():
        is_thought = bool(said.strip() or getattr(choice.message, "reasoning_content", None))
        reason = "The model only thought and gave no answer." if is_thought else "The answer is empty."
        raise ModelFault(Kind.NOT_AN_ANSWER, reason, **seen)
    return Answer(text=text, **seen)


def embed(
    provider: Provider, *, model: str, texts: list[str], dimensions: int, timeout_seconds: float = 60
) -> list[list[float]]:
    """One vector a text, in order. Raises `ModelFault`."""

    def send(client: openai.OpenAI) -> list[list[float]]:
        answer = client.embeddings.create(
            model=model, input=texts, dimensions=dimensions, encoding_format="float", timeout=timeout_seconds
        )
        return [list(row.embedding) for row in sorted(answer.data, key=lambda row: row.index)]

    vectors = _call(provider, send, timeout_seconds=timeout_seconds)
    if len(vectors) != len(texts) or any(len(vector) != dimensions for vector in vectors):
        raise ModelFault(Kind.NOT_AN_ANSWER, f"Not {len(texts)} vectors of {dimensions} numbers.")
    return vectors


def model_names(provider: Provider, *, timeout_seconds: float = 15) -> list[str]:
    """The models that the server offers, in its words. Raises `ModelFault`."""

    def send(client: openai.OpenAI) -> list[str]:
        return [str(model.id).removeprefix("models/") for model in client.models.list(timeout=timeout_seconds).data]

    return sorted(_call(provider, send, timeout_seconds=timeout_seconds))[:500]
