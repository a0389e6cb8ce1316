"""`manage.py inspect segment FILE.json`: how criteria are understood."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leads.segments import canonical, compiler, schema, wording
from outreach.core.errors import Invalid
from outreach.core.management.commands.inspect import Command as Inspect
from outreach.core.terminal import AsJson, emit


@Inspect.command()
def segment(self, files: list[Path], as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """Criteria files (- reads standard input): SQL, parameters, canonical form and hash, or what is wrong."""
    emit(_rows(files), as_json=as_json)


def _rows(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        try:
            text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        except OSError as error:
            yield describe(str(file), None, f"{file}: {error.strerror}")
            continue
        yield describe(str(file), text)


def describe(name: str, text: bytes | None, fault: str = "") -> dict[str, Any]:
    """What the product makes of one definition."""
    row: dict[str, Any] = {
        "input": name, "is_valid": False, "sql": None, "parameters": None, "shown": None, "hash": None,
        "canonical": None, "words": None, "field": None, "error": fault or None,
    }  # fmt: skip
    if text is None:
        return row
    try:
        node = schema.parse_json(text)
    except Invalid as error:
        return row | {"field": error.field, "error": error.reason}
    predicate = compiler.compile_criteria(node)
    return row | {
        "is_valid": True,
        "sql": predicate.sql,
        "parameters": predicate.parameters,
        "shown": compiler.shown(predicate),
        "hash": canonical.criteria_hash(node),
        "canonical": schema.dump(canonical.canonical(node)),
        "words": ["  " * line.level + line.text for line in wording.lines(node)],
    }
