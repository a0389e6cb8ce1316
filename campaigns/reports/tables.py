"""Rows as a file that a spreadsheet reads; text that it would run as a formula is quoted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """All rows have the keys of the last one."""
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[-1]) if rows else [])
    writer.writeheader()
    writer.writerows({name: safe(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def csv_response(rows: Sequence[dict[str, Any]], name: str) -> HttpResponse:
    """A download for spreadsheets, which want a byte order mark."""
    response = HttpResponse("\ufeff" + csv_text(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
