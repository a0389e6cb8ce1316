"""`manage.py rollups`: the kept numbers of the reports, and counting them again."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from django_typer.management import TyperCommand, command

from campaigns.rollups import services
from campaigns.rollups.models import Change, DayCount, Known, Zone
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors


class Command(TyperCommand):
    help = "Show the kept numbers of the reports, or count them again from the raw rows"

    @command()
    def show(self, as_json: AsJson = False) -> None:
        """How much is kept, and what waits to be counted."""
        line = {
            "people": Known.objects.count(),
            "rows": DayCount.objects.count(),
            "waiting": Change.objects.count(),
            "zones": ", ".join(Zone.objects.filter(built_at__isnull=False).values_list("name", flat=True)),
        }
        emit([line], as_json=as_json)

    @command()
    def rebuild(
        self,
        day: Annotated[str, typer.Option(help="Only the messages of this day, as 2026-11-30")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Count everything, or one day, again."""
        with explained_errors(as_json=as_json):
            try:
                chosen = date.fromisoformat(day) if day else None
            except ValueError as error:
                raise Invalid("day", "Write the day as 2026-11-30.") from error
            people = services.rebuild_day(chosen) if chosen else services.rebuild()
            emit([{"people": people}], as_json=as_json)
