"""`python -m tests.faults [--messages N] [--seed N]`: the long form; writes var/faults/latest.json, exits 1 on any loss."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults.world import ROOT, Result, World

TOTALS = ("planned", "delivered", "doubled", "lost", "unknown", "unexplained")


def scenarios(world: World) -> list[tuple[str, float, Callable[[], None], Callable[[], None]]]:
    """Name, share of the messages, what is set up before, what happens again and again."""

    def kill() -> None:
        time.sleep(world.random.uniform(0.3, 1.2))
        world.kill_one()

    def restart(number: int) -> Callable[[], None]:
        left = [2]

        def disturb() -> None:
            time.sleep(1.2)
            if left[0]:
                left[0] -= 1
                world.restart_postgres(number=number)

        return disturb

    def wait() -> None:
        time.sleep(0.3)

    def refusals() -> None:
        world.sink(
            refusals=[
                {"stage": "rcpt", "reply": "451 4.3.0 Try later", "pattern": "[05]@"},
                {"stage": "mail", "reply": "421 4.7.0 Too many", "pattern": "mailbox1", "disconnect": True},
                {"stage": "data", "reply": "454 4.7.0 Slow down", "pattern": "7@", "times": 20},
            ]
        )

    slow = lambda: world.sink(delay_seconds=0.02)  # noqa: E731
    return [
        ("workers killed with -9", 0.35, slow, kill),
        ("Postgres restarted", 0.15, slow, restart(signal.SIGINT)),
        ("Postgres crashed", 0.1, slow, restart(signal.SIGQUIT)),
        (
            "connection cut after the final dot",
            0.15,
            lambda: world.sink(cut_probability=0.1, cut_keeps_probability=0.5),
            wait,
        ),
        (
            "provider accepts and never answers",
            0.1,
            lambda: world.carrier(hang_probability=0.15, hang_seconds=4.0, cut_probability=0.1, refuse_probability=0.1),
            wait,
        ),
        ("421, 451 and 454 now and then", 0.15, refusals, _once(lambda: world.sink(refusals=[]), after=3.0)),
    ]


def _once(action: Callable[[], None], *, after: float) -> Callable[[], None]:
    done: list[bool] = []

    def disturb() -> None:
        if not done:
            time.sleep(after)
            action()
            done.append(True)
        time.sleep(0.3)

    return disturb


def run(messages: int, *, seed: int = 1, only: str = "") -> tuple[list[Result], int]:
    results = []
    with World(seed=seed) as world:
        world.prepare()
        for name, share, before, disturb in scenarios(world):
            if only and only not in name:
                continue
            before()
            share = 1.0 if only else share
            results.append(world.run(name, max(10, round(messages * share)), disturb))
            Console(stderr=True).print(f"[dim]{results[-1]}[/dim]", highlight=False)
    return results, world.kills


def summary(results: list[Result]) -> dict[str, object]:
    return {
        **{key: sum(getattr(result, key) for result in results) for key in TOTALS},
        "faults": [asdict(result) for result in results],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
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
    Console().print(table)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps({**total, "kills": kills}, indent=2) + "\n")
    is_well = not (total["doubled"] or total["lost"] or total["unexplained"])
    Console().print(
        "[green]nothing doubled, nothing lost[/green]" if is_well else "[red]messages were lost or doubled[/red]"
    )
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
