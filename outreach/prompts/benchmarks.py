"""Packs × models × cases: how many tests pass, how good the answers are, what they cost and how long they take.

Every cell is an evaluation on the run's trace, so a run that was stopped goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

from django.db import transaction

from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.intervals import wilson
from outreach.core.late import late
from outreach.core.registry import Point
from outreach.core.words import gettext as _
from outreach.jobs.models import JOB, Job
from outreach.jobs.services import start_job
from outreach.llm import configured
from outreach.llm.errors import REPAIRABLE
from outreach.llm.models import Evaluation, Interaction, Trace
from outreach.llm.routing import BUILTIN
from outreach.llm.services import open_trace
from outreach.prompts import rendering, services, testing
from outreach.prompts.models import Benchmark, PackVersion
from outreach.prompts.pack import Case, Pack
from outreach.prompts.testing import Answer

stats = late("scipy.stats")

JUDGE = "benchmark"
KIND = "prompts.benchmark"
SEPARATOR = " · "
"""Between model and case in the name of a cell; names of models have colons."""
SCORERS: Point[Callable[[Pack, Case, Answer, Trace], float | None]] = Point("prompts.scorers")
"""A room's judge: a mark from 0 to 1 for an answer of one of its packs, else None."""
Cell = tuple[PackVersion, str, Case]


@dataclass
class Line:
    """One pack with one model."""

    pack: str
    sha: str
    target: str
    cases: int = 0
    done: int = 0
    passed: int = 0
    told: int = 0
    scores: list[float] = field(default_factory=list)
    latencies: list[int] = field(default_factory=list)
    cost_usd: Decimal | None = None
    schema_failures: int = 0
    other_failures: int = 0

    @property
    def pass_rate(self) -> tuple[float, float, float] | None:
        """(share, low, high) of tests that could be told, Wilson's 95% interval."""
        rate = wilson(self.passed, self.told)
        return (rate.value or 0.0, rate.low or 0.0, rate.high or 0.0) if self.told else None

    @property
    def score(self) -> tuple[float, float, float] | None:
        """(mean, low, high) of the judge's marks, Student's 95% interval; of one mark there is no interval."""
        if not self.scores:
            return None
        mean = sum(self.scores) / len(self.scores)
        if len(self.scores) < 2 or len(set(self.scores)) == 1:
            return mean, mean, mean
        low, high = stats.t.interval(0.95, len(self.scores) - 1, loc=mean, scale=stats.sem(self.scores))
        return mean, max(0.0, float(low)), min(1.0, float(high))

    @property
    def latency_ms(self) -> float | None:
        return median(self.latencies) if self.latencies else None

    def as_json(self) -> dict[str, Any]:
        names = (
            "pack sha target cases done passed told pass_rate score latency_ms cost_usd schema_failures other_failures"
        )
        return {name: getattr(self, name) for name in names.split()}


def start(*, references: list[str], targets: list[str], started_by: User | None = None) -> Benchmark:
    """A run over `name` or `name@version` and over `builtin` or `provider/model`. Raises `Invalid` and `Refused`."""
    versions = [services.version_of(*reference.split("@", 1)) for reference in references]
    if not versions:
        raise Invalid("packs", _("Choose at least one pack."))
    for target in targets:
        if target != BUILTIN:
            configured.known_target(target, field="targets")
    return Benchmark.objects.create(
        shas=list(dict.fromkeys(version.sha for version in versions)),
        targets=list(dict.fromkeys(targets)) or [BUILTIN],
        trace=open_trace("benchmark"),
        started_by=started_by,
    )


def start_in_background(*, references: list[str], targets: list[str], started_by: User) -> Benchmark:
    """The same, run by a job."""
    with transaction.atomic():
        benchmark = start(references=references, targets=targets, started_by=started_by)
        resume(benchmark, started_by=started_by)
    return benchmark


