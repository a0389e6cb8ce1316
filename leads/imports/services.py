"""Receive a file, settle its mapping, look at what would happen, run it, hand out what was rejected."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import orjson
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from leads.imports import cleaning, workbooks
from leads.imports import mapping as mappings
from leads.imports.detection import Detected, detect
from leads.imports.merge import merge
from leads.imports.merging import Merged
from leads.imports.models import BATCH, Batch, RejectedRow, SavedMapping, UpdateRule
from leads.imports.reading import Record, open_text, records, shown
from leads.imports.rows import CleanRow, RowCleaner
from leads.imports.staging import Staging
from outreach.core import clock
from outreach.core.errors import Invalid, Permanent, Refused
from outreach.core.models import Actor
from outreach.events.services import publish
from outreach.jobs.services import start_job

if TYPE_CHECKING:
    from outreach.access.models import User
    from outreach.jobs.models import Job

MAX_FILE_BYTES = 2 << 30
CHUNK_ROWS = 5_000
"""Rows cleaned and sent to the staging tables at a time; what an import holds in memory."""
OPTIONS = frozenset({"country", "update_rule", "keep_unmapped", "encoding", "delimiter", "header_line", "sheet"})
READING_OPTIONS = ("encoding", "delimiter", "header_line", "sheet")

SAVED_OPTIONS = ("country", "update_rule", "keep_unmapped")

PROBLEMS = {
    "cell_too_long": "A cell is longer than a million characters.",
    "quote_unclosed": "A quotation mark opens a cell and is never closed.",
    "row_malformed": "The row cannot be read.",
    "nul_byte": "The row holds NUL bytes.",
    "encoding_broken": "The row holds bytes that do not fit the file's encoding.",
    "too_many_cells": "The row has more cells than there are columns: a delimiter inside a cell needs quotes.",
}
"""Reasons of the rows that could not even be read, by code."""


@dataclass
class _Tally:
    """What one pass over a file counted."""

    rows: int = 0
    company_rows: int = 0
    """Rows of a mixed sheet that name a company and nobody in it."""
    risky: int = 0
    """E-mail addresses of shared and throw-away mailboxes."""
    rejected: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)

    def as_counts(self, merged: Merged) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "created": merged.created,
            "updated": merged.updated,
            "unchanged": merged.unchanged,
            "duplicates": merged.duplicates,
            "rejected": self.rejected.total(),
            "rejected_by_code": dict(self.rejected),
            "warnings": self.warnings.total(),
            "warnings_by_code": dict(self.warnings),
            "companies_created": merged.companies_created,
            "companies_updated": merged.companies_updated,
            "companies_unchanged": merged.companies_unchanged,
            "company_rows": self.company_rows,
            "risky_addresses": self.risky,
            "conflicts": len(merged.conflicts),
        }


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
        raise Invalid("kind", _("The kind is people, companies or both."), code="kind_unknown")
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
        batch.save()
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
            raise Invalid("file", _("The file is larger than 2 GB: split it."), code="file_too_large")
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


@contextmanager
def opened_file(batch: Batch) -> Iterator[BinaryIO]:
    """The stored file, open for reading. Raises `Permanent` when it is gone."""
    if batch.file_removed_at or not batch.file:
        raise Permanent(_("The uploaded file was removed: upload it again."), code="file_gone")
    try:
        file = batch.file.storage.open(batch.file.name or "", "rb")
    except FileNotFoundError as error:
        raise Permanent(_("The uploaded file is gone: upload it again."), code="file_gone") from error
    with file:
        yield cast("BinaryIO", file.file)


def _checked_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Known options with values that fit. Raises `Invalid` naming the option."""
    for name in options:
        if name not in OPTIONS:
            raise Invalid(name, _("There is no option “%(name)s”.") % {"name": name}, code="option_unknown")
    rule = options.get("update_rule") or UpdateRule.FILL_EMPTY
    if rule not in UpdateRule.values:
        raise Invalid(
            "update_rule", _("The update rule is fill_empty, overwrite or newest."), code="update_rule_unknown"
        )
    try:
        header_line = int(options.get("header_line") or 0)
    except (TypeError, ValueError) as error:
        raise Invalid("header_line", _("The header's line is a number."), code="header_missing") from error
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
    """Keep the mapping for the next file of this source. Columns that this file lacks keep what was said of them."""
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
    actor: Actor,
    source: str | None = None,
) -> Batch:
    """Settle what goes where. `mapping` None keeps the one there is, or proposes anew when the reading changed.

    Raises `Invalid` (`mapping`, an option, or `file`) and `Refused` when the batch has run.
    """
    if batch.state not in {"uploaded", "failed"}:
        raise Refused(_("This import has run already: upload the file again."), code="import_has_run")
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
    batch.save(update_fields=["mapping", "options", "detected", "source", "updated_at"])
    return batch


