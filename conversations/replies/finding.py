"""Finds what a playbook says to a question or an objection: by its words, then by meaning, then by what both are about. Pure.

Nothing is better than something that does not fit, so each way has a threshold. What is meant is compared by the shipped
sentence encoder. Alone it tells paraphrases from unrelated questions badly, so where few words are shared a fact is only
taken when it is about the same as the question: a fact by its words (`concepts.txt`), the question by its words too or by
the known questions that it resembles (`questions.txt`). Such a match is never sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conversations.playbooks.definition import Fact, Objection
from conversations.replies import optouts
from conversations.replies.reader import model

SIMILAR, RELATED = 0.5, 0.28
"""Cosines: from the first a fact speaks of what is asked; from the second it does when it also shares words with it.
Measured on the questions of `test_finding.py`: unrelated questions stay below 0.22."""
COVERED = 0.5
"""Share of a question's telling words that a fact shares with it. What is asked is sure above it."""
WHOLE_WORD = 3
"""Beginnings of words up to this length are whole words."""
UNLIKE, ALIKE, SECOND = 0.3, 0.7, 0.1
"""The cosine with a known question up to which it says nothing, and how far behind the likeliest concept others count."""
CLEAR = 0.5
"""How likely what a question or an objection is about must be to be counted as that."""
MEANING, WORDS, OF_ITS_NAME, ENOUGH = 1.0, 0.5, 0.5, 1.0
"""What meaning, shared words and a concept in the fact's own phrases add to the shared concepts, and what is enough."""
_DATA = Path(__file__).parent / "data"
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


@dataclass(frozen=True)
class Match:
    """A fact that answers a question. Not sure: it is about the same thing, but the question says more than it does."""

    fact: Fact
    is_sure: bool


@cache
def words_of(name: str) -> frozenset[str]:
    """The words of a list in `data/`."""
    lines = (_DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def stems(text: str) -> frozenset[str]:
    """The telling words of `text`, cut to their beginnings, so that their forms count as one."""
    common = words_of("common_words")
    words = (word for word in _WORD.findall(optouts.normalise(text)) if word not in common and len(word) > 1)
    return frozenset(map(_stem, words))


def concepts(text: str) -> frozenset[str]:
    """What `text` is about, of the concepts in `concepts.txt`. Beginnings of up to three letters must be the whole word."""
    words = _WORD.findall(optouts.normalise(text))
    return frozenset(
        name
        for name, starts in _concepts()
        if any(
            word == start if len(start) <= WHOLE_WORD else word.startswith(start) for word in words for start in starts
        )
    )


@cache
def _concepts() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(concept, beginnings of words that speak of it)."""
    lines = (_DATA / "concepts.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return tuple((name, tuple(starts)) for name, *starts in rows)


def _stem(word: str) -> str:
    return word[: max(4, len(word) - 3)][:6]


def fact_for(question: str, facts: Sequence[Fact]) -> Match | None:
    """The fact that answers `question`, or None."""
    asked = stems(question)
    if not facts or not any(map(str.isalnum, question)):
        return None
    named = [fact for fact in facts if _is_named(asked, fact)]
    best = max(named or facts, key=lambda fact: _covered(asked, fact))
    covered = _covered(asked, best)
    if named and covered > COVERED:
        return Match(best, is_sure=True)
    alike = np.array([_alike(question, fact) for fact in facts])
    closest = int(alike.argmax())
    if asked and alike[closest] >= SIMILAR:
        return Match(facts[closest], is_sure=covered > COVERED)
    if named or (covered >= COVERED and alike[facts.index(best)] >= RELATED):
        return Match(best, is_sure=False)
    about = asked_about(question)
    shared = np.array([sum(about.get(name, 0.0) for name in concepts(f"{fact.about} {fact.text}")) for fact in facts])
    shared += np.array([OF_ITS_NAME * sum(about.get(name, 0.0) for name in concepts(fact.about)) for fact in facts])
    words = np.array([_covered(asked, fact) for fact in facts])
    score = shared + MEANING * alike + WORDS * words
    nearest = int(score.argmax())
    return Match(facts[nearest], is_sure=False) if score[nearest] >= ENOUGH and shared[nearest] > 0 else None


def asked_about(question: str) -> dict[str, float]:
    """Concept → how likely `question` is about it: one where a word says so, less where its meaning is like a known question."""
    about = _resembling(question, "questions")
    best = max(about.values())
    likely = {name: value for name, value in about.items() if value > 0 and value >= best - SECOND}
    return likely | dict.fromkeys(concepts(question), 1.0)


def subject_of_question(question: str) -> str:
    """The concept that `question` is most likely about; empty when that is not clear."""
    meant = _resembling(question, "questions")
    likely = {name: value + meant.get(name, 0.0) for name, value in asked_about(question).items()}
    return _clearest(likely, least=2 * CLEAR)


def subject_of_objection(sentence: str) -> str:
    """The kind of objection that `sentence` is; empty when that is not clear."""
    return _clearest(_resembling(sentence, "objections"), least=CLEAR)


def _clearest(likely: dict[str, float], *, least: float) -> str:
    name = max(likely, key=lambda known: likely[known], default="")
    return name if name and likely[name] >= least else ""


def _resembling(text: str, file: str) -> dict[str, float]:
    """Name → from 0 (or below) to 1, how much `text` means the same as the sentences that `file` has for it."""
    names, vectors = known(file)
    found: dict[str, float] = {}
    for name, cosine in zip(names, map(float, vectors @ _vector(text)), strict=True):
        found[name] = max(found.get(name, 0.0), min(1.0, (cosine - UNLIKE) / (ALIKE - UNLIKE)))
    return found


@cache
def known(file: str) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """The name and the vector of each sentence in a file of `data/`."""
    names, texts, name = [], [], ""
    for line in (_DATA / f"{file}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            name = line[2:].strip()
        elif line.strip() and not line.startswith("#"):
            names.append(name)
            texts.append(line)
    return tuple(names), model.encode(texts)


def _alike(question: str, fact: Fact) -> float:
    """The cosine of the question with what the fact says or is about, the better of both."""
    asked = _vector(question)
    texts = (f"{fact.about}. {fact.text}", fact.text)
    return max(float(asked @ _vector(text)) for text in texts)


def objection_for(text: str, objections: Sequence[Objection]) -> Objection | None:
    """The objection that `text` raises: the words of one of its phrases, in their order, in any form."""
    normal = optouts.normalise(text)
    return next((one for one in objections if any(_phrase(said).search(normal) for said in one.said.split(","))), None)


@lru_cache(maxsize=2_000)
def _phrase(said: str) -> re.Pattern[str]:
    """Matches a phrase with up to two other words between its words: “no budget” in “no real budget”."""
    words = [
        re.escape(_stem(word)) + (r"\w*" if len(word) > 3 else "") for word in _WORD.findall(optouts.normalise(said))
    ]
    return re.compile(r"\b" + r"(?:\W+\w+){0,2}\W+".join(words) + r"\b") if words else re.compile(r"(?!)")


def _is_named(asked: frozenset[str], fact: Fact) -> bool:
    """Whether the question has all words of one of the fact's own phrases."""
    return any((wanted := stems(phrase)) and wanted <= asked for phrase in fact.about.split(","))


def _covered(asked: frozenset[str], fact: Fact) -> float:
    """The share of the question's telling words that the fact has."""
    return len(asked & stems(f"{fact.about} {fact.text}")) / max(1, len(asked))


@lru_cache(maxsize=2_000)
def _vector(text: str) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = model.encode([text])[0]
    return vector
