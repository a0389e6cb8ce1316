"""Receive a file, set its mapping, preview, run it, and export the rejected rows."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson
from django.core.files import File
from django.db import transaction

from leads.cleaning import cells as cleaning
from leads.imports import abandoned
from leads.imports.columns import mapping as mappings
from leads.imports.models import BATCH, Batch, SavedMapping, UpdateRule
from leads.imports.reading.detection import Detected, detect
from leads.imports.running import cleaner_of, import_rows, opened_file
from outreach.core.errors import Invalid, Permanent, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.services import start_job

if TYPE_CHECKING:
    from outreach.access.models import User
    from outreach.jobs.models import Job

MAX_FILE_BYTES = 2 << 30
"""States in which the mapping may still be changed and tried."""
OPTIONS = frozenset({"country", "update_rule", "keep_unmapped", "encoding", "delimiter", "header_line", "sheet"})
READING_OPTIONS = ("encoding", "delimiter", "header_line", "sheet")

SAVED_OPTIONS = ("country", "update_rule", "keep_unmapped")


def receive(
    *,
    file: BinaryIO,
    file_name: str,
    kind: str,
    created_by: User | None = None,
    source: str = "",
    session_key: str = "",
    options: Mapping[str, Any] | None = None,
) -> Batch:
    """Store a file as a batch, with what was detected and a proposed mapping.

    Raises `Invalid` for what is no table (see `detection.detect`) and for unknown kinds and options.
    """
    if kind not in mappings.FIELDS:
        raise Invalid("kind", _("The kind must be people, companies or both."), code="kind_unknown")
    source = cleaning.one_line(source)[:200]
    saved = saved_mapping(kind=kind, source=source)
    given = {name: value for name, value in (options or {}).items() if value not in ("", None)}
    chosen = _checked_options({**(saved.options if saved else {}), **given})
    with _seekable(file) as content:
        detected = detect(content, **{name: chosen[name] for name in READING_OPTIONS if chosen.get(name)})
        batch = Batch(
            kind=kind,
            file_name=" ".join(file_name.split())[-200:] or "file.csv",
            file_hash=_hash(content),
            session_key=cleaning.one_line(session_key)[:200],
            source=source,
            detected=detected.as_json(),
            options=chosen,
            created_by=created_by,
        )
        _propose(batch, detected)
        content.seek(0)
        batch.file.save("list.xlsx" if detected.is_workbook else "list.csv", File(content), save=False)
        try:
            batch.save()
        except BaseException:
            batch.file.delete(save=False)
            raise
    return batch


class _seekable:  # noqa: N801
    """`file` if one can go back in it, else a copy on disk. Refuses what is too large."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.copy: BinaryIO | None = None

    def __enter__(self) -> BinaryIO:
        if not self.file.seekable():
            self.copy = tempfile.TemporaryFile()
            size = 0
            while block := self.file.read(1 << 20):
                size += len(block)
                if size > MAX_FILE_BYTES:
                    break
                self.copy.write(block)
            self.file = self.copy
        if self.file.seek(0, io.SEEK_END) > MAX_FILE_BYTES:
            raise Invalid("file", _("The file is larger than 2 GB. Split it."), code="file_too_large")
        return self.file

    def __exit__(self, *_error: object) -> None:
        if self.copy is not None:
            self.copy.close()


