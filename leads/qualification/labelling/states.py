"""One learner per brief, made of its labels. What is stored is a cache: it can be deleted, and comes back the same."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import BinaryField, Func
from numpy.typing import NDArray

from leads.models import Lead
from leads.qualification.labelling import labels
from leads.qualification.labelling.labels import Given
from leads.qualification.learner import fitting
from leads.qualification.learner.fitting import Fitted, Point
from leads.qualification.models import Brief, LearnerState
from outreach.llm import embeddings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

VERSION = "learner-1"
"""Changes whenever the same labels would make another learner."""
EXACT_TO = 100
"""Up to so many labels each one counts at once; later 25 at a time, for one more tells next to nothing."""
STEP = 25
_SENT = np.dtype([("length", ">i4"), ("number", ">f4")])
"""An element of an array of Postgres in binary, behind the head of 20 bytes."""
KEPT = 4
"""Learners kept in memory."""

_kept: OrderedDict[int, tuple[str, Fitted]] = OrderedDict()


@dataclass(frozen=True)
class Material:
    """The labels that can be learned from: of leads with a vector, in their order."""

    given: list[Given]
    marks: list[str]
    """Lead, answer and vector of each label: equal marks make an equal learner."""
    without_vector: int

    @property
    def lead_ids(self) -> list[int]:
        return [one.lead_id for one in self.given]

    @property
    def outcome(self) -> Bools:
        return np.array([one.is_positive for one in self.given], dtype=bool)

    def first(self, count: int) -> Material:
        return Material(self.given[:count], self.marks[:count], self.without_vector)

    def fingerprint(self, brief: Brief) -> str:
        return hashlib.sha256("\n".join([VERSION, str(brief.promised_error), *self.marks]).encode()).hexdigest()[:32]


def material(brief: Brief) -> Material:
    """The labels of now; two queries."""
    given = labels.in_force(brief.pk)
    rows = Lead.objects.alive().filter(
        pk__in=[one.lead_id for one in given], embedding__embedder=embeddings.current().id
    )
    hashes = dict(rows.values_list("pk", "embedding__content_hash"))
    usable = [one for one in given if one.lead_id in hashes]
    marks = [f"{one.lead_id} {one.is_positive:d} {hashes[one.lead_id]}" for one in usable]
    return Material(usable, marks, len(given) - len(usable))


def vectors_of(lead_ids: Collection[int]) -> dict[int, Floats]:
    """The vectors of the present embedder, of unit length; leads without one are missing."""
    raw = Func("embedding__vector", template="array_send(%(expressions)s::real[])", output_field=BinaryField())
    rows = Lead.objects.filter(pk__in=list(lead_ids), embedding__embedder=embeddings.current().id)
    found = {}
    for lead_id, sent in rows.values_list("pk", raw):
        vector = np.frombuffer(sent, dtype=_SENT, offset=20)["number"].astype(float)
        found[lead_id] = vector / (np.linalg.norm(vector) or 1.0)
    return found


def stacked(lead_ids: Collection[int]) -> Floats:
    """The vectors of leads that all have one, shape (leads, dimensions)."""
    found = vectors_of(lead_ids)
    return np.array([found[pk] for pk in lead_ids]).reshape(len(lead_ids), -1)


def state_of(brief: Brief) -> LearnerState:
    """The brief's learner as of now; computed by whoever asks first, once, however many workers ask."""
    found = _counted(material(brief))
    row = LearnerState.objects.filter(brief=brief).first()
    if row is not None and row.fingerprint == found.fingerprint(brief):
        return row
    with transaction.atomic():
        Brief.objects.select_for_update(no_key=True).only("pk").get(pk=brief.pk)
        row = LearnerState.objects.filter(brief=brief).first() or LearnerState(brief=brief)
        found = _counted(material(brief))
        if row.fingerprint != found.fingerprint(brief):
            _store(row, found, brief)
        return row


def learner_of(brief: Brief, state: LearnerState) -> Fitted | None:
    """The learner that `state` describes, from memory or from its labels; None without any."""
    if not state.label_count:
        return None
    before = _kept.get(brief.pk)
    if before is not None and before[0] == state.fingerprint:
        _kept.move_to_end(brief.pk)
        return before[1]
    found = material(brief).first(state.label_count)
    return _fit(found, brief, points_of(state))


def points_of(state: LearnerState) -> list[Point]:
    """The learning curve."""
    return [Point(**point) for point in state.points]


def forget(brief_id: int | None = None) -> None:
    """Drop learners from memory; they are made again from their labels."""
    if brief_id is None:
        _kept.clear()
    else:
        _kept.pop(brief_id, None)


def _counted(found: Material) -> Material:
    count = len(found.given)
    return found.first(count if count < EXACT_TO else count - count % STEP)


def _fit(found: Material, brief: Brief, known: list[Point]) -> Fitted:
    fitted = fitting.fit(
        stacked(found.lead_ids), found.outcome, found.marks, promised=brief.promised_error, known=known
    )
    _kept[brief.pk] = (found.fingerprint(brief), fitted)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return fitted


def _store(row: LearnerState, found: Material, brief: Brief) -> None:
    learned: dict[str, Any] = {"points": [], "yes_from": None, "no_to": None}
    if found.given:
        fitted = _fit(found, brief, points_of(row))
        learned = {
            "points": [asdict(point) for point in fitted.points],
            "yes_from": fitted.yes_from,
            "no_to": fitted.no_to,
        }
    for name, value in learned.items():
        setattr(row, name, value)
    row.fingerprint, row.version = found.fingerprint(brief), row.version + 1
    row.label_count, row.positive_count = len(found.given), int(found.outcome.sum())
    row.save()
