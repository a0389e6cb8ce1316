"""`manage.py inspect robots FILE --agent NAME --url URL…`: what a robots.txt allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from outreach.core.management.commands.inspect import Command as Inspect
from outreach.core.terminal import AsJson, emit, explained_errors, read_file
from outreach.web import robots
from outreach.web.politeness import product


@Inspect.command(name="robots")
def inspect_robots(  # type: ignore[no-untyped-def]
    self,
    file: Path,
    url: Annotated[list[str], typer.Option("--url", help="Address to check; may be repeated")],
    agent: Annotated[str, typer.Option("--agent", help="Name of the crawler (default: ours)")] = "",
    status: Annotated[int, typer.Option("--status", help="HTTP status of the file")] = 200,
    as_json: AsJson = False,
) -> None:
    """A robots.txt file (- reads standard input): whether each address may be fetched, and how often."""
    with explained_errors(as_json=as_json):
        emit(_rows(file, agent or product(), url, status), as_json=as_json)


def _rows(file: Path, agent: str, urls: list[str], status: int) -> Iterator[dict[str, Any]]:
    rules = robots.Rules(status, read_file(file)[: robots.MAX_BYTES].decode("utf-8-sig", "replace"))
    for url in urls:
        yield {
            "input": str(file),
            "agent": agent,
            "url": url,
            "is_allowed": rules.allows(url, agent),
            "crawl_delay_seconds": rules.delay_seconds(agent),
        }
