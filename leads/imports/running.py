"""The work of an import: read the file row by row, clean, stage, merge, and keep what was wrong.

`services` decides when that may be done; here is how.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, cast

from django.db import connection, transaction

from leads.duplicates.models import Reason
from leads.duplicates.services import propose
from leads.imports.columns import mapping as mappings
from leads.imports.columns.opt_outs import OptOut
from leads.imports.columns.rows import CleanRow, RowCleaner
from leads.imports.models import BATCH, Batch, RejectedRow, UpdateRule
from leads.imports.opt_outs import hand_over
from leads.imports.reading import workbooks
from leads.imports.reading.detection import Detected
from leads.imports.reading.records import Record, open_text, records, shown
from leads.imports.upsert.base import Upserted
from leads.imports.upsert.services import upsert
from leads.imports.upsert.staging import Staging
from leads.models import Company, Identity, Lead
from outreach.core import clock
from outreach.core.errors import Invalid, Permanent
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import joined
from outreach.events.services import publish

CHUNK_ROWS = 5_000
"""Rows cleaned and sent to the staging tables at a time; what an import holds in memory."""
MANY_ROWS = 10_000
"""From so many changed rows the planner's statistics are made new at once, before anything plans by the old ones."""

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
    opt_outs: list[OptOut] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)

    def as_counts(self, upserted: Upserted) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "created": upserted.created,
            "updated": upserted.updated,
            "unchanged": upserted.unchanged,
            "duplicates": upserted.duplicates,
            "rejected": self.rejected.total(),
            "rejected_by_code": dict(self.rejected),
            "warnings": self.warnings.total(),
            "warnings_by_code": dict(self.warnings),
            "companies_created": upserted.companies_created,
            "companies_updated": upserted.companies_updated,
            "companies_unchanged": upserted.companies_unchanged,
            "company_rows": self.company_rows,
            "risky_addresses": self.risky,
            "conflicts": len(upserted.conflicts),
            "opted_out": len({(row.channel, row.address) for row in self.opt_outs}),
        }


@contextmanager
def opened_file(batch: Batch) -> Iterator[BinaryIO]:
    """The stored file, open for reading. Raises `Permanent` when it no longer exists."""
    if batch.file_removed_at or not batch.file:
        raise Permanent(_("The uploaded file has been removed. Upload it again."), code="file_gone")
    try:
        file = batch.file.storage.open(batch.file.name or "", "rb")
    except FileNotFoundError as error:
        raise Permanent(_("The uploaded file no longer exists. Upload it again."), code="file_gone") from error
    with file:
        yield cast("BinaryIO", file.file)


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
            _("“Newest wins” needs a column with the date of the last change. Map one to “Changed at the source”."),
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


def import_rows(batch: Batch, progress: Callable[[int], None], *, is_dry: bool = False) -> dict[str, Any]:
    """The counts. A dry run does the same and rolls back the leads; rows with problems stay for review."""
    cleaner = cleaner_of(batch)
    RejectedRow.objects.filter(batch=batch).delete()
    tally = _Tally()
    with Staging(person_columns=cleaner.person_columns, company_columns=cleaner.company_columns) as staging:
        with opened_file(batch) as file:
            _stage(batch, file, cleaner, staging, tally, progress)
        if tally.opt_outs and not is_dry:
            hand_over(tally.opt_outs, actor=Actor.system("import"))
        with transaction.atomic():
            upserted = upsert(
                staging,
                batch_id=batch.pk,
                session_key=batch.session_key,
                source=batch.source,
                update_rule=batch.options.get("update_rule", UpdateRule.FILL_EMPTY),
            )
            if upserted.created + upserted.updated >= MANY_ROWS:
                refresh_statistics()
            taken = _taken(batch, upserted, tally)
            counts = tally.as_counts(upserted) | {
                "unused_opt_out_columns": mappings.about_opt_outs(batch.detected["columns"], effective_mapping(batch))
            }
            if is_dry:
                transaction.set_rollback(True)
            else:
                RejectedRow.objects.bulk_create(taken)
                _note_conflicts(upserted)
                _finish(batch, counts)
    if is_dry:
        RejectedRow.objects.bulk_create(taken)
    return counts


def refresh_statistics() -> None:
    """Tell the planner of many new rows at once; the look for duplicates that follows takes seconds instead of minutes."""
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in (Lead, Identity, Company))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


def _stage(
    batch: Batch, file: BinaryIO, cleaner: RowCleaner, staging: Staging, tally: _Tally, progress: Callable[[int], None]
) -> None:
    problems: list[RejectedRow] = []
    for record in records_of(batch, file):
        tally.rows += 1
        row = _cleaned(batch, record, cleaner, tally, problems)
        if row is not None:
            staging.add(record.line, row)
            if row.opt_outs:
                tally.opt_outs += _with_source(row.opt_outs, batch, record)
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


def _with_source(opt_outs: list[OptOut], batch: Batch, record: Record) -> list[OptOut]:
    """The opt-outs of a row, each with where it was read."""
    place = {"file": batch.file_name, "line": record.line, "number": batch.pk}
    source = _("%(file)s, line %(line)s, import %(number)s") % place
    return [replace(found, evidence=joined("", (found.evidence, " (", source, ")"))) for found in opt_outs]


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
            problems.append(
                _rejected(batch, record, warning.code, joined("", (label, warning.reason)), is_warning=True)
            )
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


def _taken(batch: Batch, upserted: Upserted, tally: _Tally) -> list[RejectedRow]:
    """Remarks about addresses that belong to another lead."""
    if upserted.taken:
        tally.warnings["address_taken"] += len(upserted.taken)
    return [
        RejectedRow(
            batch=batch,
            row_number=line,
            code="address_taken",
            reason=_("%(name)s: %(address)s belongs to another lead and was left there.")
            % {"name": name, "address": address},
            values=[address],
            is_warning=True,
        )
        for line, name, address in upserted.taken
    ]


def _note_conflicts(upserted: Upserted) -> None:
    propose(pairs=sorted(upserted.conflicts), reason=Reason.ADDRESS_CONFLICT)


def _finish(batch: Batch, counts: dict[str, Any]) -> None:
    changes = {"counts": counts, "finished_at": clock.now()}
    BATCH.move(batch, "done", actor=Actor.system("import"), changes=changes)
    if counts["created"] or counts["updated"] or counts["companies_created"] or counts["companies_updated"]:
        publish("leads.imported", batch_id=batch.pk)
    if counts["updated"] or counts["companies_updated"]:
        publish("lead.changed", batch_id=batch.pk)
