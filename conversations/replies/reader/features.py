"""A text as numbers: which hashed pieces of words and pairs of words it has. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zlib import crc32

from conversations.consent.spelling import fold, join_spaced

BUCKETS = 1 << 15
LONGEST = 600
"""Characters that are read at once: what somebody wants is said by then."""
_ADDRESS = re.compile(r"\S+@\S+\.\S+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[?!]|[\u2190-\u2bff\U0001f000-\U0001faff]")


def hashed(text: str) -> list[int]:
    """The buckets that `text` fills, each once, in order; never empty."""
    folded = join_spaced(fold(_LINK.sub(" linkhere ", _ADDRESS.sub(" addresshere ", text[:LONGEST]))))
    return sorted({crc32(piece.encode()) % BUCKETS for piece in pieces(folded)})


def pieces(folded: str) -> Iterator[str]:
    """The features of a folded text by name, repeats included: its length, words, pairs, beginnings, three to five letters."""
    words = _TOKEN.findall(folded)
    yield "n" if len(words) > 12 else f"n{len(words) if len(words) < 4 else 4 + len(words) // 4}"
    before, stem_before = "^", "^"
    for word in words:
        stem = word[:5]
        yield f"w{word}"
        yield f"b{before} {word}"
        yield f"s{stem_before} {stem}"
        edged = f"_{word}_"
        for size in (3, 4, 5):
            for start in range(len(edged) - size + 1):
                yield edged[start : start + size]
        before, stem_before = word, stem
    yield f"b{before} $"
    if len(words) > 1:
        yield f"e{words[0]} {words[-1]}"
