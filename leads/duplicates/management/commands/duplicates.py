"""`manage.py duplicates`: list, find, merge, keep apart, undo."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from leads.duplicates import services
from leads.duplicates.models import DUPLICATE, Duplicate, Kind
from leads.models import Company, Lead
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors, found

ACTOR = Actor.system("command line")
CHUNK = 5_000
Pair = Annotated[int, typer.Argument(help="Number of the pair")]


class Command(TyperCommand):
    help = "Probable duplicates of people and companies"

    @command("list")
    def list_pairs(self, kind: str = "", state: str = "open", limit: int = 20, as_json: AsJson = False) -> None:
        """Pairs to decide, the surest first."""
        with explained_errors(as_json=as_json):
            if state not in DUPLICATE.states or kind not in ("", *Kind.values):
                raise Invalid(
                    "state", "The kind is lead or company, the state open, merged or apart.", code="wrong_choice"
                )
            emit((_described(row) for row in services.queue(kind=kind, state=state)[:limit]), as_json=as_json)

    @command()
    def find(self, as_json: AsJson = False) -> None:
        """Check the whole database once, for data that predates duplicate detection."""
        found = {}
        models: tuple[tuple[str, Any], ...] = ((Kind.LEAD, Lead), (Kind.COMPANY, Company))
        for kind, model in models:
            found[str(kind)], after = 0, 0
            while ids := list(model.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
                after = ids[-1]
                found[str(kind)] += services.look_at(kind=kind, ids=ids)
        emit([found], as_json=as_json)

    @command()
    def merge(
        self,
        pair: Pair,
        keep: Annotated[int, typer.Option(help="Number of the record to keep")],
        as_json: AsJson = False,
    ) -> None:
        """Merge a pair into one of its two."""
        with explained_errors(as_json=as_json):
            services.merge_pair(pair=_found(pair), kept_id=keep, actor=ACTOR)
            emit([_described(_found(pair))], as_json=as_json)

    @command("keep-apart")
    def keep_apart(self, pair: Pair, as_json: AsJson = False) -> None:
        """They are two."""
        with explained_errors(as_json=as_json):
            services.keep_apart(pair=_found(pair), actor=ACTOR)
            emit([_described(_found(pair))], as_json=as_json)

    @command()
    def undo(self, pair: Pair, as_json: AsJson = False) -> None:
        """Undo a decision."""
        with explained_errors(as_json=as_json):
            services.take_back(pair=_found(pair), actor=ACTOR)
            emit([_described(_found(pair))], as_json=as_json)


def _found(number: int) -> Duplicate:
    return found(Duplicate.objects.all(), number, "pair")


def _described(row: Duplicate) -> dict[str, Any]:
    low, high = row.low, row.high
    return {
        "pair": row.pk, "kind": row.kind, "low": low.pk if low else None, "low_name": str(low or ""),
        "high": high.pk if high else None, "high_name": str(high or ""), "reason": row.reason, "score": row.score,
        "state": row.state, "merge": row.merge_id,
    }  # fmt: skip
