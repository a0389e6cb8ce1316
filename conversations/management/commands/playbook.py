"""`manage.py playbook`: what answers may say, from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from conversations.playbooks import services
from conversations.playbooks.models import Playbook, PlaybookVersion
from conversations.replies import trying
from conversations.replies.models import DOUBTS
from leads.models import Channel
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors, found


class Command(TyperCommand):
    help = "List, show, try, export and import playbooks"

    @command("list")
    def list_playbooks(self, as_json: AsJson = False) -> None:
        """All playbooks."""
        services.default_playbook()
        emit((line(row.current) for row in Playbook.objects.all()), as_json=as_json)

    @command()
    def show(
        self,
        playbook: Annotated[str, typer.Argument(help="Number or name; empty: the team's default")] = "",
        number: Annotated[int, typer.Option(help="Number of a version; 0: the newest")] = 0,
        as_json: AsJson = False,
    ) -> None:
        """What a playbook says."""
        with explained_errors(as_json=as_json):
            row = find(playbook, number)
            if as_json:
                emit([line(row) | {"content": row.content}], as_json=True)
                return
            typer.echo(services.write_file(row), nl=False)

    @command()
    def export(self, playbook: Annotated[str, typer.Argument(help="Number or name")], file: Path) -> None:
        """Write the newest version to a file that `import` reads."""
        with explained_errors(as_json=False):
            text = services.write_file(find(playbook))
            try:
                file.write_text(text, encoding="utf-8")
            except OSError as error:
                raise Invalid("file", f"{file}: {error.strerror}") from error
            typer.echo(str(file))

    @command("import")
    def import_file(self, file: Path, as_json: AsJson = False) -> None:
        """Save a playbook from a YAML or JSON file (`-`: standard input); a known name gets its next version."""
        with explained_errors(as_json=as_json):
            try:
                text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise Invalid("file", f"{file} cannot be read: {error}") from error
            name, definition = services.read_file(text)
            known = Playbook.objects.filter(name=name).first()
            saved = services.save_playbook(name=name, definition=definition, created_by=None, playbook=known)
            emit([line(saved)], as_json=as_json, title="Saved")

    @command("try")
    def try_text(
        self,
        text: Annotated[str, typer.Argument(help="What somebody might write")],
        playbook: Annotated[str, typer.Option(help="Number or name; empty: the team's default")] = "",
        channel: Annotated[str, typer.Option(help="email or sms")] = "email",
        as_json: AsJson = False,
    ) -> None:
        """How a text is read and what would be answered; nothing is sent."""
        with explained_errors(as_json=as_json):
            if channel not in Channel.values:
                raise Invalid("channel", f"There is no channel “{channel}”.", code="wrong_choice")
            trial = trying.try_text(text, playbook=find(playbook), channel=channel)
            doubts = [code for code in (trial.reason, *trial.answer.doubts) if code]
            row = {
                "intent": trial.intent,
                "confidence": trial.confidence,
                "answer": trial.answer.body,
                "cites": [cite.text for cite in trial.answer.cites],
                "leaves_by_itself": trial.leaves_alone,
                "doubts": doubts if as_json else " ".join(str(DOUBTS[code]) for code in doubts),
                "refused": trial.answer.refused,
            }
            emit([row], as_json=as_json)


def find(playbook: str, number: int = 0) -> PlaybookVersion:
    """A version by the number or name of its playbook. Raises `Invalid`."""
    own = found(Playbook.objects.all(), playbook, "playbook", "name") if playbook else services.default_playbook()
    row = own.versions.select_related("playbook").filter(number=number).first() if number else own.current
    if row is None:
        raise Invalid("version", f"“{own}” has no version {number}.")
    return row


def line(version: PlaybookVersion) -> dict[str, Any]:
    definition, playbook = version.definition, version.playbook
    return {
        "id": playbook.pk,
        "name": playbook.name,
        "version": version.number,
        "mode": definition.mode,
        "languages": ", ".join(definition.languages),
        "is_default": playbook.is_default,
        "is_archived": playbook.archived_at is not None,
        "changed_at": version.created_at,
    }
