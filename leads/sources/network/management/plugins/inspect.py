"""`manage.py inspect profile FILE.json`: how a network's profile answer is understood."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leads.sources.network import parsing
from outreach.core.errors import Invalid
from outreach.core.management.commands.inspect import Command as Inspect
from outreach.core.terminal import AsJson, emit


@Inspect.command()
def profile(self, files: list[Path], as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """Profile answers of a network (- reads standard input): person, degree, positions, educations, what is missing."""
    emit((describe(file) for file in files) if as_json else _shown(files), as_json=as_json)


def describe(file: Path) -> dict[str, Any]:
    """One file as a row; `error` says what is wrong with it."""
    row: dict[str, Any] = {"input": str(file), "is_valid": False, "error": None}
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        found = parsing.parse_json(body)
    except OSError as error:
        return row | {"error": f"{file}: {error.strerror}"}
    except Invalid as error:
        return row | {"error": error.reason}
    current = found.current
    return row | {
        "is_valid": True,
        **found.as_dict(),
        "current_title": current.title if current else "",
        "current_company": current.company if current else "",
    }


def _shown(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        row = describe(file)
        for name in ("positions", "educations"):
            row[name] = [", ".join(str(value) for value in entry.values() if value) for entry in row.get(name, ())]
        yield row
