"""What the commands `company` and `employee` share: import with a progress bar, list and inspect, export."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from leads.imports import abandoned, reports, running, services
from leads.imports.exports import services as exports
from leads.imports.models import Batch
from leads.imports.upsert import undo
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors, found, say_error
from outreach.core.words import gettext as _

ACTOR = Actor.system("command line")

FilePath = Annotated[str, typer.Argument(help="The file, or - for standard input")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Count what would happen and roll it back")]
MappingFile = Annotated[str, typer.Option("--mapping", help="JSON file with column → field")]
Country = Annotated[str, typer.Option("--country", help="Country for rows and phone numbers without one")]
Source = Annotated[str, typer.Option("--source", help="Where the list is from")]
SessionKey = Annotated[str, typer.Option("--session-key", help="Your label for imports that belong together")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Overwrite known values instead of filling empty ones")]
Newest = Annotated[bool, typer.Option("--newest", help="Overwrite only with newer values from the source")]
Sheet = Annotated[str, typer.Option("--sheet", help="Sheet of the workbook, if the wrong one is detected")]
Both = Annotated[bool, typer.Option("--both", help="Rows may name a person, a company, or both")]
Format = Annotated[str, typer.Option("--format", help="csv or xlsx (default: by file name)")]
KeepUnmapped = Annotated[bool, typer.Option("--keep-unmapped", help="Keep unmapped columns as attributes")]
Delimiter = Annotated[str, typer.Option("--delimiter", help="One of , ; | tab, if the wrong one is detected")]
Encoding = Annotated[str, typer.Option("--encoding", help="If the wrong one is detected")]
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


def import_command(kind: str) -> Callable[..., None]:
    """The subcommand `import` of a command whose files hold `kind`."""

    def import_file(  # type: ignore[no-untyped-def]
        self,
        path: FilePath,
        dry_run: DryRun = False,
        mapping: MappingFile = "",
        country: Country = "",
        source: Source = "",
        session_key: SessionKey = "",
        overwrite: Overwrite = False,
        newest: Newest = False,
        keep_unmapped: KeepUnmapped = False,
        both: Both = False,
        sheet: Sheet = "",
        delimiter: Delimiter = "",
        encoding: Encoding = "",
        rejected: RejectedPath = "",
        as_json: AsJson = False,
    ) -> None:
        """Import a CSV or XLSX file: detection, result, rejected rows."""
        with explained_errors(as_json=as_json):
            options = {
                "country": country,
                "update_rule": "overwrite" if overwrite else "newest" if newest else "",
                "keep_unmapped": keep_unmapped,
                "sheet": sheet,
                "delimiter": delimiter,
                "encoding": encoding,
            }
            chosen = _mapping(mapping)
            abandoned.close()
            with _opened(path) as file:
                batch = services.receive(
                    file=file,
                    file_name=Path(path).name,
                    kind="both" if both else kind,
                    source=source,
                    session_key=session_key,
                    options=options,
                )
            _run(batch, chosen, dry_run=dry_run, rejected=rejected, as_json=as_json)

    return import_file


def undo_import(  # type: ignore[no-untyped-def]
    self,
    batch: Annotated[int, typer.Argument(help="Number of the import, as shown in its report")],
    as_json: AsJson = False,
) -> None:
    """Undo an import, as long as nothing has been sent to its leads."""
    with explained_errors(as_json=as_json):
        row = found(Batch.objects.all(), batch, "import", field="batch")
        emit([{"batch_id": batch, **undo.undo_now(batch=row, actor=ACTOR)}], as_json=as_json)


def _mapping(path: str) -> dict[str, str] | None:
    if not path:
        return None
    with _opened(path) as file:
        return services.mapping_from_json(file.read())


def _run(batch: Batch, chosen: dict[str, str] | None, *, dry_run: bool, rejected: str, as_json: bool) -> None:
    """Import the file of `batch`, or count what would happen and forget it again; then report."""
    try:
        if chosen is not None:
            services.set_mapping(batch=batch, mapping=chosen)
        if dry_run:
            counts = _watched(batch, lambda progress: services.dry_run(batch=batch, progress=progress), as_json)
        else:
            counts = _watched(
                batch, lambda progress: services.run_now(batch=batch, actor=ACTOR, progress=progress), as_json
            )
        if rejected:
            with _writable(rejected) as target:
                target.writelines(chunk.encode() for chunk in reports.rejected_file(batch))
        emit([_report(batch, counts, dry_run=dry_run)], as_json=as_json, title=batch.file_name)
    except KeyboardInterrupt:
        _say_interrupted(batch, as_json=as_json)
        raise
    finally:
        if dry_run:
            batch.file.delete(save=False)
            batch.delete()


def _say_interrupted(batch: Batch, *, as_json: bool) -> None:
    """What Ctrl-C left: all or nothing, as the database has it."""
    batch.refresh_from_db(fields=["state"])
    text = (
        _("Interrupted, but import %(number)s was done already: everything is imported.")
        if batch.is_done
        else _("Interrupted: nothing of %(file)s was imported. Run the command again to import it.")
    )
    say_error("interrupted", text % {"file": batch.file_name, "number": batch.pk}, as_json=as_json)


def _report(batch: Batch, counts: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
    detected = batch.detected
    return {
        "batch_id": None if dry_run else batch.pk,
        "dry_run": dry_run,
        "encoding": detected["encoding"],
        "delimiter": detected["delimiter_name"],
        "sheet": detected.get("sheet", ""),
        "header_line": detected["header_line"],
        "mapping": running.effective_mapping(batch),
        **counts,
        "outcome": reports.outcome(counts),
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


def export(*, scope: str, parameters: dict[str, Any], path: str, format: str) -> None:  # noqa: A002
    """Export to a file, or to standard output for `-`. Raises typed errors."""
    chosen = format or ("xlsx" if path.lower().endswith(".xlsx") else "csv")
    row = exports.start(scope=scope, parameters=parameters, format=chosen, actor=ACTOR, as_job=False)
    with _writable(path) as target:
        target.writelines(exports.stream(row))


@contextmanager
def _writable(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with Path(path).open("wb") as target:
            yield target
    except OSError as error:
        raise Invalid("file", f"{path} cannot be written: {error.strerror}.", code="file_unwritable") from error
