"""An import's report: one line, and the rejected rows as a file to fix."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from leads.cleaning.cells import neutralise
from leads.imports.models import Batch, RejectedRow
from outreach.core import words
from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop, ngettext


def outcome(counts: Mapping[str, Any]) -> str:
    """One line about what an import did."""
    changes = ("created", "updated", "companies_created", "companies_updated")
    rows = ngettext("%(count)s row", "%(count)s rows", counts["rows"]) % {"count": counts["rows"]}
    told = _(
        "%(rows)s: %(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(duplicates)s repeated in the file,"
        " %(rejected)s rejected"
    ) % {"rows": rows, **{name: counts[name] for name in ("created", "updated", "unchanged", "duplicates", "rejected")}}
    return told if any(counts[name] for name in changes) else words.joined(" ", (_("Nothing changed."), told))


_UNDONE = {
    "leads_removed": gettext_noop("people removed"),
    "leads_restored": gettext_noop("people restored"),
    "addresses_removed": gettext_noop("addresses removed"),
    "companies_removed": gettext_noop("companies removed"),
    "companies_kept": gettext_noop("companies kept because other people work there"),
    "companies_restored": gettext_noop("companies restored"),
}


def undone(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """What an undo did, in words, each with its number."""
    return [(_(_UNDONE[name]), count) for name, count in counts.items() if count]


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
