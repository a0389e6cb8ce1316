"""Read the packs that ship as files, keep every state of them, and say which one is current."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import structlog
from django.db import transaction

from outreach.access.models import User
from outreach.core import audit
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.registry import Point
from outreach.core.words import gettext as _
from outreach.prompts import testing
from outreach.prompts.models import PRODUCTION, PackLabel, PackVersion
from outreach.prompts.pack import Pack
from outreach.prompts.parser import parse

logger = structlog.get_logger(__name__)

PACK_FOLDERS: Point[Path] = Point("prompts.packs")
"""Folders of prompt packs, each `*.md` one pack."""
CANDIDATE = "candidate"
SHIPPED = "shipped"
"""Points at the version that the file on disk had when it was last read."""
LABELS = (PRODUCTION, CANDIDATE)
"""What a person may set."""
RELATED: Point[tuple[Any, str]] = Point("prompts.related")
"""Pages of other rooms about how good texts are: (words, name of the page), linked from packs and benchmarks."""
PINS: Point[Callable[[list[int]], dict[int, list[tuple[str, str]]]]] = Point("prompts.pins")
"""Who uses versions for good: given their ids, (name, address) of each user by version."""


def pack_files() -> list[Path]:
    """All pack files of the product, in order."""
    return [path for folder in PACK_FOLDERS.entries() for path in sorted(folder.glob("*.md"))]


def save_version(pack: Pack, *, source: str, author: User | None = None, note: str = "") -> PackVersion:
    """The version with this content, made if it is new."""
    return _saved([(pack, source)], author=author, note=note)[0]


def _saved(packs: Sequence[tuple[Pack, str]], *, author: User | None = None, note: str = "") -> list[PackVersion]:
    """The versions of these packs and their sources, in order; new ones are stored in one statement."""
    shas = [pack.sha() for pack, _source in packs]
    known = {row.sha: row for row in PackVersion.objects.filter(sha__in=shas)}
    if new := [
        PackVersion(
            name=pack.name,
            sha=sha,
            channel=pack.channel,
            languages=pack.languages,
            source=source,
            definition=pack.definition(),
            author=author,
            note=note,
        )
        for (pack, source), sha in zip(packs, shas, strict=True)
        if sha not in known
    ]:
        PackVersion.objects.bulk_create(new, ignore_conflicts=True)
        known = {row.sha: row for row in PackVersion.objects.filter(sha__in=shas)}
    return [known[sha] for sha in shas]


@transaction.atomic
def sync_packs() -> list[PackVersion]:
    """Store what is new in the pack files. Production follows a file that changed, unless a person had promoted another
    version. Raises `PackError` naming file and line."""
    sources = [(path.name, path.read_text(encoding="utf-8")) for path in pack_files()]
    versions = _saved([(parse(source, file_name=name), source) for name, source in sources])
    labels = {
        (name, label): version for name, label, version in PackLabel.objects.values_list("name", "label", "version")
    }
    moved = []
    for version in versions:
        shipped, current = (labels.get((version.name, label)) for label in (SHIPPED, PRODUCTION))
        if shipped != version.pk:
            moved.append(PackLabel(name=version.name, label=SHIPPED, version=version))
            if current == shipped:
                moved.append(PackLabel(name=version.name, label=PRODUCTION, version=version))
    PackLabel.objects.bulk_create(
        moved, update_conflicts=True, unique_fields=["name", "label"], update_fields=["version", "updated_at"]
    )
    return versions


def set_label(version: PackVersion, label: str) -> None:
    """Point `label` of this pack at `version`."""
    PackLabel.objects.update_or_create(name=version.name, label=label, defaults={"version": version})


@transaction.atomic
def label_version(version: PackVersion, label: str, *, actor: Actor) -> None:
    """A person's word on a version. What is promoted is no candidate any more. Raises `Invalid` for another label."""
    if label not in LABELS:
        raise Invalid(
            "label",
            _("Unknown label “%(label)s”. Use one of: %(known)s.") % {"label": label, "known": ", ".join(LABELS)},
        )
    before = PackLabel.objects.filter(name=version.name, label=label).values_list("version__sha", flat=True).first()
    set_label(version, label)
    if label == PRODUCTION:
        version.labels.filter(label=CANDIDATE).delete()
    data = {"pack": version.name, "label": label, "before": before or "", "after": version.sha}
    audit.record("pack.labelled", subject=version, actor=actor, data=data)


def save_source(source: str, *, author: User | None, note: str = "") -> PackVersion:
    """A pack as a person wrote it, as a new version; a candidate until it is promoted, unless the pack is new.

    Raises `PackError` for a text that cannot be read, and `Invalid` with the first finding that keeps it from use.
    """
    pack = parse(source)
    faults = [finding for finding in testing.findings(pack) if finding.is_error]
    if faults:
        raise Invalid("source", _("Line %(line)s: %(text)s") % {"line": faults[0].line, "text": faults[0].text})
    is_new = not PackVersion.objects.filter(name=pack.name).exists()
    if PackVersion.objects.filter(sha=pack.sha()).exists():
        raise Refused(_("Nothing was changed: this version exists already."), code="unchanged")
    with transaction.atomic():
        version = save_version(pack, source=source, author=author, note=note.strip())
        set_label(version, PRODUCTION if is_new else CANDIDATE)
        actor = Actor.of(author) if author else Actor.system("prompts")
        audit.record("pack.saved", subject=version, actor=actor, data={"pack": pack.name, "sha": version.sha})
    return version


def version_of(name: str, reference: str = "") -> PackVersion:
    """A version by label or by the beginning of its hash; production without either. Raises `Refused`."""
    if reference in ("", PRODUCTION):
        return current(name)
    rows = PackVersion.objects.filter(name=name)
    found = rows.filter(labels__label=reference).first() or (
        rows.filter(sha__startswith=reference).first() if len(reference) >= 4 else None
    )
    if found is None:
        raise Refused(
            _("“%(pack)s” has no version “%(version)s”.") % {"pack": name, "version": reference}, code="version_unknown"
        )
    return found


def pins(versions: Iterable[PackVersion]) -> dict[int, list[tuple[str, str]]]:
    """(name, address) of whoever has each version pinned, by version."""
    found: dict[int, list[tuple[str, str]]] = {}
    ids = [version.pk for version in versions]
    for source in PINS.entries():
        for pk, users in source(ids).items():
            found.setdefault(pk, []).extend(users)
    return found


def current(name: str) -> PackVersion:
    """The current version of a pack. Raises `Refused` when there is no such pack."""
    found = PackVersion.objects.filter(labels__name=name, labels__label=PRODUCTION).first()
    if found is None:
        sync_packs()
        found = PackVersion.objects.filter(labels__name=name, labels__label=PRODUCTION).first()
    if found is None:
        raise Refused(_("There is no prompt pack “%(name)s”.") % {"name": name}, code="pack_unknown")
    return found


def sync_after_migration() -> None:
    """Read the files; a broken one is a failed system check, not a failed migration."""
    try:
        sync_packs()
    except OutreachError as error:
        logger.error("pack_invalid", reason=error.reason)
