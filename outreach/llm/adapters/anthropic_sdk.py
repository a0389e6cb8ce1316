"""Anthropic's messages API by its own SDK, an extra. The system part is marked for Anthropic's prompt cache.

Temperature is not sent: current models have none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from outreach.configuration import Provider
from outreach.core.words import gettext as _
from outreach.llm import structured
from outreach.llm.adapters.base import Answer, Question, Result, answered, judged, readable
from outreach.llm.errors import Kind, ModelFault, Tokens

if TYPE_CHECKING:
    import anthropic

MISSING = "Anthropic's SDK is not installed. Run “uv sync --extra anthropic” and restart."


def _call(provider: Provider, send: Callable[[anthropic.Anthropic], Result], *, timeout_seconds: float) -> Result:
    """What the SDK returns for `send`; each of its errors as a `ModelFault`."""
    try:
        import anthropic
    except ImportError as error:
        raise ModelFault(Kind.NOT_CONFIGURED, MISSING) from error
    return answered(anthropic, anthropic.Anthropic, provider, send, timeout_seconds=timeout_seconds)


def ask(provider: Provider, question: Question) -> Answer:
    """One message. Raises `ModelFault`."""
    messages = question.worded_messages(provider)
    options: dict[str, Any] = {}
    if system := "\n\n".join(str(message["content"]) for message in messages if message["role"] == "system"):
        options["system"] = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]

    def send(client: anthropic.Anthropic) -> Any:
        import anthropic

        if schema := question.sent_schema(provider):
            form = anthropic.transform_schema(structured.strict_schema(schema))
            options["output_config"] = {"format": {"type": "json_schema", "schema": form}}
        return client.messages.create(
            model=question.model,
            max_tokens=question.max_output_tokens,
            messages=[_turn(message) for message in messages if message["role"] != "system"],  # type: ignore[misc]
            timeout=question.timeout_seconds,
            **options,
        )

    return judged(_read(_call(provider, send, timeout_seconds=question.timeout_seconds)))


def _turn(message: structured.Message) -> dict[str, Any]:
    content = message["content"]
    if isinstance(content, str):
        return {"role": message["role"], "content": content}
    return {"role": message["role"], "content": [_block(part) for part in content]}


def _block(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] == "text":
        return {"type": "text", "text": part["text"]}
    url = part["image_url"]["url"]
    if url.startswith("data:"):
        head, _comma, data = url.removeprefix("data:").partition(",")
        return {
            "type": "image",
            "source": {"type": "base64", "media_type": head.partition(";")[0], "data": data},
        }
    return {"type": "image", "source": {"type": "url", "url": url}}


def _read(given: Any) -> Answer:
    from anthropic.types import Message

    message = readable(given, Message)
    blocks: list[Any] = list(message.content or [])
    reason = message.stop_reason or ""
    if not blocks and reason not in {"refusal", "max_tokens"}:
        raise ModelFault(Kind.NOT_AN_ANSWER, _("The answer is empty."))
    return Answer(
        text="".join(block.text for block in blocks if block.type == "text"),
        finish_reason=reason,
        tokens=_tokens(message.usage),
        refusal="The model declined to answer." if reason == "refusal" else "",
        has_thoughts=any(block.type == "thinking" for block in blocks),
        is_cut=reason in {"max_tokens", "model_context_window_exceeded"},
    )


def _tokens(usage: Any) -> Tokens:
    if usage is None:
        return Tokens()
    read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    return Tokens(usage.input_tokens + read + written, usage.output_tokens, read=read, written=written)


def model_names(provider: Provider, *, timeout_seconds: float) -> list[str]:
    """The models that the server offers. Raises `ModelFault`."""
    return _call(
        provider,
        lambda client: [model.id for model in client.models.list(limit=100, timeout=timeout_seconds).data],
        timeout_seconds=timeout_seconds,
    )
