"""`manage.py audit`: the chain of the audit trail."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from django_typer.management import TyperCommand, command

from outreach.core import chain
from outreach.core.terminal import AsJson, emit


class Command(TyperCommand):
    help = "Verify that nobody changed the audit trail"

    @command()
    def verify(
        self,
        expect: Annotated[str, typer.Option(help="A head that was noted earlier and has to be in the chain")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Seal what is new and walk the chain; exit code 1 and the first broken record when it is not whole."""
        verdict = chain.verify(expected=expect)
        emit([asdict(verdict)], as_json=as_json, title="Broken" if verdict.fault else "Whole")
        if verdict.fault:
            raise typer.Exit(1)

    @command()
    def seal(self, as_json: AsJson = False) -> None:
        """Seal now what was written in the last minute."""
        emit([{"sealed": chain.seal()}], as_json=as_json)
