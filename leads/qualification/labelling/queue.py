"""Who to label next: of the candidates of a brief the one whose answer would tell most, and why.

A queue is kept in memory and takes new labels in one by one, in whichever worker they were given; it is made again from
the labels when it is too old or one was taken back.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from leads.models import Lead
from leads.qualification.labelling import checks, states
from leads.qualification.labelling.states import Material
from leads.qualification.learner import active, fitting
from leads.qualification.learner.gaussian_process import Process
from leads.qualification.models import Brief, LearnerState, Verdict
from outreach.core.late import late
from outreach.llm import embeddings

special = late("scipy.special")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

POOL = 5_000
"""Candidates: those that the brief judged last, then the newest leads."""
LIFETIME_SECONDS = 900
KEPT = 2
"""Queues in memory; one of 2,000 labels and 5,000 candidates takes 100 MB."""
BINS = 10

_queues: OrderedDict[int, Queue] = OrderedDict()
_lock = RLock()


@dataclass
class Queue:
    """The candidates with their vectors, and what the labels taken in so far say about them."""

    lead_ids: list[int]
    vectors: Floats
    process: Process
    marks: list[str]
    is_labelled: Bools
    made_at: float = field(default_factory=time.monotonic)
    places: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.places = {lead_id: place for place, lead_id in enumerate(self.lead_ids)}

    def can_take(self, found: Material) -> bool:
        """Whether `found` is what was taken in and more, all of it about candidates."""
        known = len(self.marks)
        return (
            self.marks == found.marks[:known]
            and len(found.marks) < fitting.SWITCH
            and all(lead_id in self.places for lead_id in found.lead_ids[known:])
            and time.monotonic() - self.made_at < LIFETIME_SECONDS
        )

    def take(self, found: Material) -> None:
        """Take in the labels that are new."""
        for one in found.given[len(self.marks) :]:
            place = self.places[one.lead_id]
            self.process.add(place, one.is_positive)
            self.is_labelled[place] = True
        self.marks = found.marks


@dataclass(frozen=True)
class Choice:
    """The next person to label. `reason`: first, check, new or border."""

    lead: Lead
    reason: str
    probability: float
    waiting: int
    """Candidates without a label."""


@dataclass(frozen=True)
class Outlook:
    """What the learner would decide now about the candidates without a label."""

    bins: list[int]
    """Counts by probability, from 0-10% to 90-100%."""
    yes: int
    no: int
    unsure: int


def next_choice(brief: Brief, skipped: Collection[int] = ()) -> Choice | None:
    """The most telling candidate who is not `skipped`, those that check the learner first; None when there is nobody left."""
    with _lock:
        queue = _current(brief)
        if queue is None:
            return None
        is_out = queue.is_labelled.copy()
        is_out[[queue.places[pk] for pk in skipped if pk in queue.places]] = True
        for lead_id in checks.waiting(brief):
            lead = None if lead_id in skipped else _alive(lead_id)
            if lead is not None:
                place = queue.places.get(lead_id)
                return Choice(lead, "check", 0.5 if place is None else _probability(queue, place), _waiting(queue))
        while not is_out.all():
            place, reason = _most_telling(queue, is_out)
            lead = _alive(queue.lead_ids[place])
            if lead is not None:
                return Choice(lead, reason, _probability(queue, place), _waiting(queue))
            is_out[place] = queue.is_labelled[place] = True
        return None


def outlook(brief: Brief, state: LearnerState) -> Outlook | None:
    """The learner of `state` over all candidates without a label; None without labels or candidates."""
    fitted = states.learner_of(brief, state)
    with _lock:
        queue = _current(brief)
        if queue is None or fitted is None:
            return None
        rest = ~queue.is_labelled
        if len(queue.marks) < fitting.SWITCH:
            score = fitting.score(queue.process.mean[rest], queue.process.variance[rest])
            said = fitted.calibration.probability(score)
        else:
            said = fitted.probability(queue.vectors[rest])
    counts, _edges = np.histogram(said, bins=BINS, range=(0, 1))
    yes = int((said >= state.yes_from).sum()) if state.yes_from is not None else 0
    no = int((said <= state.no_to).sum()) if state.no_to is not None else 0
    return Outlook([int(count) for count in counts], yes, no, len(said) - yes - no)


def forget() -> None:
    """Drop all queues from memory."""
    with _lock:
        _queues.clear()


def _current(brief: Brief) -> Queue | None:
    found = states.material(brief)
    queue = _queues.get(brief.pk)
    if queue is None or not queue.can_take(found):
        queue = _made(brief)
        if queue is None:
            return None
        _queues[brief.pk] = queue
        while len(_queues) > KEPT:
            _queues.popitem(last=False)
    else:
        queue.take(found)
    _queues.move_to_end(brief.pk)
    return queue


def _made(brief: Brief) -> Queue | None:
    state = states.state_of(brief)
    found = states.material(brief)
    vectors = states.vectors_of({*_pool(brief), *found.lead_ids})
    if not vectors:
        return None
    lead_ids, rows = list(vectors), np.array(list(vectors.values()))
    places = {lead_id: place for place, lead_id in enumerate(lead_ids)}
    known = found.first(state.label_count)
    if len(found.given) >= fitting.SWITCH:
        process = fitting.start(rows)
        fitted = states.learner_of(brief, state)
        if fitted is not None:
            process.mean, process.variance = fitted.engine.at(rows)
    else:
        process = fitting.resume(rows, [places[pk] for pk in known.lead_ids], known.outcome, states.points_of(state))
        for one in found.given[len(known.given) :]:
            process.add(places[one.lead_id], one.is_positive)
    is_labelled = np.isin(lead_ids, found.lead_ids)
    return Queue(lead_ids, rows, process, found.marks, is_labelled)


def _pool(brief: Brief) -> list[int]:
    usable = Lead.objects.alive().filter(embedding__embedder=embeddings.current().id)
    judged = Verdict.objects.filter(brief=brief).order_by("-pk").values_list("lead_id", flat=True)[: 2 * POOL]
    first = dict.fromkeys(judged)
    alive = set(usable.filter(pk__in=list(first)).values_list("pk", flat=True))
    newest = usable.order_by("-pk").values_list("pk", flat=True)[:POOL]
    return list(dict.fromkeys([*(pk for pk in first if pk in alive), *newest]))[:POOL]


def _most_telling(queue: Queue, is_out: Bools) -> tuple[int, str]:
    process = queue.process
    if not queue.marks:
        return active.most_typical(process, is_out), "first"
    place = active.most_informative(process, is_out)
    return place, "new" if process.variance[place] > process.kernel.signal / 2 else "border"


def _probability(queue: Queue, place: int) -> float:
    return float(special.ndtr(queue.process.mean[place] / np.sqrt(queue.process.variance[place] + 1)))


def _waiting(queue: Queue) -> int:
    return int((~queue.is_labelled).sum())


def _alive(lead_id: int) -> Lead | None:
    return Lead.objects.alive().select_related("company").filter(pk=lead_id).first()
