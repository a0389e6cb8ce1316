"""Benchmarks of packs and models: `benchmark run | list | show`."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from django_typer.management import TyperCommand, command
from rich.console import Console
from rich.table import Table

from outreach.core.errors import OutreachError
from outreach.prompts import benchmarks, services
from outreach.prompts.benchmarks import Line
from outreach.prompts.models import Benchmark, PackVersion

Json = Annotated[bool, typer.Option("--json", help="JSON lines instead of a table.")]


class Command(TyperCommand):
    help = "Compare packs and models on the packs' tests."

    @command(help="Run packs × models × cases. A run that was stopped goes on with --resume.")
    def run(
        self,
        packs: Annotated[list[str] | None, typer.Option("--pack", help="name or name@version; default: all")] = None,
        models: Annotated[list[str] | None, typer.Option("--model", help="provider/model or builtin")] = None,
        resume: Annotated[int, typer.Option(help="Number of a run to go on with")] = 0,
        as_json: Json = False,
    ) -> None:
        services.sync_packs()
        try:
            benchmark = Benchmark.objects.filter(pk=resume).first() if resume else None
            if resume and benchmark is None:
                self.stderr.write(f"There is no benchmark {resume}.")
                raise typer.Exit(1)
            if benchmark is None:
                names = packs or sorted(PackVersion.objects.in_production().values_list("name", flat=True))
                benchmark = benchmarks.start(references=names, targets=models or ["builtin"])
        except OutreachError as error:
            self.stderr.write(error.reason)
            raise typer.Exit(1) from error
        for (version, target, case), result in benchmarks.run(benchmark):
            if not as_json:
                self.stdout.write(f"{result:8} {version.name} · {target} · {case.name}")
        self._print(benchmark, as_json=as_json)

    @command(name="list", help="The newest runs.")
    def list_runs(self, as_json: Json = False) -> None:
        for row in Benchmark.objects.order_by("-pk")[:50]:
            state = "finished" if row.finished_at else "unfinished"
            values = {"id": row.pk, "state": state, "models": row.targets, "packs": len(row.shas)}
            self.stdout.write(json.dumps(values) if as_json else "  ".join(map(str, values.values())))

    @command(help="The table of one run.")
    def show(self, number: int, as_json: Json = False) -> None:
        benchmark = Benchmark.objects.filter(pk=number).first()
        if benchmark is None:
            self.stderr.write(f"There is no benchmark {number}.")
            raise typer.Exit(1)
        self._print(benchmark, as_json=as_json)

    def _print(self, benchmark: Benchmark, *, as_json: bool) -> None:
        lines = benchmarks.table(benchmark)
        if as_json:
            for line in lines:
                self.stdout.write(json.dumps({"benchmark": benchmark.pk, **line.as_json()}))
            return
        table = Table("Pack", "Model", "Passed", "Mark", "Cost", "Latency", "Schema failures", title=str(benchmark))
        for line in lines:
            table.add_row(*_cells(line))
        Console(width=160).print(table)


def _cells(line: Line) -> list[str]:
    rate, score = line.pass_rate, line.score
    return [
        f"{line.pack}@{line.sha[:8]}",
        line.target,
        f"{line.passed}/{line.told} ({rate[1]:.0%}–{rate[2]:.0%})" if rate else "—",
        f"{score[0]:.2f} ({score[1]:.2f}–{score[2]:.2f})" if score else "—",
        f"${line.cost_usd:.4f}" if line.cost_usd is not None else "—",
        f"{line.latency_ms:.0f} ms" if line.latency_ms is not None else "—",
        str(line.schema_failures),
    ]
