"""`manage.py inspect listing FILE…` and `inspect pay TEXT…`: what the product reads out of pages and pay."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from leads.cleaning import compensation
from leads.sources.listings import postings, results
from leads.sources.listings.adapter import features_of
from leads.sources.listings.markup import parsed
from outreach.core.errors import OutreachError
from outreach.core.management.commands.inspect import Command as Inspect
from outreach.core.terminal import AsJson, emit


@Inspect.command()
def listing(  # type: ignore[no-untyped-def]
    self,
    files: list[Path],
    url: Annotated[
        str, typer.Option("--url", help="The page's address, for relative links and ids")
    ] = "https://listings.example/page",
    as_json: AsJson = False,
) -> None:
    """HTML files (- reads standard input): the layout that matched, and the rows or the posting on the page."""
    emit((describe_page(file, url) for file in files), as_json=as_json)


@Inspect.command()
def pay(  # type: ignore[no-untyped-def]
    self,
    texts: Annotated[
        list[str] | None, typer.Argument(help="Pay as written; - or none reads lines from standard input")
    ] = None,
    country: Annotated[str, typer.Option(help="Country of a bare $ (ISO 3166-1 alpha-2)")] = "",
    as_json: AsJson = False,
) -> None:
    """Shows how strings about pay are read: lowest, highest, currency, period, and the yearly range."""
    emit((describe_pay(text, country) for text in _texts(texts or ["-"])), as_json=as_json)


def _texts(texts: list[str]) -> Iterator[str]:
    for text in texts:
        if text == "-":
            yield from (line.rstrip("\n") for line in sys.stdin if line.strip())
        else:
            yield text


def describe_pay(text: str, country: str = "") -> dict[str, Any]:
    """One parsed string about pay; all None when it says nothing."""
    stated, yearly = compensation.state(text, country=country), compensation.parse(text, country=country)
    empty: dict[str, Any] = {"min": None, "max": None, "currency": None, "period": None}
    known = {k: v if v != "" else None for k, v in stated.as_json().items()} if stated else empty
    return {"input": text, **known, "yearly": str(yearly) if yearly else None}


def describe_page(file: Path, url: str) -> dict[str, Any]:
    """One page: `kind` results or posting, `layout`, what is on it; or `code` and `error`."""
    row: dict[str, Any] = {"input": str(file), "kind": None, "layout": None, "code": None, "error": None}
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        return row | {"code": "file_unreadable", "error": f"{file}: {error.strerror}"}
    try:
        if postings.is_posting(parsed(body)):
            posting = postings.read(body, url)
            facts = {k: v for k, v in asdict(posting).items() if v not in (None, "", [], {}) and k != "layout"}
            language = features_of(posting).language
            return row | {"kind": "posting", "layout": posting.layout, "language": language, **facts}
        found = results.read(body, url)
    except OutreachError as error:
        return row | {"code": error.code, "error": error.reason}
    rows = [{k: v for k, v in asdict(r).items() if v not in (None, "", False)} for r in found.rows]
    return row | {
        "kind": "results",
        "layout": found.layout,
        "count": len(rows),
        "next_url": found.next_url or None,
        "rows": rows,
    }