def resume(benchmark: Benchmark, *, started_by: User) -> None:
    """Do what is missing in the background, unless a job is at it."""
    open_jobs = Job.objects.filter(kind=KIND, subject_id=str(benchmark.pk), state__in=JOB.open)
    if not open_jobs.exists():
        start_job(
            kind=KIND,
            task="outreach.prompts.tasks.run_benchmark",
            arguments={"benchmark_id": benchmark.pk},
            subject=benchmark,
            started_by=started_by,
            lane="llm",
        )


def cells(benchmark: Benchmark) -> list[Cell]:
    """Everything that is to be done, in order."""
    versions = {version.sha: version for version in PackVersion.objects.filter(sha__in=benchmark.shas)}
    return [
        (versions[sha], target, case)
        for sha in benchmark.shas
        for target in benchmark.targets
        for case in rendering.pack_of(versions[sha]).tests
    ]


def run(benchmark: Benchmark) -> Iterator[tuple[Cell, str]]:
    """Do what is missing; yields each cell with its result. Stop at any point and call it again."""
    done = set(_rows(benchmark).values_list("interaction__pack_sha", "name"))
    for version, target, case in cells(benchmark):
        name = _name(target, case)
        if (version.sha, name) in done:
            continue
        yield (version, target, case), _cell(benchmark, rendering.pack_of(version), target, case)
    if benchmark.finished_at is None:
        benchmark.finished_at = clock.now()
        benchmark.save(update_fields=["finished_at", "updated_at"])


def _cell(benchmark: Benchmark, pack: Pack, target: str, case: Case) -> str:
    result = testing.result_of(pack, case, trace=benchmark.trace, route=target)
    answer = result.answer
    if answer.interaction is None:  # the prompt itself could not be made
        row = Interaction.objects.create(
            trace=benchmark.trace, step="test", route=target, provider=BUILTIN, model=BUILTIN, pack_sha=pack.sha()
        )
    else:
        row = answer.interaction
    scorers = (scorer(pack, case, answer, benchmark.trace) for scorer in SCORERS.entries())
    mark = None if answer.problem else next((found for found in scorers if found is not None), None)
    Evaluation.objects.create(
        interaction=row,
        name=_name(target, case),
        score=mark,
        label=result.label,
        reason=result.reason[:2_000],
        judge=JUDGE,
    )
    return result.label


def _name(target: str, case: Case) -> str:
    return f"{target}{SEPARATOR}{case.name}"


def _rows(benchmark: Benchmark) -> Any:
    return Evaluation.objects.filter(judge=JUDGE, interaction__trace=benchmark.trace_id)


def table(benchmark: Benchmark) -> list[Line]:
    """One line for each pack and model, in three queries."""
    lines: dict[tuple[str, str], Line] = {}
    for version, target, _case in cells(benchmark):
        key = (version.sha, target)
        lines.setdefault(key, Line(version.name, version.sha, target)).cases += 1
    for row in _rows(benchmark).values_list("name", "label", "score", "interaction__pack_sha"):
        name, label, score, sha = row
        target = name.split(SEPARATOR, 1)[0]
        line = lines[sha, target]
        line.done += 1
        line.told += label != "skipped"
        line.passed += label == "passed"
        if score is not None:
            line.scores.append(score)
    _add_calls(benchmark, lines)
    return list(lines.values())


def _add_calls(benchmark: Benchmark, lines: dict[tuple[str, str], Line]) -> None:
    repairable = {kind.value for kind in REPAIRABLE}
    calls = Interaction.objects.filter(trace=benchmark.trace_id, step="test")
    names = ("pack_sha", "provider", "model", "latency_ms", "cost_usd", "error_class")
    for sha, provider, model, latency, cost, error in calls.values_list(*names):
        line = lines.get((sha, BUILTIN if provider == BUILTIN else f"{provider}/{model}"))
        if line is None:
            continue
        if error:
            line.schema_failures += error in repairable
            line.other_failures += error not in repairable
        elif latency is not None:
            line.latencies.append(latency)
        if cost is not None:
            line.cost_usd = (line.cost_usd or Decimal(0)) + cost
