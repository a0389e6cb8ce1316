"""Background work of prompt packs."""

from __future__ import annotations

from outreach.core.words import ngettext
from outreach.jobs.models import Job
from outreach.jobs.services import advance
from outreach.prompts import benchmarks
from outreach.prompts.models import Benchmark


def run_benchmark(job: Job) -> str:
    """Do what is missing of a run. Running it again continues where it stopped."""
    benchmark = Benchmark.objects.get(pk=job.arguments["benchmark_id"])
    total = len(benchmarks.cells(benchmark))
    done = sum(line.done for line in benchmarks.table(benchmark))
    advance(job, done, total)
    for number, _cell in enumerate(benchmarks.run(benchmark), done + 1):
        advance(job, number, total)
    return ngettext("%(count)s case", "%(count)s cases", total) % {"count": total}