def effective_mapping(batch: Batch) -> dict[str, str]:
    """The mapping with the unmapped columns going to the attributes where that was chosen."""
    chosen = {column: field for column, field in batch.mapping.items() if field}
    if batch.options.get("keep_unmapped"):
        chosen |= {column: mappings.ATTRIBUTES for column in batch.detected["columns"] if column not in chosen}
    return chosen


def cleaner_of(batch: Batch) -> RowCleaner:
    chosen = effective_mapping(batch)
    mappings.check(kind=batch.kind, mapping=chosen, columns=batch.detected["columns"])
    if batch.options.get("update_rule") == UpdateRule.NEWEST and not set(mappings.CHANGED_AT[batch.kind]) & set(
        chosen.values()
    ):
        raise Invalid(
            "mapping",
            _("“The newest wins” needs a column with the date of the last change: map one to “Changed at the source”."),
            code="changed_at_missing",
        )
    return RowCleaner(
        kind=batch.kind,
        columns=batch.detected["columns"],
        mapping=chosen,
        default_country=batch.options.get("country", ""),
        source=batch.source,
    )


def records_of(batch: Batch, file: BinaryIO) -> Iterator[Record]:
    detected = Detected.from_json(batch.detected)
    if detected.is_workbook:
        with workbooks.opened(file) as book:
            yield from book.records(detected.sheet, width=len(detected.columns), first_line=detected.header_line + 1)
        return
    text = open_text(file, encoding=detected.encoding)
    try:
        yield from records(
            text,
            delimiter=detected.delimiter,
            width=len(detected.columns),
            first_line=detected.header_line + 1,
            is_suspect=detected.has_broken_bytes or not detected.encoding.startswith("utf-8"),
        )
    finally:
        text.detach()


def start(*, batch: Batch, actor: Actor, started_by: User | None = None) -> Job:
    """Run the import as a visible job. Raises `Invalid` for an incomplete mapping, `Refused` when it runs or has run."""
    cleaner_of(batch)
    with transaction.atomic():
        BATCH.move(batch, "running", actor=actor, changes={"error": ""})
        _remember(batch)
        job = start_job(
            kind="import",
            task="leads.imports.tasks.run",
            arguments={"batch_id": batch.pk},
            subject=batch,
            started_by=started_by or batch.created_by,
            total_count=max(0, batch.detected["line_count"] - batch.detected["header_line"]),
        )
        batch.job = job
        batch.save(update_fields=["job", "updated_at"])
    return job


def run_now(*, batch: Batch, actor: Actor, progress: Callable[[int], None] = lambda _line: None) -> dict[str, Any]:
    """Run the import in this process, without a job: for commands that wait. Raises like `start` and `run`."""
    cleaner_of(batch)
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
    if batch.state == "failed":
        BATCH.move(batch, "running", actor=actor)
    if batch.state != "running":
        raise Refused(_("This import is not running."), code="import_not_running")
    is_done = False
    reason = _("The import was interrupted.")
    try:
        RejectedRow.objects.filter(batch=batch).delete()
        counts = _import(batch, progress)
        is_done = True
    except (Invalid, Refused, Permanent) as error:
        reason = error.reason
        raise
    finally:
        if not is_done and not transaction.get_connection().needs_rollback:
            BATCH.move(batch, "failed", actor=actor, changes={"error": reason})
    return counts


def dry_run(*, batch: Batch, progress: Callable[[int], None] = lambda _line: None) -> dict[str, Any]:
    """The exact counts that `run` would give; everything is done and taken back."""
    with transaction.atomic():
        state = batch.state
        counts = _import(batch, progress, is_dry=True)
        batch.state = state
        transaction.set_rollback(True)
    return counts


