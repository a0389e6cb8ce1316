"""`manage.py inspect csv FILE…` and `manage.py inspect company NAME|NUMBER…`: how lists are understood."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from leads.cleaning import cells as cleaning
from leads.cleaning import names, tax_ids
from leads.imports.columns import mapping
from leads.imports.reading.detection import detect
from outreach.core.errors import Invalid
from outreach.core.management.commands.inspect import Command as Inspect
from outreach.core.terminal import AsJson, emit


@Inspect.command()
def csv(  # type: ignore[no-untyped-def]
    self,
    files: list[Path],
    kind: Annotated[str, typer.Option(help="people, companies or both")] = "people",
    sheet: Annotated[str, typer.Option(help="The sheet of a workbook")] = "",
    as_json: AsJson = False,
) -> None:
    """Lists (CSV, TSV, XLSX): encoding, delimiter, header, sheet, and what would go where."""
    emit((describe_file(file, kind=kind, sheet=sheet) for file in files), as_json=as_json)


@Inspect.command()
def company(  # type: ignore[no-untyped-def]
    self,
    texts: Annotated[
        list[str], typer.Argument(help="Names, tax ids or registration numbers; - reads lines from standard input")
    ],
    country: Annotated[str, typer.Option(help="Country of the numbers (ISO 3166-1 alpha-2)")] = "",
    as_json: AsJson = False,
) -> None:
    """Company names as they are compared, tax ids with their check digits: a line each."""
    emit((describe_company(text, country) for text in _lines(texts)), as_json=as_json)


def _lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text == "-":
            yield from (line.rstrip("\n") for line in sys.stdin)
        else:
            yield text


def describe_file(path: Path, *, kind: str = "people", sheet: str = "") -> dict[str, Any]:
    """What the product makes of one file."""
    row: dict[str, Any] = {
        "input": str(path), "encoding": None, "delimiter": None, "sheet": None, "sheets": [], "header_line": None, "lines": None,
        "known_export": "", "columns": [], "mapping": {}, "guessed": [], "notes": [], "code": None, "error": None,
    }  # fmt: skip
    if kind not in mapping.FIELDS:
        return row | {"code": "kind_unknown", "error": "The kind must be people, companies or both."}
    try:
        with path.open("rb") as file:
            found = detect(file, sheet=sheet)
    except OSError as error:
        return row | {"code": "file_unreadable", "error": f"{path}: {error.strerror}"}
    except Invalid as error:
        return row | {"code": error.code, "error": error.reason}
    proposals = mapping.propose(kind=kind, columns=found.columns, samples=found.samples)
    unused = mapping.about_opt_outs(found.columns, {p.column: p.field for p in proposals})
    return row | {
        "encoding": None if found.is_workbook else found.encoding,
        "delimiter": None if found.is_workbook else found.delimiter_name,
        "sheet": found.sheet or None,
        "sheets": list(found.sheets),
        "header_line": found.header_line,
        "lines": found.line_count,
        "known_export": mapping.known_export(found.columns),
        "columns": list(found.columns),
        "mapping": {p.column: p.field for p in proposals if p.field},
        "guessed": [p.column for p in proposals if 0 < p.confidence < 1],
        "notes": [*found.notes, *(f"not used, about opt-outs or consent: {column}" for column in unused)],
    }


def describe_company(text: str, country: str = "") -> dict[str, Any]:
    """What the product makes of one name or number."""
    row: dict[str, Any] = {
        "input": text, "kind": None, "name": None, "key": None, "number": None, "scheme": None, "is_valid": None, "code": None,
        "error": None,
    }  # fmt: skip
    try:
        code = cleaning.country(country)
        if sum(c.isdigit() for c in text) < 4 or sum(c.isalpha() for c in text) > 6:
            name = names.company_name(text)
            return row | {"kind": "name", "name": name, "key": names.company_key(name) if name else ""}
        checked = tax_ids.check(cleaning.tax_id(text), code)
    except Invalid as error:
        return row | {"kind": "number", "code": error.code, "error": error.reason}
    return row | {
        "kind": "number", "number": checked.value, "scheme": checked.scheme or None, "is_valid": checked.is_valid,
    }  # fmt: skip
