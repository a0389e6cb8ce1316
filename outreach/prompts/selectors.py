"""Packs as the pages, the API and the command show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max

from outreach.llm.models import Evaluation
from outreach.prompts import lint, rendering, services, testing
from outreach.prompts.descriptions import described
from outreach.prompts.models import PRODUCTION, PackVersion
from outreach.prompts.pack import Pack
from outreach.prompts.parser import PackError, parse

PURPOSES = ("draft", "reply", "classify", "qualify", "research", "judge")
VERSIONS_SHOWN = 50


@dataclass
class Listed:
    """One pack in the list: its production version (else its newest), and what is known of it."""

    version: PackVersion
    version_count: int = 0
    candidate: PackVersion | None = None
    is_shipped: bool = False
    pins: list[tuple[str, str]] = field(default_factory=list)
    passed: int = 0
    tested: int = 0

    @property
    def purpose(self) -> str:
        return rendering.pack_of(self.version).purpose

    @property
    def description(self) -> str:
        return described(rendering.pack_of(self.version).description)


@dataclass(frozen=True)
class Checked:
    """A typed source: the pack as far as it can be read, and everything found in it."""

    pack: Pack | None
    findings: list[lint.Finding]


def check_source(source: str, *, file_name: str = "pack.md") -> Checked:
    """Read and lint; a text that cannot be read is one finding with its line."""
    try:
        pack = parse(source, file_name=file_name)
    except PackError as error:
        return Checked(
            None, [lint.Finding("P00", error.line, error.reason.removeprefix(f"{file_name}:{error.line}: "))]
        )
    return Checked(pack, testing.findings(pack))


def listed() -> list[tuple[str, list[Listed]]]:
    """All packs by purpose, in a fixed number of queries."""
    counts = dict(PackVersion.objects.order_by().values_list("name").annotate(Count("pk")))
    newest = PackVersion.objects.order_by().values("name").annotate(newest=Max("pk")).values("newest")
    labelled = PackVersion.objects.filter(labels__isnull=False) | PackVersion.objects.filter(pk__in=newest)
    found: dict[str, Listed] = {}
    for version in labelled.distinct().prefetch_related("labels").order_by("name", "pk"):
        entry = found.setdefault(version.name, Listed(version, counts.get(version.name, 0)))
        labels = version.label_names
        if PRODUCTION in labels or PRODUCTION not in entry.version.label_names:
            entry.version = version
        entry.is_shipped |= services.SHIPPED in labels
        entry.candidate = version if services.CANDIDATE in labels else entry.candidate
    _add_pins(found)
    _add_tests(found.values())
    groups: dict[str, list[Listed]] = defaultdict(list)
    for entry in found.values():
        groups[entry.purpose].append(entry)
    order = [*PURPOSES, *sorted(set(groups) - set(PURPOSES))]
    return [(purpose, groups[purpose]) for purpose in order if purpose in groups]


def _add_pins(found: dict[str, Listed]) -> None:
    versions = {v.pk: v.name for v in PackVersion.objects.only("pk", "name")}
    for pk, users in services.pins(list(PackVersion.objects.only("pk"))).items():
        found[versions[pk]].pins += [user for user in users if user not in found[versions[pk]].pins]


def _add_tests(entries: Iterable[Listed]) -> None:
    by_sha = {entry.version.sha: entry for entry in entries}
    rows = Evaluation.objects.filter(judge=testing.BY_TESTS, interaction__pack_sha__in=by_sha)
    newest = rows.values("name", "interaction__pack_sha").annotate(newest=Max("pk")).values("newest")
    for sha, label in Evaluation.objects.filter(pk__in=newest).values_list("interaction__pack_sha", "label"):
        by_sha[sha].tested += label != "skipped"
        by_sha[sha].passed += label == "passed"


def versions_of(name: str) -> list[PackVersion]:
    """The newest versions with labels and authors."""
    rows = PackVersion.objects.filter(name=name).select_related("author").prefetch_related("labels")
    return list(rows.order_by("-pk")[:VERSIONS_SHOWN])


def version_json(version: PackVersion) -> dict[str, Any]:
    """One version in short."""
    return {
        "name": version.name,
        "sha": version.sha,
        "channel": version.channel,
        "languages": version.languages,
        "labels": version.label_names,
        "author": version.author.get_username() if version.author else "",
        "note": version.note,
        "created_at": version.created_at.isoformat(),
    }


def names_of(shas: Iterable[str]) -> dict[str, str]:
    """What versions are called, by their sha: the pack's name with the first letters of the sha."""
    rows = PackVersion.objects.filter(sha__in=list(shas)).values_list("sha", "name")
    return {sha: f"{name} · {sha[:8]}" for sha, name in rows}
