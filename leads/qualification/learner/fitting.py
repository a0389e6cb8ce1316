"""A learner from its labels, always the same one from the same labels in the same order. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leads.qualification.learner.calibration import Calibration, bounds, calibrate, interval
from leads.qualification.learner.gaussian_process import NOISES, Kernel, Process, is_search_due
from leads.qualification.learner.logistic import Logistic
from outreach.core.late import late

sklearn_metrics = late("sklearn.metrics")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SWITCH = 2_000
"""From this many labels on a logistic regression takes over: it costs the same at any number."""
TYPICAL = 1.2
"""The usual distance between two vectors of unit length. A constant, so that the learner depends on its labels alone."""
SEARCH_FROM = 8


@dataclass(frozen=True)
class Point:
    """The learner after so many labels, judged on each of them as if that one were not known."""

    labels: int
    of: str
    """Hash of these labels: a point that is about the same ones need not be computed again."""
    length: float
    noise: float
    accuracy: float
    low: float
    high: float
    commoner: float
    """Share of the commoner answer: the accuracy of always giving it."""
    auc: float | None


@dataclass
class Fitted:
    """The learner: probabilities for any vectors, and from where on it may decide alone."""

    engine: Process | Logistic
    calibration: Calibration
    points: list[Point]
    yes_from: float | None
    no_to: float | None

    def probability(self, vectors: Floats) -> Floats:
        """That each of `vectors`, shape (rows, dimensions), fits; shape (rows,)."""
        return self.calibration.probability(score(*self.engine.at(vectors)))


def score(mean: Floats, variance: Floats) -> Floats:
    """The latent function as one number: its mean, nearer to 0 where little is known."""
    return np.asarray(mean / np.sqrt(variance + 1), dtype=float)


def start(candidates: Floats) -> Process:
    """A process without labels; whoever adds labels in their order gets what `fit` makes of them."""
    return Process(candidates, Kernel(TYPICAL, NOISES[1]), searched_at=SEARCH_FROM, typical=TYPICAL)


def resume(candidates: Floats, rows: Sequence[int], outcome: Bools, points: Sequence[Point]) -> Process:
    """The process over `candidates` with labels at `rows`, its kernel from the last search in `points`."""
    process = start(candidates)
    searched = [point for point in points if point.labels in set(_search_points(outcome))]
    if searched:
        process.kernel = Kernel(searched[-1].length, searched[-1].noise)
        process.searched_at = searched[-1].labels
    process.rows, process.labels = list(rows), _signs(outcome)
    process.refit()
    return process


def fit(
    vectors: Floats, outcome: Bools, marks: Sequence[str], *, promised: float, known: Sequence[Point] = ()
) -> Fitted:
    """The learner of at least one label. `marks` tell labels apart; points in `known` about the same labels are reused.

    `promised` is the error rate that decisions beyond the bounds keep.
    """
    hashes = _prefixes(marks)
    reusable = {point.of: point for point in known}
    points: list[Point] = []
    for count in _search_points(outcome):
        found = reusable.get(hashes[count - 1])
        if found is None:
            process = start(vectors[:count])
            process.rows, process.labels = list(range(count)), _signs(outcome[:count])
            process.search()
            found = _point(
                _engine(vectors[:count], outcome[:count], process.kernel), outcome[:count], hashes[count - 1]
            )
        points.append(found)
    count = len(outcome)
    engine: Process | Logistic
    if count >= SWITCH:
        engine = Logistic.fit(vectors, outcome)
    else:
        engine = resume(vectors, range(count), outcome, points)
    left_out = _left_out(engine)
    calibration = calibrate(left_out, outcome)
    if not points or points[-1].labels != count:
        points.append(_point(engine, outcome, hashes[-1]))
    return Fitted(engine, calibration, points, *bounds(calibration.probability(left_out), outcome, promised))


def _engine(vectors: Floats, outcome: Bools, kernel: Kernel) -> Process | Logistic:
    if len(outcome) >= SWITCH:
        return Logistic.fit(vectors, outcome)
    process = Process(vectors, kernel, rows=list(range(len(outcome))), labels=_signs(outcome))
    process.refit()
    return process


def _left_out(engine: Process | Logistic) -> Floats:
    mean, variance = engine.left_out()
    if isinstance(engine, Process):
        variance = np.maximum(variance - engine.kernel.noise, 0)
    return score(mean, variance)


def _point(engine: Process | Logistic, outcome: Bools, of: str) -> Point:
    scores = _left_out(engine)
    right = float(np.mean((calibrate(scores, outcome).probability(scores) >= 0.5) == outcome))
    low, high = interval(right, len(outcome))
    share = float(outcome.mean())
    kernel = engine.kernel if isinstance(engine, Process) else Kernel(TYPICAL, NOISES[1])
    auc = float(sklearn_metrics.roc_auc_score(outcome, scores)) if 0 < share < 1 else None
    return Point(len(outcome), of, kernel.length, kernel.noise, right, low, high, max(share, 1 - share), auc)


def _search_points(outcome: Bools) -> Iterator[int]:
    """After how many labels the kernel is searched for, in the way `Process.add` does it."""
    searched, count = SEARCH_FROM, 0
    labels = _signs(outcome)
    while count < min(len(labels), SWITCH):
        count += 1
        if is_search_due(searched, labels[:count]):
            searched = count
            yield count


def _signs(outcome: Bools) -> list[float]:
    return [1.0 if one else -1.0 for one in outcome]


def _prefixes(marks: Sequence[str]) -> list[str]:
    """The hash of the first label, of the first two, and so on."""
    hashed = hashlib.sha256()
    found = []
    for mark in marks:
        hashed.update(f"{mark}\n".encode())
        found.append(hashed.hexdigest()[:16])
    return found