def _import(batch: Batch, progress: Callable[[int], None], *, is_dry: bool = False) -> dict[str, Any]:
    cleaner = cleaner_of(batch)
    tally = _Tally()
    with Staging(person_columns=cleaner.person_columns, company_columns=cleaner.company_columns) as staging:
        with opened_file(batch) as file:
            _stage(batch, file, cleaner, staging, tally, progress)
        with transaction.atomic():
            merged = merge(
                staging,
                batch_id=batch.pk,
                session_key=batch.session_key,
                source=batch.source,
                update_rule=batch.options.get("update_rule", UpdateRule.FILL_EMPTY),
            )
            _store_taken(batch, merged, tally)
            counts = tally.as_counts(merged)
            if not is_dry:
                _note_conflicts(merged)
                _finish(batch, counts)
    return counts


def _stage(
    batch: Batch, file: BinaryIO, cleaner: RowCleaner, staging: Staging, tally: _Tally, progress: Callable[[int], None]
) -> None:
    problems: list[RejectedRow] = []
    for record in records_of(batch, file):
        tally.rows += 1
        row = _cleaned(batch, record, cleaner, tally, problems)
        if row is not None:
            staging.add(record.line, row)
            if row.person:
                tally.risky += bool(row.person.get("email_risk")) + bool(row.person.get("email_2_risk"))
            elif batch.kind == Batch.Kind.BOTH:
                tally.company_rows += 1
        if tally.rows % CHUNK_ROWS == 0:
            staging.write()
            RejectedRow.objects.bulk_create(problems)
            problems.clear()
            progress(record.line - batch.detected["header_line"])
    staging.write()
    RejectedRow.objects.bulk_create(problems)


def _cleaned(
    batch: Batch, record: Record, cleaner: RowCleaner, tally: _Tally, problems: list[RejectedRow]
) -> CleanRow | None:
    """The cleaned row, or None for a rejected one; what was wrong goes to `problems`."""
    code, reason, row = record.problem, PROBLEMS.get(record.problem, ""), None
    if not code:
        try:
            row = cleaner.clean(record.cells)
        except Invalid as error:
            code, reason = error.code, error.reason
    if code:
        tally.rejected[code] += 1
        problems.append(_rejected(batch, record, code, reason, is_warning=False))
    elif row is not None and row.warnings:
        for warning in row.warnings:
            tally.warnings[warning.code] += 1
            label = f"{warning.field}: " if warning.field else ""
            problems.append(_rejected(batch, record, warning.code, label + warning.reason, is_warning=True))
    return row


def _rejected(batch: Batch, record: Record, code: str, reason: str, *, is_warning: bool) -> RejectedRow:
    return RejectedRow(
        batch=batch,
        row_number=record.line,
        code=code,
        reason=shown(reason)[:1000],
        values=[shown(cell) for cell in record.cells],
        is_warning=is_warning,
    )


def _store_taken(batch: Batch, merged: Merged, tally: _Tally) -> None:
    tally.warnings["address_taken"] += len(merged.taken)
    if not merged.taken:
        del tally.warnings["address_taken"]
    RejectedRow.objects.bulk_create(
        RejectedRow(
            batch=batch,
            row_number=line,
            code="address_taken",
            reason=f"{name}: {address} belongs to another lead and stayed with it.",
            values=[address],
            is_warning=True,
        )
        for line, name, address in merged.taken
    )


def _note_conflicts(merged: Merged) -> None:
    from leads.duplicates.models import Kind, Reason
    from leads.duplicates.services import propose

    propose(kind=Kind.LEAD, pairs=sorted(merged.conflicts), reason=Reason.ADDRESS_CONFLICT)


def _finish(batch: Batch, counts: dict[str, Any]) -> None:
    changes = {"counts": counts, "finished_at": clock.now()}
    BATCH.move(batch, "done", actor=Actor.system("import"), changes=changes)
    if counts["created"] or counts["updated"] or counts["companies_created"] or counts["companies_updated"]:
        publish("leads.imported", batch_id=batch.pk)
    if counts["updated"] or counts["companies_updated"]:
        publish("lead.changed", batch_id=batch.pk)


def mapping_from_json(data: bytes) -> dict[str, str]:
    """A mapping file as `{column: field}`. Raises `Invalid` for what is no such object."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Invalid("mapping", _("The mapping file is not valid JSON: %(error)s") % {"error": error}) from error
    if not isinstance(value, dict):
        raise Invalid("mapping", _("A mapping is an object of column → field."), code="mapping_malformed")
    return {str(column): str(name or "") for column, name in value.items()}
