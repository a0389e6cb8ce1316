"""`manage.py brief`: what campaigns look for, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from leads.models import Lead
from leads.qualification import expectations, selectors, services
from leads.qualification.models import Brief
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors, found, read_file


class Command(TyperCommand):
    help = "List, save and try briefs"

    @command("list")
    def list_briefs(self, as_json: AsJson = False) -> None:
        """All briefs."""
        emit(
            (
                {
                    "id": b.pk,
                    "name": b.name,
                    "use_model": b.use_model,
                    "description": b.description,
                    "updated_at": b.updated_at,
                }
                for b in selectors.brief_list()
            ),
            as_json=as_json,
        )

    @command()
    def create(self, file: Path, as_json: AsJson = False) -> None:
        """Save a brief from JSON: {"name": …, "description": …, "use_model": false, "factors": {…}}; a known name is changed."""
        with explained_errors(as_json=as_json):
            raw = _json(file)
            name = str(raw.get("name", ""))
            saved = services.save_brief(
                name=name,
                description=str(raw.get("description", "")),
                factors=raw.get("factors") or {},
                use_model=raw.get("use_model") is True,
                created_by=None,
                brief=Brief.objects.filter(name=name).first(),
            )
            emit([{"id": saved.pk, "name": saved.name, "hash": saved.content_hash, "factors": saved.factors}], as_json=as_json)  # fmt: skip

    @command("try")
    def try_out(
        self,
        target: Annotated[str, typer.Argument(help="Number or name of a brief, or a brief file (*.json)")],
        lead: Annotated[list[int] | None, typer.Option(help="Number of a lead (default: the newest)")] = None,
        limit: int = 10,
        as_json: AsJson = False,
    ) -> None:
        """The rules' results for some leads; nothing is stored."""
        with explained_errors(as_json=as_json):
            factors = _json(Path(target)).get("factors") if target.endswith(".json") else _brief(target).factors
            wanted = expectations.parse(factors)
            leads = Lead.objects.alive().select_related("company").order_by("-id")
            rows = leads.filter(pk__in=lead) if lead else leads[: max(1, min(limit, 1000))]
            emit((_tried(row, wanted) for row in rows), as_json=as_json)


def _tried(lead: Lead, wanted: expectations.Expectations) -> dict[str, Any]:
    result = services.assess(lead=lead, wanted=wanted)
    return {
        "lead": lead.pk,
        "name": str(lead),
        "score": result.score,
        "grade": result.grade,
        "is_qualified": result.is_qualified,
        "coverage": result.coverage,
        "reasons": result.reasons(),
        "flags": list(result.flags),
    }


def _brief(target: str) -> Brief:
    return found(Brief.objects.all(), target, "brief", "name")


def _json(file: Path) -> dict[str, Any]:
    import orjson

    try:
        raw = orjson.loads(read_file(file))
    except orjson.JSONDecodeError as error:
        raise Invalid("file", f"{file} is not valid JSON: {error}") from error
    if not isinstance(raw, dict):
        raise Invalid("file", "Provide an object with name and factors.")
    return raw
