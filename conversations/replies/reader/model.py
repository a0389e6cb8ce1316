"""The weights of the reader and what they say of a text.

Two small models read the same text: a net of one hidden layer the vector of the shipped multilingual sentence encoder
(what is meant), a regression the hashed pieces of its words (how it is said). What both find likely wins. The encoder
is asked only where the pieces leave it open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversations.replies.reader import features, wordings
from outreach.core.late import late
from outreach.llm import encoder

WEIGHTS = Path(__file__).parent / "weights.npz"
MEANING = 0.4
"""How much the sentence encoder counts against the pieces of words."""
SURE = 0.9
"""Probability by the pieces of words alone from which the encoder, which costs fifty times as much, is not asked."""
SHARPEN = 1.5
"""Two opinions that agree are surer than each of them."""
HIDDEN, DECAY, ROUNDS = 256, 1.0, 20
"""Width of the hidden layer of the net, its L2 penalty, and how often it sees the wordings."""
LOOSENESS, STEPS = 3e5, 200
"""Of the regression: the inverse of its L2 penalty, and at most so many steps."""
TALK = "talk"
"""The class of talk about work in hand: no intent, it only tells what is no opt-out."""
CHATTER = "chatter"
"""The class of what is nobody's answer to an offer: people among themselves."""
DISMISSAL = "dismissal"
"""The class of scorn and short shrift that asks for nothing: it means no, and perhaps never again."""
Floats = NDArray[np.float64]
_nets, _linear, _sparse = late("sklearn.neural_network"), late("sklearn.linear_model"), late("scipy.sparse")


@dataclass(frozen=True)
class Reader:
    """`classes` in the order of the columns; `pieces` are bytes to be multiplied with `scale` of their class."""

    classes: tuple[str, ...]
    hidden: NDArray[np.float16]
    hidden_bias: NDArray[np.float32]
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
        by_pieces = self._by_pieces(texts)
        by_meaning = by_pieces.copy()
        is_open = by_pieces.max(axis=1) < SURE
        if is_open.any():
            by_meaning[is_open] = self._by_meaning([text for text, asked in zip(texts, is_open, strict=True) if asked])
        both = MEANING * np.log(by_meaning + 1e-9) + (1 - MEANING) * np.log(by_pieces + 1e-9)
        return [dict(zip(self.classes, map(float, row), strict=True)) for row in softmax(SHARPEN * both)]

    def lesser(self, text: str, name: str) -> float:
        """How likely the more doubtful of the two opinions finds the class `name`."""
        column = self.classes.index(name)
        return float(min(self._by_pieces([text])[0, column], self._by_meaning([text])[0, column]))

    def _by_pieces(self, texts: Sequence[str]) -> Floats:
        return softmax(np.array([self._score(features.hashed(text)) for text in texts]))

    def _by_meaning(self, texts: Sequence[str]) -> Floats:
        active = np.maximum(encode(texts) @ self.hidden.astype(np.float32) + self.hidden_bias, 0)
        return softmax((active @ self.meaning + self.meaning_bias).astype(np.float64))

    def _score(self, buckets: list[int]) -> Floats:
        total = self.pieces[buckets].sum(axis=0, dtype=np.int64)
        score: Floats = total * self.scale / np.sqrt(len(buckets)) + self.pieces_bias
        return score

    def save(self, file: Path) -> None:
        """Write the weights; the same weights are the same bytes."""
        arrays: dict[str, Any] = {field.name: np.array(getattr(self, field.name)) for field in fields(self)}
        np.savez_compressed(file, **arrays)


@cache
def shipped() -> Reader:
    """The reader whose weights are in the repository, loaded once."""
    return load(WEIGHTS)


def load(file: Path) -> Reader:
    """Read weights that `Reader.save` wrote."""
    with np.load(file, allow_pickle=False) as stored:
        arrays: dict[str, Any] = {field.name: stored[field.name] for field in fields(Reader)}
    names = tuple(str(name) for name in arrays.pop("classes"))
    return Reader(classes=names, data=str(arrays.pop("data")), **arrays)


def softmax(scores: Floats) -> Floats:
    """Probabilities of each row."""
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = grown / grown.sum(axis=1, keepdims=True)
    return result


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
    vectors = encode([example.text for example in examples])
    spread = vectors.shape[1] ** 0.5  # a net learns fastest from numbers that vary by about one
    net = _nets.MLPClassifier((HIDDEN,), alpha=DECAY, max_iter=ROUNDS, batch_size=min(200, len(labels)), random_state=0)
    net.fit(vectors * spread, labels, sample_weight=weights * len(labels))
    regression = _linear.LogisticRegression(C=LOOSENESS, max_iter=STEPS, tol=1e-6)
    regression.fit(_table([features.hashed(example.text) for example in examples]), labels, sample_weight=weights)
    scale = np.maximum(np.abs(regression.coef_).max(axis=1), 1e-9) / 127
    return Reader(
        classes,
        (net.coefs_[0] * spread).astype(np.float16),
        net.intercepts_[0].astype(np.float32),
        net.coefs_[1].astype(np.float32),
        net.intercepts_[1].astype(np.float32),
        np.rint(regression.coef_.T / scale).astype(np.int8),
        scale.astype(np.float32),
        regression.intercept_.astype(np.float32),
        wordings.digest(),
    )


def _table(rows: list[list[int]]) -> Any:
    """A sparse table of the buckets that each text fills, every row of length one."""
    sizes = np.array([len(row) for row in rows])
    numbers = np.repeat(sizes**-0.5, sizes)
    return _sparse.csr_matrix((numbers, np.concatenate(rows), np.cumsum([0, *sizes])), (len(rows), features.BUCKETS))


def _balanced(weights: Floats, labels: NDArray[np.int64], classes: int) -> Floats:
    """Shares of one; classes with many wordings count more, by the square root only."""
    totals = np.array([weights[labels == index].sum() for index in range(classes)])
    shares = weights / np.sqrt(totals[labels])
    result: Floats = shares / shares.sum()
    return result
