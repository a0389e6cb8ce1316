"""`manage.py demo load` and `demo reset`: the made-up world for a first look."""

from __future__ import annotations

from django_typer.management import TyperCommand, command, initialize

from campaigns.demo import services
from outreach.core.terminal import AsJson, emit, explained_errors


class Command(TyperCommand):
    help = "The demo world: made-up people, sandbox senders, campaigns in the middle of their lives"

    @initialize()
    def main(self) -> None:
        """Exists in demo mode only (`up --demo`, or OUTREACH_DEMO=1)."""

    @command()
    def load(self, as_json: AsJson = False) -> None:
        """Make the demo world unless it is there."""
        with explained_errors(as_json=as_json):
            emit([vars(services.load())], as_json=as_json)

    @command()
    def reset(self, as_json: AsJson = False) -> None:
        """Reset it; refused where anything real would be lost."""
        with explained_errors(as_json=as_json):
            emit([vars(services.reset())], as_json=as_json)
