"""`manage.py lab`: made-up people talk to a playbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _
from django_typer.management import TyperCommand, command, initialize

from conversations.lab import services
from conversations.lab.models import Run
from conversations.playbooks.models import Playbook
from conversations.playbooks.services import default_playbook
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors


class Command(TyperCommand):
    help = "Have made-up people talk to a playbook"

    @initialize()
    def init(self) -> None:
        """Conversations in the lab reach no carrier and no person."""

    @command()
    def run(
        self,
        playbook: Annotated[str, typer.Option(help="Name of the playbook (default: the team's)")] = "",
        against: Annotated[str, typer.Option(help="A second playbook that meets the same people")] = "",
        rounds: Annotated[int, typer.Option(min=1, max=services.MAX_ROUNDS, help="Conversations a persona")] = 3,
        seed: Annotated[int, typer.Option(min=0, help="The same seed meets the same people")] = 1,
        models: Annotated[bool, typer.Option(help="Let connected models answer, at their price")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Play every persona: outcomes, broken rules, bookings, answers, cost. Ends with 1 when a rule was broken."""
        with explained_errors(as_json=as_json):
            settings = services.Settings(seed=seed, rounds=rounds, asks_models=models)
            chosen = [_named(name) for name in (playbook, *filter(None, [against]))]
            runs = [services.create_run(playbook=each, settings=settings, created_by=None) for each in chosen]
            if len(runs) == 2:
                runs[0].against = runs[1]
                runs[0].save(update_fields=["against", "updated_at"])
            held = [services.hold(each) for each in runs]
            emit((row for each in held for row in _rows(each)), as_json=as_json)
            is_broken = any(each.plays.exclude(breaks=[]).exists() for each in held)
        if is_broken:
            raise typer.Exit(1)


def _named(name: str) -> Playbook:
    found = Playbook.objects.filter(name=name).first() if name else default_playbook()
    if found is None:
        raise Invalid("playbook", _("No playbook is called “%(name)s”.") % {"name": name}, code="unknown")
    return found


def _rows(run: Run) -> Iterator[dict[str, Any]]:
    for row in services.figures(run):
        yield {
            "playbook": str(run.playbook_version),
            "run": run.pk,
            **asdict(row),
            "booking_rate": round(row.booking_rate, 3),
            "cost": float(row.cost),
        }
