"""What can be asked of a history: one question for command, page and API, checked before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

import numpy as np

from leads.learning import evaluation, tables
from leads.learning.policies import comparing
from leads.learning.policies.histories import Start
from leads.learning.policies.worlds import KINDS
from leads.qualification.learner import active
from outreach.core.errors import Invalid
from outreach.core.late import on_one_core
from outreach.core.words import gettext as _
from outreach.llm.embeddings import current

STEPS = (10, 20, 50, 100, 200, 500, 1_000)
"""Numbers of labels after which is measured."""


@dataclass(frozen=True)
class Question:
    """Columns of a file, or a generated world, and how much is tried. Whoever asks fills in what they use."""

    target: str = ""
    time: str = ""
    exclude: tuple[str, ...] = ()
    text: str = ""
    """The column of texts, for asking which labels tell most."""
    world: str = ""
    worlds: int = 10
    history: float = 0.2
    seed: int = 1
    labels: int = 200
    repeats: int = 3

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From plain values, as a form, a serializer or a stored row has them; the rest of them is ignored."""
        found = {name: values[name] for name in cls.__dataclass_fields__ if values.get(name) not in (None, "")}
        if "exclude" in found:
            found["exclude"] = tuple(found["exclude"])
        return cls(**found)

    def check(self, stream: BinaryIO | None) -> None:
        """Raises `Invalid` for what no measuring can answer: an unknown world, a file that is no table, unknown columns."""
        if (stream is None) == (not self.world):
            raise Invalid("csv", _("Give either a CSV file with its target, or a world."), code="one_of")
        if stream is not None:
            tables.check(stream, target=self.target, time=self.time, exclude=self.exclude, text=self.text)
        elif self.world not in KINDS:
            raise Invalid(
                "world",
                _("Unknown world “%(world)s”. Use drift, stable or cold.") % {"world": self.world},
                code="world_unknown",
            )

    def table(self, stream: BinaryIO) -> tables.Table:
        """The history. Raises `Invalid`."""
        return tables.read(stream, target=self.target, time=self.time, exclude=self.exclude)


@dataclass(frozen=True)
class Efficiency:
    """The AUC after so many labels: asked for by the learner, and at random."""

    rows: int
    labels: list[int]
    active: list[float]
    at_random: list[float]

    def as_json(self) -> dict[str, Any]:
        """Plain values with stable keys."""
        return {"rows": self.rows, "labels": self.labels, "active_auc": self.active, "random_auc": self.at_random}


def evaluate(asked: Question, stream: BinaryIO) -> evaluation.Report:
    """How well the outcome can be predicted. Raises `Invalid`."""
    asked.check(stream)
    return evaluation.evaluate(asked.table(stream))


def simulate(asked: Question, stream: BinaryIO | None) -> comparing.Comparison:
    """What each policy would have won, on a history or in generated worlds. Raises `Invalid`."""
    asked.check(stream)
    if stream is None:
        return comparing.in_worlds(asked.world, count=asked.worlds, seed=asked.seed)
    return comparing.on_history(asked.table(stream), Start(history=asked.history, seed=asked.seed))


def label_efficiency(asked: Question, stream: BinaryIO) -> Efficiency:
    """What asking for the most telling label is worth. Two thirds of the rows can be asked for. Raises `Invalid`."""
    if not asked.text:
        raise Invalid("text", _("Name the column with the text."), code="required")
    asked.check(stream)
    texts, outcome = tables.read_texts(stream, text=asked.text, target=asked.target)
    most = min(asked.labels, len(texts) - len(texts) // 3)
    at = [count for count in STEPS if count < most] + [most]
    with on_one_core("scipy.linalg"):
        vectors = np.array(current().embed(texts))
        ours, rival = (
            active.curve(vectors, outcome, pick=pick, at=at, repeats=asked.repeats, seed=asked.seed)
            for pick in (active.most_telling, active.at_random)
        )
    return Efficiency(len(texts), at, ours.auc, rival.auc)
