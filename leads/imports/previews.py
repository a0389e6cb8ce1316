"""The first rows of a file as they would be imported."""

from __future__ import annotations

from dataclasses import dataclass, field

from leads import names as named
from leads.cleaning.cells import MOST_EMPLOYEES
from leads.imports.columns import mapping as mappings
from leads.imports.columns.cleaners import TAG_SEPARATOR
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
    """What the rows have a value for, in the order of the menu of fields."""
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
    filled = {name for row in rows for name, value in row.values.items() if value}
    names = [field.name for field in mappings.FIELDS[batch.kind] if field.name in filled]
    return Preview(
        columns=columns,
        fields=names,
        rows=rows,
        rejected_count=sum(1 for row in rows if row.code),
        warning_count=sum(len(row.warnings) for row in rows),
    )


def _readable(name: str, value: str) -> str:
    """A staged cell as people read it."""
    match name.removeprefix("company."):
        case "tags":
            return value.replace(TAG_SEPARATOR, ", ")
        case "country":
            return named.country_name(value)
        case "language":
            return named.language_name(value)
        case _:
            return value


def _preview_row(record: Record, cleaner: RowCleaner) -> PreviewRow:
    cells = [shown(cell)[:200] for cell in record.cells]
    if record.problem:
        return PreviewRow(record.line, cells, {}, record.problem, PROBLEMS[record.problem])
    try:
        row = cleaner.clean(record.cells)
    except Invalid as error:
        return PreviewRow(record.line, cells, {}, error.code, error.reason)
    values = dict(row.person or {})
    if values and not values["country"]:
        values["country"] = values.get("country_default", "")
    if row.company:
        values |= {f"company.{name}": value for name, value in row.company.values.items()}
        low, high = row.company.values.get("employee_count"), row.company.values.get("employee_count_max")
        if low and high:
            values["company.employee_count"] = f"{low}+" if int(high) >= MOST_EMPLOYEES else f"{low}–{high}"
    values = {name: _readable(name, value) for name, value in values.items()}
    return PreviewRow(record.line, cells, values, warnings=[tuple(w) for w in row.warnings])  # type: ignore[misc]
