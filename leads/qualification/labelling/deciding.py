"""What the learner decides about leads, and which of its decisions are checked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from leads.qualification.labelling import checks, labels, states
from leads.qualification.models import Brief

NEAREST = 3


@dataclass(frozen=True)
class Nearest:
    """A labelled lead that is like the one in question."""

    lead_id: int
    is_positive: bool
    likeness: float
    """1: the same, 0: nothing in common."""


@dataclass(frozen=True)
class Decision:
    """The learner's answer about one lead, of which it is sure."""

    probability: float
    answer: bool
    is_checked: bool
    """A person or a model decides all the same: it was drawn for the audit, or the learner is stopped."""
    is_drawn: bool
    """Checked while the learner may decide: without a model a person is waited for."""
    nearest: tuple[Nearest, ...]
    version: str


def decide(*, brief: Brief, lead_ids: Collection[int]) -> dict[int, Decision]:
    """The decisions that the learner is sure of, by lead; those that are to be checked are written down.

    None where the brief does not let it decide, where its labels do not allow a promise, and for leads without a vector.
    """
    if not brief.decides_alone or not lead_ids or not labels.are_many(brief.pk):
        return {}
    state = states.state_of(brief)
    fitted = states.learner_of(brief, state) if (state.yes_from, state.no_to) != (None, None) else None
    vectors = states.vectors_of(lead_ids) if fitted is not None else {}
    if fitted is None or not vectors:
        return {}
    is_stopped = checks.measured(brief).is_stopped
    known = states.material(brief).first(state.label_count)
    labelled = states.stacked(known.lead_ids)
    rows = np.array(list(vectors.values()))
    likeness = rows @ labelled.T
    found = {}
    for row, (lead_id, probability) in enumerate(zip(vectors, fitted.probability(rows), strict=True)):
        answer = state.answer(float(probability))
        if answer is None:
            continue
        nearest = tuple(
            Nearest(known.given[place].lead_id, known.given[place].is_positive, float(likeness[row, place]))
            for place in np.argsort(-likeness[row], kind="stable")[:NEAREST]
        )
        is_drawn = not is_stopped and checks.is_drawn(brief, lead_id)
        version = f"{states.VERSION} v{state.version}"
        found[lead_id] = Decision(float(probability), answer, is_stopped or is_drawn, is_drawn, nearest, version)
    checks.remember(
        brief=brief, decisions=[(pk, one.probability, one.answer) for pk, one in found.items() if one.is_checked]
    )
    return found
