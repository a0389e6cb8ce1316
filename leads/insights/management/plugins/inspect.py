"""`manage.py inspect document FILE…`: what the product reads in pictures, PDFs and texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leads.insights.documents import entities, signal
from leads.insights.documents.reader import kind_of
from leads.insights.documents.reading import read_file
from outreach.core.management.commands.inspect import Command as Inspect
from outreach.core.terminal import AsJson, emit


@Inspect.command()
def document(self, files: list[Path], as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """Pictures, PDFs and text files: text, quality, keywords, names, firms, amounts, places, and the signal."""
    emit(_described(files), as_json=as_json)


def _described(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        try:
            body = file.read_bytes()
        except OSError as error:
            yield {"file": str(file), "problem": f"The file cannot be read: {error.strerror}."}
            continue
        if kind_of(body):
            answer = read_file(body)
        else:
            answer = {
                "kind": "text",
                "text": body.decode("utf-8", "replace"),
                "quality": None,
                "details": {},
                "problem": "",
            }
        found = entities.find(answer["text"])
        combined = signal.combine(
            text=answer["text"] if answer["kind"] == "text" else "",
            entities=found,
            qualities=[answer["quality"]] if answer["quality"] is not None else [],
            document_texts=[answer["text"]] if answer["kind"] == "pdf" else [],
        )
        yield {"file": str(file), **answer, **found.as_json(), "signal": combined.score, "reasons": combined.reasons}
