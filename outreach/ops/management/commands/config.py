"""`manage.py config`: what `outreach.toml` can hold and what is in force."""

from __future__ import annotations

from typing import Annotated

import typer
from django.conf import settings
from django_typer.management import TyperCommand, command

from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors
from outreach.ops import keys


class Command(TyperCommand):
    help = "Show what outreach.toml can hold, and what is in force"

    @command()
    def show(
        self,
        section: Annotated[str, typer.Argument(help="Only keys that begin so: web, llm.providers")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Every value in force with its source; secrets are masked."""
        with explained_errors(as_json=as_json):
            rows = [row._asdict() for row in keys.settings_of(settings.OUTREACH) if row.name.startswith(section)]
            if not rows:
                raise Invalid("section", f"No key begins with “{section}”.", code="unknown_key")
            emit(rows, as_json=as_json, title=str(settings.CONFIGURATION_PATH))

    @command(name="keys")
    def list_keys(
        self,
        markdown: Annotated[bool, typer.Option("--markdown", help="As docs/configuration.md")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Every key with its type, default and meaning."""
        if markdown:
            typer.echo(keys.document(), nl=False)
        else:
            emit((key._asdict() for key in keys.all_keys()), as_json=as_json, title="outreach.toml")

    @command(name="check")
    def check_file(self, as_json: AsJson = False) -> None:
        """Exit code 1 and one line a fault when the file is wrong."""
        faults = [{"fault": str(fault)} for fault in settings.CONFIGURATION_FAULTS]
        if faults:
            emit(faults, as_json=as_json)
            raise typer.Exit(1)
        emit([{"file": str(settings.CONFIGURATION_PATH), "state": "ok"}], as_json=as_json)