def _hash(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _checked_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Known options with values that fit. Raises `Invalid` naming the option."""
    for name in options:
        if name not in OPTIONS:
            raise Invalid(name, _("There is no option “%(name)s”.") % {"name": name}, code="option_unknown")
    rule = options.get("update_rule") or UpdateRule.FILL_EMPTY
    if rule not in UpdateRule.values:
        raise Invalid(
            "update_rule", _("The update rule must be fill_empty, overwrite or newest."), code="update_rule_unknown"
        )
    try:
        header_line = int(options.get("header_line") or 0)
    except (TypeError, ValueError) as error:
        raise Invalid("header_line", _("The header line must be a number."), code="header_missing") from error
    delimiter = str(options.get("delimiter") or "")
    return {
        "country": cleaning.country(str(options.get("country") or "")),
        "update_rule": str(rule),
        "keep_unmapped": bool(options.get("keep_unmapped")),
        "encoding": str(options.get("encoding") or ""),
        "delimiter": {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter),
        "header_line": header_line,
        "sheet": str(options.get("sheet") or ""),
    }


def _propose(batch: Batch, detected: Detected) -> None:
    """The mapping of the last import from the same source, else what the columns' names and values say."""
    known = mappings.known_export(detected.columns)
    saved = saved_mapping(kind=batch.kind, source=batch.source)
    proposals = mappings.propose(
        kind=batch.kind,
        columns=detected.columns,
        samples=detected.samples,
        saved=saved.mapping if saved else None,
    )
    batch.mapping = {p.column: p.field for p in proposals}
    batch.detected = detected.as_json() | {
        "confidence": {p.column: p.confidence for p in proposals},
        "known_export": known,
        "saved_columns": [p.column for p in proposals if p.reason == "saved"],
    }


def saved_mapping(*, kind: str, source: str) -> SavedMapping | None:
    """What was remembered of the last import of that kind from `source`."""
    if not source:
        return None
    return SavedMapping.objects.filter(kind=kind, source=source).first()


def _remember(batch: Batch) -> None:
    """Save the mapping for the next file from this source. Columns missing here keep their saved mapping."""
    if not batch.source:
        return
    saved, _is_new = SavedMapping.objects.get_or_create(kind=batch.kind, source=batch.source)
    saved.mapping = {**saved.mapping, **mappings.remembered(batch.mapping)}
    saved.options = {name: batch.options[name] for name in SAVED_OPTIONS if batch.options.get(name)}
    saved.used_count += 1
    saved.save()


def set_mapping(
    *,
    batch: Batch,
    mapping: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    source: str | None = None,
) -> Batch:
    """Set the mapping. `mapping` None keeps the current one, or proposes a new one when detection changed.

    Raises `Invalid` (`mapping`, an option, or `file`) and `Refused` when the batch has run.
    """
    if batch.state not in BATCH.editable:
        raise Refused(_("This import has already run. Upload the file again."), code="import_has_run")
    if options is not None:
        chosen = _checked_options({**batch.options, **options})
        if any(chosen[name] != batch.options.get(name) for name in READING_OPTIONS):
            with opened_file(batch) as file:
                detected = detect(file, **{name: chosen[name] for name in READING_OPTIONS if chosen[name]})
            if list(detected.columns) != list(batch.detected["columns"]):
                mapping = None
            _propose(batch, detected)
        batch.options = chosen
    if mapping is not None:
        batch.mapping = mappings.check(kind=batch.kind, mapping=mapping, columns=batch.detected["columns"])
    if source is not None and batch.source != cleaning.one_line(source)[:200]:
        batch.source = cleaning.one_line(source)[:200]
        if mapping is None and saved_mapping(kind=batch.kind, source=batch.source):
            _propose(batch, Detected.from_json(batch.detected))
    batch.trial = {}
    batch.save(update_fields=["mapping", "options", "detected", "source", "trial", "updated_at"])
    return batch


def start(*, batch: Batch, actor: Actor, started_by: User | None = None) -> Job:
    """Run the import as a visible job. Raises `Invalid` for an incomplete mapping, `Refused` when it runs or has run."""
    _check_idle(batch)
    cleaner_of(batch)
    with transaction.atomic():
        BATCH.move(batch, "running", actor=actor, changes={"error": ""})
        _remember(batch)
        return _begin(batch, "import", "leads.imports.tasks.run", started_by)


def start_dry_run(*, batch: Batch, actor: Actor, started_by: User | None = None) -> Job:
    """The same for a dry run, which leaves the batch as it is. Raises like `start`."""
    if batch.state not in BATCH.editable:
        raise Refused(_("This import has already run. Upload the file again."), code="import_has_run")
    _check_idle(batch)
    cleaner_of(batch)
    with transaction.atomic():
        batch.trial = {}
        return _begin(batch, "dry run", "leads.imports.tasks.dry_run", started_by, "trial")


def _begin(batch: Batch, kind: str, task: str, started_by: User | None, *changed: str) -> Job:
    batch.job = start_job(
        kind=kind,
        task=task,
        arguments={"batch_id": batch.pk},
        subject=batch,
        started_by=started_by or batch.created_by,
        total_count=_row_count(batch),
    )
    batch.save(update_fields=["job", "updated_at", *changed])
    return batch.job


def _row_count(batch: Batch) -> int:
    """About how many rows there are to read."""
    return max(0, int(batch.detected["line_count"]) - int(batch.detected["header_line"]))


def is_trying(batch: Batch) -> bool:
    """Whether a dry run is in progress."""
    return batch.state in BATCH.editable and batch.job is not None and not batch.job.is_over


def _check_idle(batch: Batch) -> None:
    if is_trying(batch):
        raise Refused(_("A dry run is in progress. Wait for it or cancel it."), code="dry_run_running")


def run_now(*, batch: Batch, actor: Actor, progress: Callable[[int], None] = lambda _line: None) -> dict[str, Any]:
    """Run the import in this process, without a job: for commands that wait. Raises like `start` and `run`."""
    cleaner_of(batch)
    with abandoned.held(batch):
        BATCH.move(batch, "running", actor=actor, changes={"error": ""})
        _remember(batch)
        return run(batch=batch, progress=progress)


def cancel(*, batch: Batch, actor: Actor) -> None:
    """Set an uploaded file aside."""
    BATCH.move(batch, "cancelled", actor=actor)


def run(*, batch: Batch, progress: Callable[[int], None] = lambda _line: None) -> dict[str, Any]:
    """The import itself: the counts. Everything or nothing is written; rejected rows stay for a failed batch too.

    `progress` is told the line reached after every chunk. Raises `Permanent` when the file is gone.
    """
    actor = Actor.system("import")
    if batch.is_failed:
        BATCH.move(batch, "running", actor=actor)
    if not batch.is_running:
        raise Refused(_("This import is not running."), code="import_not_running")
    is_done = False
    reason = _("The import was interrupted. Nothing was imported; run it again.")
    try:
        counts = import_rows(batch, progress)
        is_done = True
    except (Invalid, Refused, Permanent) as error:
        reason = error.reason
        raise
    finally:
        if not is_done and not transaction.get_connection().needs_rollback:
            abandoned.fall_back(batch, actor=actor, reason=reason)
    return counts


def dry_run(*, batch: Batch, progress: Callable[[int], None] = lambda _line: None) -> dict[str, Any]:
    """The exact counts that `run` would give: everything is done and rolled back. Rows with problems stay for review."""
    counts = import_rows(batch, progress, is_dry=True)
    batch.trial = counts
    batch.save(update_fields=["trial", "updated_at"])
    return counts


def mapping_from_json(data: bytes) -> dict[str, str]:
    """A mapping file as `{column: field}`. Raises `Invalid` for anything else."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Invalid("mapping", _("The mapping file is not valid JSON: %(error)s") % {"error": error}) from error
    if not isinstance(value, dict):
        raise Invalid("mapping", _("A mapping must be an object of column → field."), code="mapping_malformed")
    return {str(column): str(name or "") for column, name in value.items()}
