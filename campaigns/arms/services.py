"""Give people to arms, and say how each has a step."""

from __future__ import annotations

import copy
from collections.abc import Collection, Container, Iterable
from typing import Any

from django.db.models import Prefetch

from campaigns.arms.factors import FACTORS
from campaigns.arms.hashing import arm_of
from campaigns.arms.models import Arm, Assignment, Experiment
from campaigns.models import Candidate
from campaigns.steps.models import Step
from conversations.consent.hours import OWN_HOURS
from outreach.llm import configured

Key = tuple[int, int]
"""(candidate, step)."""
MARK = "arm"
"""Attribute of a message: the arm that it was sent in."""
TEXT = "pack"
"""Attribute of a message: the pack that it was written by, where an experiment chose it."""


def steps_to_write(
    steps: Collection[Step], candidates: Collection[Candidate], *, written: Container[Key]
) -> dict[Key, Step]:
    """The steps as candidates in experiments have them, before texts are written; where nothing differs, none.

    Whoever is met for the first time while an experiment runs is given to an arm, for good; not those whose text for
    the step is `written` already. Once it is decided, all others get the winner. One query where there is none.
    """
    return _changed(steps, candidates, is_written=True, written=written)


def steps_to_send(steps: Collection[Step], candidates: Collection[Candidate]) -> dict[Key, Step]:
    """The same before messages are planned: this is where send times and playbooks are given."""
    return _changed(steps, candidates, is_written=False)


def step_as_written(candidate: Candidate, step: Step) -> Step:
    """The step as the candidate's text was or will be written by; nobody is given to an arm."""
    return _changed([step], [candidate], is_written=None).get((candidate.pk, step.pk), step)


def _changed(
    steps: Collection[Step],
    candidates: Collection[Candidate],
    *,
    is_written: bool | None,
    written: Container[Key] = frozenset(),
) -> dict[Key, Step]:
    arms = Prefetch("arms", Arm.objects.order_by("number"))
    found = Experiment.objects.started().filter(step__in=[step.pk for step in steps])
    changed: dict[Key, Step] = {}
    by_id = {step.pk: step for step in steps}
    for experiment in found.order_by("pk").select_related("winner").prefetch_related(arms):
        factor, step = FACTORS[experiment.factor], by_id[experiment.step_id]
        if experiment.is_stopped and factor.is_written is is_written:
            continue  # who has no text or no plan yet gets what the campaign has
        given, values = _given(experiment, candidates), factor.load([arm.value for arm in experiment.arms.all()])
        if experiment.is_running and factor.is_written is is_written:
            new = (one for one in candidates if one.pk not in given and (one.pk, step.pk) not in written)
            given |= give(experiment, new)
        for candidate in candidates:
            arm = given.get(candidate.pk) or (experiment.winner if experiment.is_decided else None)
            if arm is not None and arm.value in values:
                theirs = copy.copy(changed.get((candidate.pk, step.pk), step))
                factor.set_on(theirs, values[arm.value])
                theirs.arm_id = arm.pk if candidate.pk in given else theirs.arm_id
                changed[candidate.pk, step.pk] = theirs
    return changed


def _given(experiment: Experiment, candidates: Collection[Candidate]) -> dict[int, Arm]:
    arms = {arm.pk: arm for arm in experiment.arms.all()}
    rows = Assignment.objects.filter(experiment=experiment, candidate__in=[one.pk for one in candidates])
    return {candidate: arms[arm] for candidate, arm in rows.values_list("candidate", "arm")}


def give(experiment: Experiment, candidates: Iterable[Candidate]) -> dict[int, Arm]:
    """Give `candidates` to arms by chance, in the shares of now: candidate → arm."""
    arms = list(experiment.arms.all())
    shares = [arm.share for arm in arms]
    given = {one.pk: arms[arm_of(str(experiment.pk), unit_of(experiment, one), shares)] for one in candidates}
    rows = [Assignment(experiment=experiment, candidate_id=pk, arm=arm) for pk, arm in given.items()]
    Assignment.objects.bulk_create(rows, ignore_conflicts=True)
    return given


def unit_of(experiment: Experiment, candidate: Candidate) -> str:
    """Whose arm it is: the person's, or their company's where everyone there gets the same."""
    company = candidate.lead.company_id
    if experiment.unit == Experiment.Unit.COMPANY and company:
        return f"company-{company}"
    return f"lead-{candidate.lead_id}"


def marks_of(step: Step) -> dict[str, Any]:
    """What a message keeps of the arm that it is sent in: the arm, its pack, and its hours, which hold to the last moment."""
    marks: dict[str, Any] = {MARK: step.arm_id} if step.arm_id else {}
    if step.own_text:
        marks[TEXT] = step.own_text
    return marks | {OWN_HOURS: step.hours} if step.hours else marks


def asks_models(steps: Collection[Step]) -> bool:
    """Whether an experiment on one of `steps` has a model write, whatever route the step's pack has."""
    rows = Arm.objects.filter(experiment__in=Experiment.objects.started(), experiment__factor="model")
    routes = rows.filter(experiment__step__in=steps).values_list("value", flat=True).distinct()
    return any(configured.uses_model(route) for route in routes)
