"""Output of commands: rich tables for people, JSON lines for programs, one line and an exit code for errors."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer
from django.db.models import Model, QuerySet
from rich.console import Console
from rich.table import Table

from outreach.core.errors import Invalid, OutreachError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines")]
Row = TypeVar("Row", bound=Model)


def emit(rows: Iterable[Mapping[str, Any]], *, as_json: bool, title: str = "") -> None:
    """Print `rows`: one JSON object a line, or one table with the keys of the first row as columns.

    Rows that are too wide for the terminal are printed one field per line, without empty fields.
    """
    if as_json:
        for row in rows:
            sys.stdout.write(orjson.dumps(row, default=str).decode() + "\n")
        return
    kept = list(rows)
    console = Console()
    if not kept:
        console.print("[dim]nothing to show[/dim]")
        return
    if len(kept) == 1:
        console.print(_upright(kept[0], title=title))
        return
    table = Table(*[str(key) for key in kept[0]], title=title or None)
    for row in kept:
        table.add_row(*[_cell(value) for value in row.values()])
    if console.measure(table, options=console.options.update(max_width=100_000)).minimum <= console.width:
        console.print(table)
        return
    for row in kept:
        console.print(_upright({key: value for key, value in row.items() if value not in (None, "", [], {})}))
        console.print()


def _upright(row: Mapping[str, Any], *, title: str = "") -> Table:
    """One row, a line for each of its keys."""
    table = Table(title=title or None, show_header=False, box=None)
    for key, value in row.items():
        table.add_row(f"[bold]{key}[/bold]", _cell(value))
    return table


def _cell(value: Any) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return escape("\n".join(str(part) for part in value))
    if isinstance(value, dict):
        return escape("\n".join(f"{key}: {_plain(part)}" for key, part in value.items()))
    return escape(str(value))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


@contextmanager
def explained_errors(*, as_json: bool = False) -> Iterator[None]:
    """Turn a typed error into one line on stderr (a JSON object with `--json`) and exit code 1."""
    try:
        yield
    except OutreachError as error:
        field = getattr(error, "field", None)
        say_error(error.code, error.reason if as_json else str(error), field=field, as_json=as_json)
        raise typer.Exit(1) from error


def say_error(code: str, text: str, *, as_json: bool, field: str | None = None) -> None:
    """A sentence on stderr, or a JSON object."""
    if as_json:
        sys.stderr.write(orjson.dumps({"error": code, "detail": text, "field": field}, default=str).decode() + "\n")
    else:
        Console(stderr=True).print(f"[red]{text}[/red]", highlight=False)


def read_file(file: Path | str) -> bytes:
    """What is in a file; “-” is standard input. Raises `Invalid` when it can't be read."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Invalid("file", f"{file}: {error.strerror}", code="file_unreadable") from error


def found(rows: QuerySet[Row], text: str | int, noun: str, *columns: str, field: str = "") -> Row:
    """The one of `rows` with the number `text`, or with `text` in one of `columns`. Raises `Invalid` where there is none."""
    text = str(text)
    lookups: list[tuple[str, Any]] = [("pk", int(text))] if text.isdecimal() and len(text) < 19 else []
    for lookup in (*lookups, *((column, text) for column in columns)):
        if row := rows.filter(lookup).first():
            return row
    raise Invalid(field or noun, f"There is no {noun} {f'“{text}”' if columns else text}.", code="not_found")
