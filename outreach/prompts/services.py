"""Read the packs that ship as files, keep every state of them, and say which one is current."""

from __future__ import annotations

from pathlib import Path

import structlog
from django.db import transaction

from outreach.core.errors import OutreachError, Refused
from outreach.core.registry import Point
from outreach.prompts.models import PackLabel, PackVersion
from outreach.prompts.pack import Pack
from outreach.prompts.parser import parse

logger = structlog.get_logger(__name__)

PACK_FOLDERS: Point[Path] = Point("prompts.packs")
"""Folders of prompt packs, each `*.md` one pack."""
CURRENT = "current"
SHIPPED = "shipped"
"""Points at the version that the file on disk had when it was last read."""


def pack_files() -> list[Path]:
    """All pack files of the product, in order."""
    return [path for folder in PACK_FOLDERS.entries() for path in sorted(folder.glob("*.md"))]


def save_version(pack: Pack, *, source: str) -> PackVersion:
    """The version with this content, made if it is new."""
    version, _ = PackVersion.objects.get_or_create(
        sha=pack.sha(),
        defaults={
            "name": pack.name,
            "channel": pack.channel,
            "languages": pack.languages,
            "source": source,
            "definition": pack.definition(),
        },
    )
    return version


@transaction.atomic
def sync_packs() -> list[PackVersion]:
    """Store what is new in the pack files. `current` follows a file only when the file changed, so that a version
    that was promoted stays promoted. Raises `PackError` naming file and line."""
    versions = []
    for path in pack_files():
        source = path.read_text(encoding="utf-8")
        pack = parse(source, file_name=path.name)
        version = save_version(pack, source=source)
        shipped = PackLabel.objects.filter(name=pack.name, label=SHIPPED).first()
        if shipped is None or shipped.version_id != version.pk:
            set_label(version, SHIPPED)
            set_label(version, CURRENT)
        versions.append(version)
    return versions


def set_label(version: PackVersion, label: str) -> None:
    """Point `label` of this pack at `version`."""
    PackLabel.objects.update_or_create(name=version.name, label=label, defaults={"version": version})


def current(name: str) -> PackVersion:
    """The current version of a pack. Raises `Refused` when there is no such pack."""
    found = PackVersion.objects.filter(labels__name=name, labels__label=CURRENT).first()
    if found is None:
        sync_packs()
        found = PackVersion.objects.filter(labels__name=name, labels__label=CURRENT).first()
    if found is None:
        raise Refused(f"There is no prompt pack “{name}”.", code="pack_unknown")
    return found


def sync_after_migration() -> None:
    """Read the files; a broken one is a failed system check, not a failed migration."""
    try:
        sync_packs()
    except OutreachError as error:
        logger.error("pack_invalid", reason=error.reason)
