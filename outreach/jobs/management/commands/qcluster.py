"""`manage.py qcluster`: django-q2's own command, which here serves one of our lanes and stops within seconds."""

from __future__ import annotations

from typing import Annotated

import typer
from django.core.management import CommandError
from django_typer.management import TyperCommand

from outreach.jobs import cluster
from outreach.jobs.policy import LANES


class Command(TyperCommand):
    help = "Serve one lane of background work until SIGTERM; `up --only LANE` also runs the clock"

    def handle(
        self, name: Annotated[str, typer.Option("--name", "-n", help=f"One of {', '.join(LANES)}")] = "default"
    ) -> None:
        if name not in LANES:
            raise CommandError(f"Unknown lane “{name}”. Use one of {', '.join(LANES)}.")
        cluster.serve(name)
