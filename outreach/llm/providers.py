"""The door to model servers: which adapter speaks a provider's language."""

from __future__ import annotations

from collections.abc import Callable

from outreach.configuration import Provider
from outreach.llm.adapters import anthropic_sdk, chat, openai_sdk, responses
from outreach.llm.adapters.base import Answer, Question
from outreach.llm.errors import Kind, ModelFault

MOST_MODELS = 500
ASK: dict[str, Callable[[Provider, Question], Answer]] = {
    "chat": chat.ask,
    "responses": responses.ask,
    "anthropic": anthropic_sdk.ask,
}


def ask(provider: Provider, question: Question) -> Answer:
    """One call: no retries, no fallback. Raises `ModelFault` and nothing else."""
    return ASK[provider.api](provider, question)


def embed(provider: Provider, *, model: str, texts: list[str], dimensions: int) -> list[list[float]]:
    """One vector a text, in order. Raises `ModelFault`."""
    if provider.api == "anthropic":
        raise ModelFault(Kind.NOT_CONFIGURED, "This provider has no embeddings.")
    return openai_sdk.embed(provider, model=model, texts=texts, dimensions=dimensions)


def model_names(provider: Provider, *, timeout_seconds: float = 15) -> list[str]:
    """The models that the server offers, by name. Raises `ModelFault`."""
    adapter = anthropic_sdk if provider.api == "anthropic" else openai_sdk
    return sorted(adapter.model_names(provider, timeout_seconds=timeout_seconds))[:MOST_MODELS]
