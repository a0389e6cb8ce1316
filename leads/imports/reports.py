"""An import's report: one line, and the rejected rows as a file to fix."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from leads.cleaning.cells import neutralise
from leads.imports.models import Batch, RejectedRow


def outcome(counts: Mapping[str, Any]) -> str:
    """One line about what an import did."""
    changes = ("created", "updated", "companies_created", "companies_updated")
    start = "" if any(counts[name] for name in changes) else "Nothing changed. "
    return start + (
        f"{counts['rows']} rows: {counts['created']} created, {counts['updated']} updated, {counts['unchanged']} unchanged,"
        f" {counts['duplicates']} duplicates in the file, {counts['rejected']} rejected"
    )


class Echo:
    """A file for `csv.writer` that hands each line back."""

    def write(self, line: str) -> str:
        return line


def rejected_file(batch: Batch) -> Iterator[str]:
    """The rejected rows as CSV in chunks of text: the original columns, then line, code and reason.

    Correct the cells and import the file again; the last three columns are ignored then.
    """
    writer = csv.writer(Echo())
    columns = list(batch.detected["columns"])
    yield "\ufeff" + writer.writerow([neutralise(c) for c in columns] + ["import_line", "import_code", "import_reason"])
    rows = RejectedRow.objects.filter(batch=batch, is_warning=False).order_by("row_number", "id")
    for row in rows.iterator(chunk_size=1000):
        cells = ([neutralise(cell) for cell in row.values] + [""] * len(columns))[: len(columns)]
        yield writer.writerow([*cells, row.row_number, row.code, neutralise(row.reason)])
