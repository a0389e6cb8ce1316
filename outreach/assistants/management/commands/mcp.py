"""`manage.py mcp`: serve assistants over standard input and output, and list their tools."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from django.utils.module_loading import import_string
from django_typer.management import TyperCommand, command

from outreach.access.models import User
from outreach.assistants.tools import TOOLS, Caller
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors

SERVE = "outreach.assistants.server.serve_standard_streams"
"""Loaded where it is used: the protocol's SDK is large, and `tools` does without."""


class Command(TyperCommand):
    help = "Assistants that speak the Model Context Protocol: serve them, list their tools"

    @command()
    def serve(
        self,
        user: Annotated[str, typer.Option(help="The user whose rights the assistant has")],
        program: Annotated[str, typer.Option(help="How the audit trail names the assistant")] = "assistant",
    ) -> None:
        """Speak the protocol over standard input and output, as desktop assistants start it."""

        with explained_errors():
            found = User.objects.filter(username=user).first()
            if found is None or not found.may_sign_in:
                raise Invalid("user", f"There is no active user “{user}”.")
            asyncio.run(import_string(SERVE)(Caller(found, program)))

    @command()
    def tools(self, as_json: AsJson = False) -> None:
        """What assistants may do, and the role that each tool needs."""
        emit(
            (
                {"name": tool.name, "role": tool.role, "proposes": tool.is_proposal, "help": str(tool.description)}
                | ({"arguments": tool.schema} if as_json else {})
                for tool in TOOLS.entries()
            ),
            as_json=as_json,
            title="Tools",
        )
