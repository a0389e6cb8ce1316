"""What comes to mind of a conversation's memories: pinned and strong ones first, those that fit what was asked before others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from conversations.memory.models import Memory
from conversations.models import Conversation
from outreach.core import clock
from outreach.llm import encoder

RECALLED = 12
"""Facts that an answer is given."""
MOST = 200


@dataclass(frozen=True)
class Known:
    """One fact as an answer sees it: its topic, and what it says."""

    topic: str
    text: str
    label: str

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


def recall(conversation: Conversation, *, about: str = "", limit: int = RECALLED) -> list[Memory]:
    """The memories of this conversation that matter for `about`, the most important first; never of another one.

    The sum of strength (importance and recency) and relevance (cosine of the meanings), as in Park et al.,
    *Generative Agents* (2023). Meaning is asked only when there are more than `limit`.
    """
    now = clock.now()
    rows = list(Memory.objects.live().filter(conversation=conversation).order_by("-mentioned_at", "-id")[:MOST])
    relevance = _relevance(about, rows) if about and len(rows) > limit else np.zeros(len(rows))
    ranked = sorted(zip(rows, relevance, strict=True), key=lambda pair: -(_presence(pair[0], now) + pair[1]))
    return [row for row, _relevance in ranked[:limit]]


def known(conversation: Conversation, *, about: str = "") -> tuple[Known, ...]:
    """What an answer may take for known."""
    return tuple(Known(row.topic, row.text, str(row.get_topic_display())) for row in recall(conversation, about=about))


def _presence(row: Memory, now: datetime) -> float:
    return row.strength_at(now) + row.is_pinned


def _relevance(about: str, rows: list[Memory]) -> NDArray[np.float64]:
    asked = _vector(about[:500])
    return np.array([float(asked @ _vector(row.text)) for row in rows])


@lru_cache(maxsize=2_000)
def _vector(text: str) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = encoder.encode([text])[0]
    return vector
