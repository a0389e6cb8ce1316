"""One number out of texts, pictures and documents, with its reasons. Pure.

Of what is there, weighted: text 50, documents 30, pictures 20. What is not there does not count against a lead, but a
lead with one kind only is told so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leads.insights.documents.entities import Entities

WEIGHTS = {"text": 50, "documents": 30, "pictures": 20}
RICH_TEXT = 600
"""Characters from which a description says all that one hopes for."""


@dataclass(frozen=True)
class Signal:
    """`score` is 0 to 100; None: there was nothing to score."""

    score: int | None
    reasons: list[str]


def combine(*, text: str, entities: Entities, qualities: Sequence[float], document_texts: Sequence[str]) -> Signal:
    """The signal of a description, its entities, the qualities of pictures and the texts of documents."""
    parts: dict[str, float] = {}
    reasons: list[str] = []
    if text.strip():
        named = sum(bool(found) for found in (entities.names, entities.firms, entities.amounts, entities.places))
        parts["text"] = 0.6 * min(1.0, len(text) / RICH_TEXT) + 0.1 * named
        reasons.append(f"text of {len(text)} characters, {named} of 4 kinds of entities")
    if document_texts:
        readable = [text for text in document_texts if text.strip()]
        parts["documents"] = len(readable) / len(document_texts)
        reasons.append(f"{len(readable)} of {len(document_texts)} documents with text")
    if qualities:
        parts["pictures"] = max(qualities)
        reasons.append(f"best of {len(qualities)} pictures {max(qualities):.2f}")
    if not parts:
        return Signal(None, [])
    if len(parts) == 1:
        reasons.append(f"only {next(iter(parts))}")
    weight = sum(WEIGHTS[name] for name in parts)
    return Signal(round(100 * sum(WEIGHTS[name] * value for name, value in parts.items()) / weight), reasons)
