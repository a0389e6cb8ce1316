"""What all adapters share: the question, the answer, keys, and what a status or an empty answer means."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel

from outreach.configuration import Provider
from outreach.core import clock
from outreach.core.errors import Permanent
from outreach.core.secrets import decrypt
from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop
from outreach.llm import capabilities, http, reading, structured
from outreach.llm.configured import Connected
from outreach.llm.errors import Kind, ModelFault, Tokens

Result = TypeVar("Result")


@dataclass(frozen=True)
class Question:
    """One call. `refused` are the parameters that this model refused before: they are not sent."""

    model: str
    messages: list[structured.Message]
    schema: type[BaseModel] | None
    temperature: float
    max_output_tokens: int
    timeout_seconds: float
    refused: frozenset[str] = frozenset()

    def sent_schema(self, provider: Provider) -> type[BaseModel] | None:
        """The schema, where the server is handed it; else it is said in words."""
        return self.schema if provider.supports_json_schema and capabilities.SCHEMA not in self.refused else None

    def worded_messages(self, provider: Provider) -> list[structured.Message]:
        """The messages, with the schema in words where the server is not handed it."""
        if self.schema is None or self.sent_schema(provider):
            return self.messages
        return structured.with_schema_in_words(self.messages, self.schema)


@dataclass(frozen=True)
class Answer:
    """What a model said. `is_cut` and `is_filtered` are the vendor's word for it."""

    text: str
    finish_reason: str
    tokens: Tokens
    refusal: str = ""
    has_thoughts: bool = False
    is_cut: bool = False
    is_filtered: bool = False


def judged(said: Answer) -> Answer:
    """The answer without thoughts. Raises `ModelFault` for a refusal, an answer that was cut off, and for nothing."""
    text = reading.without_thoughts(said.text)
    seen: dict[str, Any] = {"text": text, "tokens": said.tokens, "finish_reason": said.finish_reason}
    if said.refusal or said.is_filtered:
        raise ModelFault(Kind.REFUSED, said.refusal or _("A content filter took the answer."), **seen)
    if said.is_cut:
        raise ModelFault(Kind.TRUNCATED, _("The answer was cut off at its longest length."), **seen)
    if not text.strip():
        is_thought = bool(said.text.strip() or said.has_thoughts)
        reason = _("The model only thought and gave no answer.") if is_thought else _("The answer is empty.")
        raise ModelFault(Kind.NOT_AN_ANSWER, reason, **seen)
    return replace(said, text=text)


def readable(answer: Any, kind: type[Result]) -> Result:
    """`answer` as the SDK's `kind`. Raises `ModelFault` for an HTML page with status 200: it arrives as text, not as an error."""
    if isinstance(answer, kind):
        return answer
    raise ModelFault(
        Kind.NOT_AN_ANSWER,
        _("The server sent a page instead of a model's answer. Check its address: %(page)s")
        % {"page": str(answer)[:200]},
    )


def key_of(provider: Provider) -> str:
    """The key, `none` for a server that needs none. Raises `ModelFault` when it is not set."""
    if isinstance(provider, Connected):
        return str(decrypt(provider.key_token)) if provider.key_token else "none"
    if not provider.api_key_env:
        return "none"
    if key := os.environ.get(provider.api_key_env):
        return key
    raise ModelFault(
        Kind.NOT_CONFIGURED, _("The environment variable %(name)s is not set.") % {"name": provider.api_key_env}
    )


def reach_of(provider: Provider) -> http.Reach:
    """Where the provider may be."""
    if not isinstance(provider, Connected):
        return http.Reach.ANYWHERE
    return http.Reach.OWN_NETWORK if provider.is_local else http.Reach.PUBLIC


STATUS_WORDS = {
    401: gettext_noop("The key was refused"),
    402: gettext_noop("The provider wants to be paid first"),
    403: gettext_noop("The key may not use this"),
    404: gettext_noop("There is no such model, or no such address"),
    413: gettext_noop("The question is too large"),
    429: gettext_noop("Too many calls"),
    500: gettext_noop("The provider failed"),
    502: gettext_noop("The provider can't be reached"),
    503: gettext_noop("The provider is overloaded"),
    529: gettext_noop("The provider is overloaded"),
}
UNKNOWN_STATUS = gettext_noop("The server answered with an error")
"""What a status says to the person who reads it; the number and the provider's own words follow."""


def status_fault(status: int, message: str, *, parameter: str, headers: Mapping[str, str]) -> ModelFault:
    """What an HTTP status other than success means."""
    told = message.removeprefix(f"Error code: {status}").strip(" -")[:400] or _("no reason given")
    what = _(STATUS_WORDS.get(status, UNKNOWN_STATUS))
    reason = _("%(what)s (%(status)s): %(told)s") % {"what": what, "status": status, "told": told}
    if status == 429:
        return ModelFault(Kind.RATE_LIMITED, reason, retry_after_seconds=retry_after(headers))
    if status in {401, 402, 403}:
        return ModelFault(Kind.NOT_CONFIGURED, reason)
    if status in {408, 409} or status >= 500:
        return ModelFault(Kind.UNAVAILABLE, reason, retry_after_seconds=retry_after(headers))
    if status == 404:
        return ModelFault(Kind.UNKNOWN_MODEL, reason)
    return ModelFault(Kind.REJECTED, reason, refused_parameter=capabilities.refused_by(message, parameter))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number or from a date (RFC 9110)."""
    text = headers.get("retry-after", "")
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - clock.now()).total_seconds())
    except (ValueError, TypeError):
        return None


def permanent_fault(error: Permanent) -> ModelFault:
    """What our own connection refused: an address that may not be asked, an answer without bounds."""
    return ModelFault(Kind.NOT_AN_ANSWER if isinstance(error, http.TooLarge) else Kind.NOT_CONFIGURED, error.reason)


@lru_cache(maxsize=32)
def _client(kind: Any, base_url: str, api_key: str, reach: http.Reach) -> Any:
    return kind(base_url=base_url, api_key=api_key, max_retries=0, http_client=http.client(base_url, reach))


def answered(
    sdk: Any, client: Any, provider: Provider, send: Callable[[Any], Result], *, timeout_seconds: float
) -> Result:
    """What `send` returns, given a `client` of the vendor's `sdk`; each of its errors as a `ModelFault`. OpenAI's and
    Anthropic's name them alike, but for the root of all."""
    try:
        return send(_client(client, provider.base_url, key_of(provider), reach_of(provider)))
    except Permanent as error:
        raise permanent_fault(error) from error
    except sdk.APITimeoutError as error:
        raise ModelFault(
            Kind.TIMEOUT, _("No answer within %(seconds)s s.") % {"seconds": f"{timeout_seconds:.0f}"}
        ) from error
    except sdk.APIConnectionError as error:
        if isinstance(error.__cause__, Permanent):
            raise permanent_fault(error.__cause__) from error
        named = {"address": provider.base_url, "error": str(error.__cause__ or error)[:300]}
        raise ModelFault(Kind.UNAVAILABLE, _("No connection to %(address)s: %(error)s") % named) from error
    except sdk.APIStatusError as error:
        body = error.body if isinstance(error.body, dict) else {}
        parameter = str(body.get("param") or "")
        raise status_fault(error.status_code, error.message, parameter=parameter, headers=error.response.headers) from error  # fmt: skip
    except (sdk.APIError.__base__, json.JSONDecodeError, ValueError, AttributeError, TypeError) as error:
        raise ModelFault(
            Kind.NOT_AN_ANSWER, _("The server's answer can't be read: %(error)s") % {"error": str(error)[:400]}
        ) from error
