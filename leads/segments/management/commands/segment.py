"""`manage.py segment`: named audiences from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from leads.segments import schema, selectors, services, wording
from leads.segments.models import Segment, SegmentVersion
from outreach.access.terminal import found_user
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors, found, read_file

Target = Annotated[
    str, typer.Argument(help="Number or name of a segment, or a criteria file (*.json, - for standard input)")
]


class Command(TyperCommand):
    help = "Show, save, preview and count segments"

    @command("list")
    def list_segments(self, archived: bool = False, as_json: AsJson = False) -> None:
        """All segments."""
        rows = selectors.segment_list(with_archived=archived)
        names = ("id", "name", "number", "changed_at", "archived_at")
        emit(({name: getattr(row, name) for name in names} for row in rows), as_json=as_json)

    @command()
    def show(self, target: Target, as_json: AsJson = False) -> None:
        """One segment with its newest version."""
        with explained_errors(as_json=as_json):
            segment = _segment(target)
            emit([_described(segment, _current(segment))], as_json=as_json)

    @command()
    def create(
        self,
        file: Path,
        name: Annotated[str, typer.Option(help="Name; for an existing segment, saves its next version")] = "",
        description: str = "",
        user: Annotated[str, typer.Option(help="Login name of the person who saves it")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Save criteria from a JSON file: {"name": …, "criteria": {…}} or the bare criteria with --name."""
        with explained_errors(as_json=as_json):
            raw = _json(str(file))
            if isinstance(raw, dict) and "criteria" in raw:
                name, description = name or str(raw.get("name", "")), description or str(raw.get("description", ""))
                raw = raw["criteria"]
            found = Segment.objects.filter(name=name).first()
            version = services.save_segment(
                name=name, criteria=raw, created_by=found_user(user), segment=found,
                description=description or (found.description if found else ""),
            )  # fmt: skip
            emit([_described(version.segment, version)], as_json=as_json)

    @command()
    def preview(self, target: Target, limit: int = 20, after: int = 0, as_json: AsJson = False) -> None:
        """The newest leads that match."""
        with explained_errors(as_json=as_json):
            rows = selectors.preview(_criteria(target), max(1, min(limit, 1000)), after or None)
            emit(
                (
                    {"id": r.id, "name": r.name, "title": r.title, "company": r.company, "country": r.country,
                     "city": r.city, "last_contacted_at": r.last_contacted_at}
                    for r in rows
                ),
                as_json=as_json,
            )  # fmt: skip

    @command()
    def count(self, target: Target, as_json: AsJson = False) -> None:
        """How many leads match, exactly, and by which plan."""
        with explained_errors(as_json=as_json):
            criteria = _criteria(target)
            plan = selectors.explain(criteria)
            row = {"count": selectors.count(criteria, None), "cost": plan.cost, "steps": plan.steps}
            emit([row], as_json=as_json)

    @command()
    def versions(self, target: Target, as_json: AsJson = False) -> None:
        """All versions of a segment, newest first."""
        with explained_errors(as_json=as_json):
            rows = _segment(target).versions.select_related("created_by").order_by("-number")
            emit(
                (
                    {"number": v.number, "hash": v.criteria_hash, "created_at": v.created_at,
                     "created_by": str(v.created_by or ""), "criteria": v.criteria}
                    for v in rows
                ),
                as_json=as_json,
            )  # fmt: skip

    @command("diff")
    def difference(
        self,
        target: Target,
        old: Annotated[int, typer.Option("--from", help="Number of the older version (default: the previous one)")] = 0,
        new: Annotated[int, typer.Option("--to", help="Number of the newer version (default: the newest)")] = 0,
        as_json: AsJson = False,
    ) -> None:
        """What changed between two versions, condition by condition."""
        with explained_errors(as_json=as_json):
            before, after = selectors.versions_between(_segment(target), old or None, new or None)
            found = wording.difference(schema.parse(before.criteria), schema.parse(after.criteria))
            emit(
                (
                    {"change": change, "from": before.number, "to": after.number, "condition": text}
                    for change, texts in (("removed", found.removed), ("added", found.added))
                    for text in texts
                ),
                as_json=as_json,
            )  # fmt: skip


def _segment(target: str) -> Segment:
    return found(Segment.objects.all(), target, "segment", "name")


def _current(segment: Segment) -> SegmentVersion:
    version = segment.current
    if version is None:
        raise Invalid("segment", f"“{segment}” has no version yet.")
    return version


def _criteria(target: str) -> Any:
    if target == "-" or target.endswith(".json"):
        raw = _json(target)
        return schema.parse(raw["criteria"] if isinstance(raw, dict) and "criteria" in raw else raw)
    return _current(_segment(target)).criteria


def _json(file: str) -> Any:
    import orjson

    try:
        return orjson.loads(read_file(file))
    except orjson.JSONDecodeError as error:
        raise Invalid("file", f"{file} is not valid JSON: {error}") from error


def _described(segment: Segment, version: SegmentVersion) -> dict[str, Any]:
    return {
        "id": segment.pk,
        "name": segment.name,
        "description": segment.description,
        "version": version.number,
        "hash": version.criteria_hash,
        "criteria": version.criteria,
        "predicate": version.predicate,
        "parameters": version.parameters,
    }
