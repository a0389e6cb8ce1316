"""`manage.py experiment`: plan, watch and simulate experiments from the command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from campaigns.arms.factors import FACTORS
from campaigns.arms.models import Experiment
from campaigns.experiments import sentences, services
from campaigns.experiments.power import need
from campaigns.experiments.results import results_of
from campaigns.experiments.simulation import MOST_RUNS
from campaigns.experiments.simulation import simulate as simulated
from campaigns.terminal import Name, found_campaign
from outreach.access.terminal import found_user
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors, found

Number = Annotated[int, typer.Argument(help="Number of an experiment")]
Base = Annotated[float, typer.Option(help="Rate of success today: 0.05 is 5%")]
Ratio = Annotated[float, typer.Option(help="The difference that matters: 1.5 is half as many again")]
Arms = Annotated[int, typer.Option(help="How many variants are compared", min=2, max=services.MOST_ARMS)]
By = Annotated[str, typer.Option("--user", help="Login name of the person who does it")]


class Command(TyperCommand):
    help = "Compare variants of a message with statistics that stay honest however often you look"

    @command("list")
    def list_experiments(self, as_json: AsJson = False) -> None:
        """All experiments, the newest first."""
        rows = Experiment.objects.select_related("campaign", "step")
        emit((_described(row) for row in rows), as_json=as_json, title="Experiments")

    @command()
    def show(self, experiment: Number, as_json: AsJson = False) -> None:
        """One experiment with its verdict."""
        with explained_errors(as_json=as_json):
            emit([as_dict(_experiment(experiment))], as_json=as_json)

    @command()
    def create(
        self,
        campaign: Name,
        value: Annotated[
            list[str], typer.Option("--value", "--variant", help="A value of what differs; repeat for each arm")
        ],
        user: By,
        step: int = 1,
        name: str = "",
        factor: Annotated[str, typer.Option(help=f"What differs: {', '.join(FACTORS)}")] = "variant",
        base: Base = 0.05,
        ratio: Ratio = 1.5,
        metric: Annotated[str, typer.Option(help="replied, positive or booked")] = "replied",
        unit: Annotated[str, typer.Option(help="person or company")] = "person",
        as_json: AsJson = False,
    ) -> None:
        """Plan an experiment on a step of a campaign."""
        with explained_errors(as_json=as_json):
            found = (
                found_campaign(campaign)
                .steps.select_related("campaign__stream", "pack_version")
                .filter(number=step)
                .first()
            )
            if found is None:
                raise Invalid("step", f"This campaign has no step {step}.")
            plan = services.Plan(
                step=found,
                name=name or " / ".join(value),
                factor=factor,
                values=value,
                base_rate=base,
                ratio=ratio,
                metric=metric,
                unit=unit,
            )
            emit([as_dict(services.create(plan, actor=Actor.of(found_user(user))))], as_json=as_json)

    @command()
    def start(self, experiment: Number, user: By, as_json: AsJson = False) -> None:
        """Start it: people are given to arms from now on."""
        with explained_errors(as_json=as_json):
            row = _experiment(experiment)
            services.start(experiment=row, actor=Actor.of(found_user(user)))
            emit([as_dict(row)], as_json=as_json)

    @command()
    def stop(self, experiment: Number, user: By, reason: str = "", as_json: AsJson = False) -> None:
        """Stop it without a winner."""
        with explained_errors(as_json=as_json):
            row = _experiment(experiment)
            services.stop(experiment=row, actor=Actor.of(found_user(user)), reason=reason)
            emit([as_dict(row)], as_json=as_json)

    @command()
    def plan(self, base: Base = 0.05, ratio: Ratio = 1.5, arms: Arms = 2, as_json: AsJson = False) -> None:
        """How many people it takes to see a difference."""
        with explained_errors(as_json=as_json):
            _check(base, ratio)
            found = need(base=base, ratio=ratio, arms=arms)
            if found is None:
                raise Invalid("ratio", "This difference is too small to be seen at this rate.")
            emit([vars(found)], as_json=as_json)

    @command()
    def simulate(
        self,
        runs: Annotated[
            int,
            typer.Option(help="Experiments with equal arms, and as many with the difference", min=1, max=MOST_RUNS),
        ] = 2_000,
        base: Base = 0.05,
        ratio: Ratio = 1.5,
        arms: Arms = 2,
        seed: Annotated[int, typer.Option(help="The same seed gives the same figures", min=0)] = 1,
        as_json: AsJson = False,
    ) -> None:
        """Play experiments whose truth is known, looking after every reply."""
        with explained_errors(as_json=as_json):
            _check(base, ratio)
            found = simulated(runs=runs, base=base, ratio=ratio, arms=arms, seed=seed)
            if found is None:
                raise Invalid("ratio", "This difference is too small to be seen at this rate.")
            emit([vars(found)], as_json=as_json)


def _check(base: float, ratio: float) -> None:
    if not 0.0001 <= base <= 0.9:
        raise Invalid("base", "Enter a rate between 0.0001 and 0.9.")
    if not (ratio >= 1.05 and base * ratio <= 1):
        raise Invalid("ratio", "Enter a ratio of at least 1.05 which is possible at this rate.")


def _experiment(number: int) -> Experiment:
    rows = Experiment.objects.select_related("campaign", "step").prefetch_related("arms")
    return found(rows, number, "experiment")


def _described(row: Experiment) -> dict[str, Any]:
    return {
        "experiment": row.pk,
        "name": row.name,
        "campaign": row.campaign.name,
        "step": row.step.number,
        "state": row.state,
        "factor": row.factor,
        "metric": row.metric,
        "needed": row.needed,
    }


def as_dict(row: Experiment) -> dict[str, Any]:
    """An experiment with its results, flat enough for a terminal."""
    found = results_of(row)
    return _described(row) | {
        "verdict": sentences.verdict(found),
        "winner": str(found.winner.arm) if found.winner else None,
        "days_left": found.days_left,
        "arms": [
            {"arm": str(one.arm), "assigned": one.assigned, "sent": one.sent, "successes": one.successes}
            for one in found.arms
        ],
    }
