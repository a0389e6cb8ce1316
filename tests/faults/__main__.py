"""`python -m tests.faults [failover] [--messages N] [--seed N]`: the long form; writes its figures below var/faults and
exits 1 on any loss. `failover` kills servers of a replicated pair, the rest everything else."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.faults import failover
from tests.faults.forces import ROOT
from tests.faults.scenarios import SCENARIOS
from tests.faults.world import Result, World

TOTALS = ("planned", "delivered", "stopped", "doubled", "lost", "unknown", "unexplained")
FEWEST = 10
"""Messages of the smallest scenario."""


def run(messages: int, *, seed: int = 1, only: str = "") -> tuple[list[Result], int]:
    """Every fault whose name contains `only`, all in one world."""
    chosen = [scenario for scenario in SCENARIOS if only in scenario.name]
    if not chosen:
        raise SystemExit(f"No fault is called “{only}”. There are: {'; '.join(s.name for s in SCENARIOS)}.")
    whole = sum(scenario.share for scenario in chosen)
    results = []
    with World(seed=seed) as world:
        world.prepare()
        for scenario in chosen:
            count = max(FEWEST, -int(-messages * scenario.share // whole))
            results.append(scenario.run(world, scenario.name, count))
            Console(stderr=True).print(f"[dim]{results[-1]}[/dim]", highlight=False)
    return results, world.kills


def summary(results: list[Result]) -> dict[str, object]:
    return {
        **{key: sum(getattr(result, key) for result in results) for key in TOTALS},
        "faults": [asdict(result) for result in results],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", nargs="?", choices=["faults", "failover"], default="faults")
    parser.add_argument("--messages", type=int, help="of all faults (10,000), or of each fail-over (150)")
    parser.add_argument("--rounds", type=int, default=failover.ROUNDS, help="of each kind of fail-over")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a fault's name")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if options.suite == "failover":
        outcomes = failover.run(options.messages or 150, rounds=options.rounds, seed=options.seed, only=options.only)
        results = [outcome.result for outcome in outcomes]
        show_fail_overs(outcomes)
        written = {**summary(results), "rounds": [asdict(outcome) for outcome in outcomes]}
    else:
        results, kills = run(options.messages or 10_000, seed=options.seed, only=options.only)
        show_faults(results)
        written = {**summary(results), "kills": kills}
    name = "latest" if options.suite == "faults" else options.suite
    path = options.output or Path(ROOT) / "var" / "faults" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(written, indent=2) + "\n")
    is_well = not any(result.doubled or result.lost or result.unexplained for result in results)
    Console().print(
        "[green]nothing doubled, nothing lost[/green]" if is_well else "[red]messages were lost or doubled[/red]"
    )
    return 0 if is_well else 1


def show_faults(results: list[Result]) -> None:
    table = Table("fault", *TOTALS, "seconds")
    for result in results:
        table.add_row(result.fault, *[str(getattr(result, key)) for key in TOTALS], str(result.seconds))
    total = summary(results)
    table.add_row("[bold]all[/bold]", *[f"[bold]{total[key]}[/bold]" for key in TOTALS], "")
    Console(width=140).print(table)


def show_fail_overs(outcomes: list[failover.Outcome]) -> None:
    """A line for each kind of loss: sums, and the seconds until sending went on."""
    table = Table("loss", "times", *TOTALS, "in flight", "resumed after, median", "longest")
    for name in dict.fromkeys(outcome.result.fault for outcome in outcomes):
        rounds = [outcome for outcome in outcomes if outcome.result.fault == name]
        seconds = [outcome.resumed_seconds for outcome in rounds]
        total = summary([outcome.result for outcome in rounds])
        table.add_row(
            name, str(len(rounds)), *[str(total[key]) for key in TOTALS],
            str(sum(outcome.in_flight for outcome in rounds)), f"{median(seconds):.1f} s", f"{max(seconds):.1f} s",
        )  # fmt: skip
    Console(width=180).print(table)


if __name__ == "__main__":
    sys.exit(main())
