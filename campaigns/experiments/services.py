"""Plan, start, stop and decide experiments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from campaigns.arms.factors import FACTORS
from campaigns.arms.models import EXPERIMENT, Arm, Experiment
from campaigns.arms.services import give
from campaigns.drafts import services as drafting
from campaigns.drafts.models import DRAFT, Draft, DraftQuerySet
from campaigns.experiments import sentences
from campaigns.experiments.design import design
from campaigns.experiments.results import Results, results_of
from campaigns.experiments.sequential import Test
from campaigns.models import CAMPAIGN, Campaign, Candidate
from campaigns.steps.models import Step
from outreach.core import audit, clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

MOST_ARMS = 6
LEAST_SHARE = 0.1
"""Thompson gives each arm at least this part, divided by the number of arms: an early bad streak is not the end of it."""
ACTOR = Actor.system("experiments")


@dataclass(frozen=True)
class Plan:
    """What is to be compared, and which difference matters. `values` are of the factor, one for each arm."""

    step: Step
    name: str
    values: Sequence[str]
    base_rate: float
    factor: str = "variant"
    ratio: float = 1.5
    metric: str = Experiment.Metric.REPLIED
    unit: str = Experiment.Unit.PERSON
    mode: str = Experiment.Mode.FIXED
    takes_winner: bool = False
    names: Sequence[str] = field(default=())
    """Of the arms; empty: what the values are called."""


def create(plan: Plan, *, actor: Actor) -> Experiment:
    """Store a planned experiment. Raises `Invalid` with the field, or `Refused` where the step has one already."""
    values = _checked(plan)
    needed = design(step=plan.step, base_rate=plan.base_rate, ratio=plan.ratio, arms=len(values)).need
    if needed is None:
        raise Invalid("ratio", _("This difference is too small to be seen at this rate. Choose a larger one."))
    test = Test.made_for(plan.ratio, alpha=0.05 / (len(values) - 1))
    try:
        with transaction.atomic():
            row = Experiment.objects.create(
                campaign=plan.step.campaign,
                step=plan.step,
                name=plan.name.strip(),
                factor=plan.factor,
                metric=plan.metric,
                unit=plan.unit,
                mode=plan.mode,
                base_rate=plan.base_rate,
                ratio=plan.ratio,
                spread=test.spread,
                needed=needed.people,
                takes_winner=plan.takes_winner,
            )
            names = plan.names or _arm_names(plan, values)
            Arm.objects.bulk_create(
                Arm(experiment=row, number=n, name=name, value=value, share=1 / len(values))
                for n, (name, value) in enumerate(zip(names, values, strict=True), 1)
            )
            audit.record("experiment.created", subject=row, actor=actor, data={plan.factor: values})
    except IntegrityError as error:
        raise Refused(_("This step has an experiment already. Stop it first.")) from error
    return row


def _checked(plan: Plan) -> list[str]:
    """The values of the arms. Raises `Invalid` or `Refused` for what cannot be compared."""
    if not plan.step.pack_version_id:
        raise Invalid("step", _("A task has no text to compare."))
    if plan.step.campaign.state in CAMPAIGN.over:
        raise Refused(_("This campaign has ended."))
    if not plan.name.strip():
        raise Invalid("name", _("Enter a name for the experiment."))
    for name, choices in (("metric", Experiment.Metric), ("unit", Experiment.Unit), ("mode", Experiment.Mode)):
        if getattr(plan, name) not in choices.values:
            raise Invalid(name, _("Unknown value “%(value)s”.") % {"value": getattr(plan, name)})
    if not 0.0001 <= plan.base_rate <= 0.9:
        raise Invalid("base_rate", _("Enter a rate between 0.01% and 90%."))
    if not (plan.ratio >= 1.05 and plan.ratio * plan.base_rate <= 1):  # also what is no number
        raise Invalid("ratio", _("Enter a difference of at least 5% which is possible at this rate."))
    return _checked_values(plan)


def _checked_values(plan: Plan) -> list[str]:
    factor = FACTORS.get(plan.factor)
    if factor is None:
        raise Invalid("factor", _("Unknown value “%(value)s”.") % {"value": plan.factor})
    known, values = factor.offers(plan.step), list(plan.values)
    if not known:
        raise Invalid("values", str(factor.nothing_offered))
    if not 2 <= len(values) <= MOST_ARMS:
        raise Invalid("values", _("Compare between two and %(most)s variants.") % {"most": MOST_ARMS})
    for value in values:
        if value not in known:
            raise Invalid(
                "values",
                _("“%(value)s” cannot be compared here. Choose from: %(known)s.")
                % {"value": value, "known": ", ".join(known)},
            )
    if plan.factor == "playbook" and plan.metric == Experiment.Metric.REPLIED:
        raise Invalid(
            "metric",
            _("A playbook answers replies and cannot bring more of them. Decide by positive replies or booked calls."),
        )
    return values


def _arm_names(plan: Plan, values: Sequence[str]) -> list[str]:
    """What the values are called; the same one twice gets a letter."""
    known = FACTORS[plan.factor].offers(plan.step)
    names = [str(known[value]) for value in values]
    return names if len(set(values)) == len(values) else [f"{name} {chr(65 + n)}" for n, name in enumerate(names)]


def start(*, experiment: Experiment, actor: Actor) -> int:
    """Start giving people to arms; how many were given at once: those whose text is not decided yet, where it matters.

    People whose draft is approved, or who were written to, stay out of a comparison of texts. Send times and playbooks
    are given when messages are planned. Raises `Refused` when it cannot start.
    """
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=experiment.campaign_id)
        if campaign.state in CAMPAIGN.over:
            raise Refused(_("This campaign has ended."))
        EXPERIMENT.move(experiment, "running", actor=actor, changes={"started_at": clock.now()})
        if not FACTORS[experiment.factor].is_written:
            return 0
        drafts = Draft.objects.filter(step=experiment.step_id)
        people = Candidate.objects.filter(campaign=campaign, drafts__in=drafts.undecided()).distinct()
        people = people.exclude(pk__in=drafts.final().values("candidate")).select_related("lead")
        if experiment.factor == "variant":
            return _give_drafts(experiment, people, drafts)
        return _write_again(experiment, people.exclude(pk__in=_edited(drafts)), drafts)


def _edited(drafts: DraftQuerySet) -> Any:
    """Whose text a person has changed: it is never replaced."""
    return drafts.undecided().filter(edited_by__isnull=False).values("candidate")


def _give_drafts(experiment: Experiment, people: Iterable[Candidate], drafts: DraftQuerySet) -> int:
    """Keep each person's draft of their variant and discard the others."""
    given = give(experiment, people)
    for arm in experiment.arms.all():
        theirs = [pk for pk, got in given.items() if got == arm]
        others = drafts.undecided().filter(candidate__in=theirs).exclude(variant=arm.value)
        DRAFT.move_where(others, "superseded", actor=ACTOR, reason=_("An experiment chose another variant."))
    return len(given)


