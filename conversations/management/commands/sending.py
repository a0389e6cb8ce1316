"""`manage.py sending`: whether a restore holds all sending, and the way out."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from django.core.management import CommandError
from django_typer.management import TyperCommand, command

from conversations.resuming import services
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors

ACTOR = Actor.system("command line")


class Command(TyperCommand):
    help = "See whether a restore holds all sending, and resume it"

    @command()
    def status(self, as_json: AsJson = False) -> None:
        """Whether sending is held, since which restore, and how much is due."""
        restore = services.open_restore()
        row = {
            "is_held": restore is not None,
            "backup": restore.backup if restore else "",
            "taken_at": restore.taken_at if restore else None,
            "due": services.due_count(),
        }
        emit([row], as_json=as_json)

    @command()
    def resume(
        self,
        opted_out: Annotated[
            typer.FileText | None,
            typer.Option(help="Who opted out since the backup, one on each line; - reads standard input"),
        ] = None,
        release_due: Annotated[
            bool, typer.Option("--release-due", help="Nothing left since the backup: send what is due")
        ] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Don't ask")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Take in opt-outs, hold what was due for review, and send again."""
        restore = services.open_restore()
        if restore is None:
            raise CommandError("Sending isn't held: every restore is confirmed.")
        question = f"Have you checked what left and who opted out since {restore.taken_at:%Y-%m-%d %H:%M} UTC?"
        if not yes and not (sys.stdin.isatty() and typer.confirm(question)):
            raise CommandError("Nothing was changed. Check first, then confirm with --yes.")
        with explained_errors(as_json=as_json):
            done = services.resume(
                restore=restore,
                opted_out=opted_out.read() if opted_out else "",
                releases_due=release_due,
                actor=ACTOR,
            )
            emit([{"opted_out": done.opted_out_count, "held": done.held_count}], as_json=as_json)
