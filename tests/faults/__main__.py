"""`python -m tests.faults [--messages N] [--seed N]`: the long form; writes var/faults/latest.json, exits 1 on any loss."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

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
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a fault's name")
    parser.add_argument("--output", type=Path, default=Path(ROOT) / "var" / "faults" / "latest.json")
    options = parser.parse_args()
    results, kills = run(options.messages, seed=options.seed, only=options.only)
    table = Table("fault", *TOTALS, "seconds")
    for result in results:
        table.add_row(result.fault, *[str(getattr(result, key)) for key in TOTALS], str(result.seconds))
    total = summary(results)
    table.add_row("[bold]all[/bold]", *[f"[bold]{total[key]}[/bold]" for key in TOTALS], "")
    Console(width=140).print(table)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps({**total, "kills": kills}, indent=2) + "\n")
    is_well = not (total["doubled"] or total["lost"] or total["unexplained"])
    Console().print(
        "[green]nothing doubled, nothing lost[/green]" if is_well else "[red]messages were lost or doubled[/red]"
    )
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