def _write_again(experiment: Experiment, people: Iterable[Candidate], drafts: DraftQuerySet) -> int:
    """Discard their drafts and have them written again the way their arm says."""
    given = give(experiment, people)
    if given:
        waiting = drafts.undecided().filter(candidate__in=list(given))
        DRAFT.move_where(waiting, "superseded", actor=ACTOR, reason=_("An experiment has it written again."))
        drafting.generate(campaign=experiment.campaign)
    return len(given)


def stop(*, experiment: Experiment, actor: Actor, reason: str = "") -> None:
    """End it without a winner: new people get what the campaign has. What was written or planned stays as it is."""
    EXPERIMENT.move(
        experiment, "stopped", actor=actor, reason=reason, changes={"ended_at": clock.now(), "reason": reason}
    )


def take(*, experiment: Experiment, arm: Arm, actor: Actor) -> None:
    """Use one arm for everyone who has no text yet, or whose message is not planned yet."""
    EXPERIMENT.move(
        experiment,
        "decided",
        actor=actor,
        reason=str(arm),
        changes={"ended_at": clock.now(), "winner": arm},
    )


def look() -> list[Results]:
    """The hourly look at all that run: stop what does harm or has nobody left, take winners where asked, divide anew."""
    seen = []
    for experiment in Experiment.objects.running().select_related("step", "campaign").prefetch_related("arms"):
        found = results_of(experiment)
        seen.append(found)
        if found.harmful is not None:
            stop(experiment=experiment, actor=ACTOR, reason=sentences.verdict(found))
        elif found.winner is not None and experiment.takes_winner and found.is_comparison:
            take(experiment=experiment, arm=found.winner.arm, actor=ACTOR)
        elif found.has_ended:
            stop(experiment=experiment, actor=ACTOR, reason=_("The campaign ended."))
        elif experiment.mode == Experiment.Mode.THOMPSON:
            _divide(found)
    return seen


def _divide(found: Results) -> None:
    """Give arms as many of the next people as they are likely to be the best."""
    least = LEAST_SHARE / len(found.arms)
    for one, chance in zip(found.arms, found.chances, strict=True):
        one.arm.share = least + (1 - LEAST_SHARE) * chance
    Arm.objects.bulk_update([one.arm for one in found.arms], ["share"])
