"""A comparison of policies as commands and pages show it: on a history, or in generated worlds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leads.learning.evaluation import find_leaks
from leads.learning.policies import offpolicy, simulation
from leads.learning.policies.histories import Start, world_of
from leads.learning.policies.offpolicy import Estimates
from leads.learning.policies.simulation import MAKERS, STATIC, Result
from leads.learning.policies.worlds import World, generated
from leads.learning.tables import Table
from outreach.core.errors import Invalid
from outreach.core.late import on_one_core
from outreach.core.words import gettext as _

FEWEST_ROWS = 500


@dataclass(frozen=True)
class Comparison:
    """What each policy won in the same worlds."""

    results: list[Result]
    estimates: dict[str, Estimates]
    """By policy, from a log of the first world that chance wrote."""
    hindsight: int
    worlds: list[World]
    leaks: list[str]
    warnings: list[str]

    @property
    def best(self) -> str:
        """The policy that won most."""
        return max(self.results, key=lambda result: result.total).name

    def as_json(self) -> dict[str, Any]:
        """Plain values with stable keys."""
        first = self.worlds[0]
        return {
            "policies": {
                result.name: {
                    "conversions": result.total,
                    "uplift": result.uplift,
                    "interval": list(result.interval),
                    "conversions_by_day": result.by_day,
                    "off_policy": self.estimates[result.name].as_json(),
                }
                for result in self.results
            },
            "best": self.best,
            "hindsight": self.hindsight,
            "days": first.days,
            "worlds": len(self.worlds),
            "leads": sum(len(world.outcome) for world in self.worlds),
            "written_to_a_day": first.budget,
            "leaks": self.leaks,
            "warnings": self.warnings,
        }


def on_history(table: Table, start: Start) -> Comparison:
    """The policies on a history of leads; leaking columns are left out. Raises `Invalid` when it is too short."""
    if len(table.outcome) < FEWEST_ROWS:
        raise Invalid(
            "csv",
            _("%(count)s rows have an outcome; at least %(fewest)s are needed to simulate days.")
            % {"count": len(table.outcome), "fewest": FEWEST_ROWS},
            code="too_few",
        )
    leaks = [leak.column for leak in find_leaks(table)]
    kept = table.without(leaks)
    warnings = list(table.warnings)
    if not kept.columns:
        raise Invalid(
            "csv", _("Every column seems to know the outcome; nothing is left to choose by."), code="no_columns"
        )
    if table.time is None:
        warnings.append(_("Without a column of times the order is random, so nothing changes from day to day."))
    found = _compare([world_of(kept, start)], start.seed, leaks)
    return Comparison(**{**found.__dict__, "warnings": [*warnings, *found.warnings]})


def in_worlds(kind: str, *, count: int, seed: int = 1) -> Comparison:
    """The policies in `count` generated worlds of a kind, with the seeds from `seed` on."""
    return _compare([generated(kind, seed=seed + number) for number in range(count)], seed, [])


def labels() -> dict[str, str]:
    """What the policies are called."""
    return {
        "static": _("Static score"),
        "nightly": _("Nightly weights"),
        "thompson": _("Thompson sampling"),
        "q_learning": _("Q-learning"),
    }


def _compare(worlds: list[World], seed: int, leaks: list[str]) -> Comparison:
    with on_one_core("scipy.linalg"):
        results = simulation.compare(worlds, seed=seed)
        ideal = simulation.hindsight(worlds)
        estimates = {
            name: offpolicy.estimate(worlds[0], make(worlds[0], seed), seed=seed) for name, make in MAKERS.items()
        }
    warnings = []
    if not results[0].total:
        warnings.append(_("The static score won nobody, so there is nothing to compare with."))
    warnings += [
        _("%(policy)s: the difference could be chance.") % {"policy": labels()[result.name]}
        for result in results
        if result.name != STATIC and result.interval[0] <= 0 <= result.interval[1]
    ]
    return Comparison(results, estimates, ideal, worlds, leaks, warnings)
