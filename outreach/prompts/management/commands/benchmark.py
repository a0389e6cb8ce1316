"""Benchmarks of packs and models: `benchmark run | list | show`."""

from __future__ import annotations

from typing import Annotated

import typer
from django_typer.management import TyperCommand, command
from rich.console import Console
from rich.table import Table

from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors
from outreach.prompts import benchmarks, services
from outreach.prompts.benchmarks import Line
from outreach.prompts.models import Benchmark, PackVersion


def _benchmark(number: int) -> Benchmark:
    if benchmark := Benchmark.objects.filter(pk=number).first():
        return benchmark
    raise Invalid("", f"There is no benchmark {number}.")


class Command(TyperCommand):
    help = "Compare packs and models on the packs' tests."

    @command(help="Run packs × models × cases. A run that was stopped goes on with --resume.")
    def run(
        self,
        packs: Annotated[list[str] | None, typer.Option("--pack", help="name or name@version; default: all")] = None,
        models: Annotated[list[str] | None, typer.Option("--model", help="provider/model or builtin")] = None,
        resume: Annotated[int, typer.Option(help="Number of a run to go on with")] = 0,
        as_json: AsJson = False,
    ) -> None:
        with explained_errors(as_json=as_json):
            services.sync_packs()
            if resume:
                benchmark = _benchmark(resume)
            else:
                names = packs or sorted(PackVersion.objects.in_production().values_list("name", flat=True))
                benchmark = benchmarks.start(references=names, targets=models or ["builtin"])
            for (version, target, case), result in benchmarks.run(benchmark):
                if not as_json:
                    self.stdout.write(f"{result:8} {version.name} · {target} · {case.name}")
            self._print(benchmark, as_json=as_json)

    @command(name="list", help="The newest runs.")
    def list_runs(self, as_json: AsJson = False) -> None:
        for row in Benchmark.objects.order_by("-pk")[:50]:
            state = "finished" if row.finished_at else "unfinished"
            emit([{"id": row.pk, "state": state, "models": row.targets, "packs": len(row.shas)}], as_json=as_json)

    @command(help="The table of one run.")
    def show(self, number: int, as_json: AsJson = False) -> None:
        with explained_errors(as_json=as_json):
            self._print(_benchmark(number), as_json=as_json)

    def _print(self, benchmark: Benchmark, *, as_json: bool) -> None:
        lines = benchmarks.table(benchmark)
        if as_json:
            emit([{"benchmark": benchmark.pk, **line.as_json()} for line in lines], as_json=True)
            return
        table = Table(
            "Pack",
            "Model",
            "Passed",
            "Mark",
            "Cost",
            "Latency",
            "Schema failures",
            "Other faults",
            title=str(benchmark),
        )
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
        str(line.other_failures),
    ]
