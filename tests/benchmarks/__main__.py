"""`python -m tests.benchmarks [NAME …] [--scale N]`: run the benchmarks and write var/bench/latest.json and latest.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import traceback
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import django
from rich.console import Console
from rich.table import Table

import tests.environment
from tests.benchmarks import Row

ROOT = Path(__file__).resolve().parents[2]


def markdown(rows: list[Row]) -> str:
    """The table as it stands in docs/figures.md."""
    lines = ["| what | measured | beside | ratio | target | met |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        met = "yes" if row.holds else "**no**"
        measured = f"{row.measured:,.4g} {row.unit}".strip()
        lines.append(f"| {row.name} | {measured} | {row.reference:,.4g} | {row.ratio:.3g} | {row.target} | {met} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    names = sorted(
        module.name for module in iter_modules([str(Path(__file__).parent)]) if not module.name.startswith("_")
    )
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(names)}")
    parser.add_argument("--scale", type=int, default=20_000, help="rows, where a benchmark has rows")
    parser.add_argument("--large", action="store_true", help="sizes up to --scale leads, and how each figure grows")
    parser.add_argument("--events", type=int, default=0, help="events of a made-up history, where a benchmark has one")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}")

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
    django.setup()
    from django.db import connection, connections
    from django.test.utils import setup_test_environment

    from tests.emptying import empty_database

    setup_test_environment(debug=False)
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    console = Console()
    rows, broken = [], []
    try:
        for name in options.names or names:
            console.print(f"[dim]{name} …[/dim]")
            try:
                empty_database()
                module = import_module(f"tests.benchmarks.{name}")
                if options.events:
                    rows += module.run_events(options.events)
                else:
                    rows += module.run_large(options.scale) if options.large else module.run(options.scale)
            except Exception:
                traceback.print_exc()
                broken.append(name)
            connections.close_all()
    finally:
        tests.environment.stop_postgres()
    table = Table(
        "what", "measured", "beside", "ratio", "target", "holds", title=f"{platform.machine()}, {os.cpu_count()} cores"
    )
    for row in rows:
        table.add_row(
            row.name, f"{row.measured:,.4g} {row.unit}", f"{row.reference:,.4g}", f"{row.ratio:.3g}", row.target,
            "[green]yes[/green]" if row.holds else "[red]no[/red]",
        )  # fmt: skip
    console.print(table)
    path = ROOT / "var" / "bench" / ("large.json" if options.large else "latest.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    path.with_suffix(".md").write_text(markdown(rows))
    console.print(f"written to {path.relative_to(ROOT)}")
    if broken:
        console.print(f"[red]broke: {', '.join(broken)}[/red]")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
