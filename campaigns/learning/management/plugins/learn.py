"""`manage.py learn export`: training sets with what was known before the first message, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from campaigns.learning import training
from campaigns.models import Campaign
from leads.learning.management.commands.learn import Command as Learn
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors


@Learn.command()
def export(  # type: ignore[no-untyped-def]
    self,
    file: Annotated[Path, typer.Argument(help="Where to write: a name that ends with .csv or .parquet")],
    campaign: Annotated[int, typer.Option(help="Id of one campaign; without it, all")] = 0,
    as_json: AsJson = False,
) -> None:
    """A training set: one row for each person judged or written to."""
    with explained_errors(as_json=as_json):
        kind = file.suffix.lstrip(".").lower()
        if kind not in training.FORMATS:
            raise Invalid("file", _("The name must end with .csv or .parquet."), code="format_unknown")
        row = Campaign.objects.filter(pk=campaign).first()
        if campaign and row is None:
            raise Invalid("campaign", _("There is no such campaign."), code="campaign_unknown")
        try:
            count = _write(file, kind, row)
        except OSError as error:
            raise Invalid("file", f"{file}: {error.strerror}") from error
        training.record_export(campaign=row, format=kind, actor=Actor.system("command line"))
        emit([{"file": str(file), "rows": count, "columns": len(training.COLUMNS)}], as_json=as_json)


def _write(file: Path, kind: str, campaign: Campaign | None) -> int:
    if kind == "parquet":
        return training.write_parquet(file, campaign)
    count = -1
    with file.open("w", encoding="utf-8", newline="") as out:
        for line in training.as_csv(campaign):
            out.write(line)
            count += 1
    return count
