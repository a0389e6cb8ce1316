"""Rows as a file that a spreadsheet reads; text that it would run as a formula is quoted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

from outreach.core.late import late

openpyxl = late("openpyxl")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet runs instead of showing it."""


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """All rows have the keys of the last one."""
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[-1]) if rows else [])
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def csv_response(rows: Sequence[dict[str, Any]], name: str) -> HttpResponse:
    """A download for spreadsheets, which want a byte order mark."""
    response = HttpResponse("\ufeff" + csv_text(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def workbook_response(rows: Sequence[dict[str, Any]], name: str) -> HttpResponse:
    """A download for Excel: numbers as numbers, a heading that stays in sight. Text is never a formula."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "B2"
    for line in ([list(rows[-1])] if rows else []) + [list(row.values()) for row in rows]:
        cells = [openpyxl.cell.WriteOnlyCell(sheet, value) for value in line]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    response = HttpResponse(file.getvalue(), content_type=EXCEL)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
