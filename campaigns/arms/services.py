"""Give people to arms, and say which variant they get."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable

from campaigns.arms.hashing import arm_of
from campaigns.arms.models import Arm, Assignment, Experiment
from campaigns.models import Candidate

Key = tuple[int, int]
"""(candidate, step)."""


def chosen_variants(
    steps: Collection[int], candidates: Collection[Candidate], *, written: Container[Key] = frozenset()
) -> dict[Key, str]:
    """The one variant that an experiment chooses, by candidate and step; steps without an experiment have none.

    Whoever is met for the first time while it runs is given to an arm, for good; not those whose text for the step is
    `written` already. Once an experiment is decided, all others get the winner. One query where there is none.
    """
    found = Experiment.objects.effective().filter(step__in=steps).select_related("winner").prefetch_related("arms")
    chosen: dict[Key, str] = {}
    for experiment in found:
        given = _given(experiment, candidates)
        if experiment.is_running:
            new = (one for one in candidates if one.pk not in given and (one.pk, experiment.step_id) not in written)
            given |= give(experiment, new)
        for candidate in candidates:
            arm = given.get(candidate.pk) or experiment.winner
            if arm is not None:
                chosen[candidate.pk, experiment.step_id] = arm.variant
    return chosen


def _given(experiment: Experiment, candidates: Collection[Candidate]) -> dict[int, Arm]:
    arms = {arm.pk: arm for arm in experiment.arms.all()}
    rows = Assignment.objects.filter(experiment=experiment, candidate__in=candidates)
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
    """Whose arm it is: the person's, or their company's where everyone there gets the same text."""
    company = candidate.lead.company_id
    if experiment.unit == Experiment.Unit.COMPANY and company:
        return f"company-{company}"
    return f"lead-{candidate.lead_id}"
