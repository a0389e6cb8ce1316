"""What the commands `company` and `employee` share: import with a progress bar, list and inspect, export."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from leads.imports import services
from leads.imports.models import Batch
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import emit

ACTOR = Actor.system("command line")

FilePath = Annotated[str, typer.Argument(help="The file, or - for standard input")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Count what would happen and take it back")]
MappingFile = Annotated[str, typer.Option("--mapping", help="JSON file with column → field")]
Country = Annotated[str, typer.Option("--country", help="Country of rows and phone numbers that name none")]
Source = Annotated[str, typer.Option("--source", help="Where the list is from")]
SessionKey = Annotated[str, typer.Option("--session-key", help="Your mark for imports that belong together")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Overwrite known values instead of filling empty ones")]
KeepUnmapped = Annotated[bool, typer.Option("--keep-unmapped", help="Keep columns that go nowhere as attributes")]
Delimiter = Annotated[str, typer.Option("--delimiter", help="One of , ; | tab, when it is not found rightly")]
Encoding = Annotated[str, typer.Option("--encoding", help="When it is not found rightly")]
RejectedPath = Annotated[str, typer.Option("--rejected", help="Write the rejected rows to this file")]


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115
    except OSError as error:
        raise Invalid("file", f"{path} cannot be read: {error.strerror}.", code="file_unreadable") from error
    with file:
        yield file


def import_file(
    *,
    path: str,
    kind: str,
    dry_run: bool,
    mapping: str,
    source: str,
    session_key: str,
    options: dict[str, Any],
    rejected: str,
    as_json: bool,
) -> None:
    """Import a file while the terminal watches, and print the report. Raises typed errors."""
    chosen = None
    if mapping:
        with _opened(mapping) as file:
            chosen = services.mapping_from_json(file.read())
    with _opened(path) as file:
        batch = services.receive(
            file=file, file_name=Path(path).name, kind=kind, source=source, session_key=session_key, options=options
        )
    if chosen is not None:
        services.set_mapping(batch=batch, mapping=chosen, actor=ACTOR)
    if dry_run:
        counts = _watched(batch, lambda progress: services.dry_run(batch=batch, progress=progress), as_json)
    else:
        counts = _watched(
            batch, lambda progress: services.run_now(batch=batch, actor=ACTOR, progress=progress), as_json
        )
    if rejected:
        with Path(rejected).open("w", encoding="utf-8", newline="") as target:
            target.writelines(services.rejected_file(batch))
    emit([_report(batch, counts, dry_run=dry_run)], as_json=as_json, title=batch.file_name)
    if dry_run:
        batch.file.delete(save=False)
        batch.delete()


def _report(batch: Batch, counts: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
    detected = batch.detected
    return {
        "batch_id": None if dry_run else batch.pk,
        "dry_run": dry_run,
        "encoding": detected["encoding"],
        "delimiter": detected["delimiter_name"],
        "header_line": detected["header_line"],
        "mapping": services.effective_mapping(batch),
        **counts,
        "outcome": services.outcome(counts),
    }


def _watched(batch: Batch, work: Callable[[Callable[[int], None]], dict[str, Any]], as_json: bool) -> dict[str, Any]:
    """Run `work` with a progress bar on the terminal's error stream."""
    total = max(1, batch.detected["line_count"] - batch.detected["header_line"])
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), disable=as_json or not sys.stderr.isatty(), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(batch.file_name, total=total)
        return work(lambda line: bar.update(task, completed=line))


def write_csv(*, chunks: Iterable[str], path: str) -> None:
    """Export to a file, or to standard output for `-`."""
    if path == "-":
        for chunk in chunks:
            sys.stdout.write(chunk)
        return
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as target:
            target.writelines(chunks)
    except OSError as error:
        raise Invalid("file", f"{path} cannot be written: {error.strerror}.", code="file_unwritable") from error
