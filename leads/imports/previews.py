"""The first rows of a file as they would be imported."""

from __future__ import annotations

from dataclasses import dataclass, field

from leads.imports.columns.rows import RowCleaner
from leads.imports.models import Batch
from leads.imports.reading.records import Record, shown
from leads.imports.running import PROBLEMS, cleaner_of, opened_file, records_of
from outreach.core.errors import Invalid

PREVIEW_ROWS = 12


@dataclass(frozen=True)
class PreviewRow:
    line: int
    cells: list[str]
    values: dict[str, str]
    code: str = ""
    reason: str = ""
    warnings: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    """The first rows of a file as they would be imported. `error` says what is wrong with the mapping."""

    columns: list[str]
    fields: list[str]
    rows: list[PreviewRow]
    rejected_count: int = 0
    warning_count: int = 0
    error: str = ""


def preview(batch: Batch, *, row_count: int = PREVIEW_ROWS) -> Preview:
    """The first rows as they would come in, with what is wrong with them. Writes nothing."""
    columns = list(batch.detected["columns"])
    try:
        cleaner = cleaner_of(batch)
    except Invalid as error:
        return Preview(columns=columns, fields=[], rows=[], error=error.reason)
    rows = []
    with opened_file(batch) as file:
        for record in records_of(batch, file):
            rows.append(_preview_row(record, cleaner))
            if len(rows) == row_count:
                break
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    return Preview(
        columns=columns,
        fields=names,
        rows=rows,
        rejected_count=sum(1 for row in rows if row.code),
        warning_count=sum(len(row.warnings) for row in rows),
    )


_SHOWN_FIELDS = (
    "full_name",
    "title",
    "email",
    "email_2",
    "phone",
    "phone_2",
    "network",
    "country",
    "city",
    "language",
    "tags",
    "status",
)


def _preview_row(record: Record, cleaner: RowCleaner) -> PreviewRow:
    cells = [shown(cell)[:200] for cell in record.cells]
    if record.problem:
        return PreviewRow(record.line, cells, {}, record.problem, PROBLEMS[record.problem])
    try:
        row = cleaner.clean(record.cells)
    except Invalid as error:
        return PreviewRow(record.line, cells, {}, error.code, error.reason)
    values = {name: row.person[name] for name in _SHOWN_FIELDS if name in row.person} if row.person else {}
    if row.person and not values["country"]:
        values["country"] = row.person.get("country_default", "")
    if row.company:
        values |= {f"company.{name}": value for name, value in row.company.values.items() if name != "name_key"}
    return PreviewRow(record.line, cells, values, warnings=[tuple(w) for w in row.warnings])  # type: ignore[misc]
