"""The OpenAI SDK, and what is the same for all its APIs: embeddings and lists of models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from outreach.configuration import Provider
from outreach.llm.adapters.base import Result, answered
from outreach.llm.errors import Kind, ModelFault

if TYPE_CHECKING:
    import openai


def call(provider: Provider, send: Callable[[openai.OpenAI], Result], *, timeout_seconds: float) -> Result:
    """What the SDK returns for `send`; each of its errors as a `ModelFault`."""
    import openai

    return answered(openai, openai.OpenAI, provider, send, timeout_seconds=timeout_seconds)


def embed(
    provider: Provider, *, model: str, texts: list[str], dimensions: int, timeout_seconds: float = 60
) -> list[list[float]]:
    """One vector a text, in order. Raises `ModelFault`."""

    def send(client: openai.OpenAI) -> list[list[float]]:
        answer = client.embeddings.create(
            model=model, input=texts, dimensions=dimensions, encoding_format="float", timeout=timeout_seconds
        )
        return [list(row.embedding) for row in sorted(answer.data, key=lambda row: row.index)]

    vectors = call(provider, send, timeout_seconds=timeout_seconds)
    if len(vectors) != len(texts) or any(len(vector) != dimensions for vector in vectors):
        raise ModelFault(Kind.NOT_AN_ANSWER, f"Not {len(texts)} vectors of {dimensions} numbers.")
    return vectors


def model_names(provider: Provider, *, timeout_seconds: float) -> list[str]:
    """The models that the server offers. Raises `ModelFault`."""

    def send(client: openai.OpenAI) -> list[str]:
        return [str(model.id).removeprefix("models/") for model in client.models.list(timeout=timeout_seconds).data]

    return call(provider, send, timeout_seconds=timeout_seconds)
