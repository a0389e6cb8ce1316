"""`manage.py backup`: make, check, list and restore backups."""

from __future__ import annotations

from typing import Annotated

import typer
from django.core.management import CommandError
from django_typer.management import TyperCommand, command

from outreach.backups import services
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors

ACTOR = Actor.system("command line")
Name = Annotated[str, typer.Argument(help="Name of a backup, or `latest`")]


class Command(TyperCommand):
    help = "Make, check, list and restore encrypted backups"

    @command()
    def create(self, as_json: AsJson = False) -> None:
        """Make a backup now."""
        with explained_errors(as_json=as_json):
            emit([services.create(actor=ACTOR).as_row()], as_json=as_json)

    @command("list")
    def list_backups(self, as_json: AsJson = False) -> None:
        """All backups, newest first."""
        with explained_errors(as_json=as_json):
            emit((backup.as_row() for backup in services.available()), as_json=as_json)

    @command()
    def verify(self, name: Name = "latest", as_json: AsJson = False) -> None:
        """Decrypt a backup and compare every count and hash."""
        with explained_errors(as_json=as_json):
            manifest = services.verify(services.find(name))
            tables = manifest["tables"]
            row = {
                "tables": len(tables),
                "rows": sum(table["rows"] for table in tables.values()),
                "files": len(manifest["files"]),
                "missing_files": manifest["missing_files"],
                "taken_at": manifest["taken_at"],
            }
            emit([row], as_json=as_json)

    @command()
    def restore(
        self,
        name: Name,
        yes: Annotated[bool, typer.Option("--yes", help="Don't ask")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Restore into this installation's empty database; sending stays paused until you confirm."""
        with explained_errors(as_json=as_json):
            backup = services.find(name)
            if not yes and not typer.confirm(f"Restore {backup.name} of {backup.taken_at:%Y-%m-%d %H:%M} UTC?"):
                raise CommandError("Nothing was changed.")
            restored = services.restore(backup, actor=ACTOR)
            row = {"restored": backup.name, "rows": backup.row_count, "files": backup.file_count, "number": restored.pk}
            emit([row], as_json=as_json)
        if not as_json:
            self.stdout.write("Sending is paused. Run `sending status`, then `sending resume`, or open Home.")
