"""The weights of the reader and what they say of a text.

Two small regressions read the same text: one the vector of the shipped multilingual sentence encoder (what is meant),
one the hashed pieces of its words (how it is said). What both find likely wins. The encoder
is asked only where the pieces leave it open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conversations.replies.reader import features, training, wordings
from outreach.llm import encoder

WEIGHTS = Path(__file__).parent / "weights.npz"
MEANING = 0.5
"""How much the sentence encoder counts against the pieces of words."""
SURE = 0.8
"""Probability by the pieces of words alone from which the encoder, which costs fifty times as much, is not asked."""
SHARPEN = 1.5
"""Two opinions that agree are surer than each of them."""
DECAY_OF_MEANING, DECAY_OF_PIECES = 3e-5, 1e-4
STEPS_OF_MEANING, STEPS_OF_PIECES = 150, 30
TALK = "talk"
"""The class of ordinary talk: no intent, it only tells what is no opt-out."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reader:
    """`classes` in the order of the columns; `pieces` are bytes to be multiplied with `scale` of their class."""

    classes: tuple[str, ...]
    meaning: NDArray[np.float32]
    meaning_bias: NDArray[np.float32]
    pieces: NDArray[np.int8]
    scale: NDArray[np.float32]
    pieces_bias: NDArray[np.float32]
    data: str
    """`wordings.digest` of what it was learned from."""

    def read(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """The probability of each class for each text."""
        if not texts:
            return []
        by_pieces = training.softmax(np.array([self._score(features.hashed(text)) for text in texts]))
        by_meaning = by_pieces.copy()
        is_open = by_pieces.max(axis=1) < SURE
        if is_open.any():
            vectors = encode([text for text, asked in zip(texts, is_open, strict=True) if asked])
            by_meaning[is_open] = training.softmax(vectors.astype(np.float64) @ self.meaning + self.meaning_bias)
        both = MEANING * np.log(by_meaning + 1e-9) + (1 - MEANING) * np.log(by_pieces + 1e-9)
        return [dict(zip(self.classes, map(float, row), strict=True)) for row in training.softmax(SHARPEN * both)]

    def _score(self, buckets: list[int]) -> Floats:
        total = self.pieces[buckets].sum(axis=0, dtype=np.int64)
        score: Floats = total * self.scale / np.sqrt(len(buckets)) + self.pieces_bias
        return score

    def save(self, file: Path) -> None:
        """Write the weights; the same weights are the same bytes."""
        np.savez_compressed(
            file,
            classes=np.array(self.classes),
            meaning=self.meaning.astype(np.float16),
            meaning_bias=self.meaning_bias,
            pieces=self.pieces,
            scale=self.scale,
            pieces_bias=self.pieces_bias,
            data=np.array(self.data),
        )


@cache
def shipped() -> Reader:
    """The reader whose weights are in the repository, loaded once."""
    return load(WEIGHTS)


def load(file: Path) -> Reader:
    """Read weights that `Reader.save` wrote."""
    with np.load(file, allow_pickle=False) as stored:
        return Reader(
            classes=tuple(str(name) for name in stored["classes"]),
            meaning=stored["meaning"].astype(np.float32),
            meaning_bias=stored["meaning_bias"],
            pieces=stored["pieces"],
            scale=stored["scale"],
            pieces_bias=stored["pieces_bias"],
            data=str(stored["data"]),
        )


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """One vector of length one for each text; a text that stands twice among them is encoded once."""
    shortened = [" ".join(text[: features.LONGEST].split()) for text in texts]
    different = list(dict.fromkeys(shortened))
    places = {text: place for place, text in enumerate(different)}
    return encoder.encode(different)[[places[text] for text in shortened]]


def train(examples: Sequence[wordings.Wording]) -> Reader:
    """Learn from `examples`; the same ones in the same order give the same reader."""
    classes = tuple(sorted({example.intent for example in examples}))
    labels = np.array([classes.index(example.intent) for example in examples], dtype=np.int64)
    weights = _balanced(np.array([example.weight for example in examples]), labels, len(classes))
    vectors = encode([example.text for example in examples]).astype(np.float64)
    meaning, meaning_bias = training.fit(
        training.Dense(vectors), labels, weights, decay=DECAY_OF_MEANING, steps=STEPS_OF_MEANING
    )
    rows = training.Sparse([features.hashed(example.text) for example in examples], features.BUCKETS)
    pieces, pieces_bias = training.fit(rows, labels, weights, decay=DECAY_OF_PIECES, steps=STEPS_OF_PIECES)
    scale = np.maximum(np.abs(pieces).max(axis=0), 1e-9) / 127
    return Reader(
        classes,
        meaning.astype(np.float16).astype(np.float32),
        meaning_bias.astype(np.float32),
        np.rint(pieces / scale).astype(np.int8),
        scale.astype(np.float32),
        pieces_bias.astype(np.float32),
        wordings.digest(),
    )


def _balanced(weights: Floats, labels: NDArray[np.int64], classes: int) -> Floats:
    """Classes with many wordings count more, by the square root only."""
    totals = np.array([weights[labels == index].sum() for index in range(classes)])
    result: Floats = weights / np.sqrt(totals[labels])
    return result
