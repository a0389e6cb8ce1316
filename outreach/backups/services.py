"""Make, check, list, restore and forget backups; confirm a restore."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import IO, Any, cast

import structlog
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage, storages
from django.db import connection, models, transaction
from psycopg import sql

from outreach.backups import archive, rows
from outreach.backups.archive import CONTENTS, MANIFEST, Digest
from outreach.backups.models import Restore
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Invalid, Permanent, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

logger = structlog.get_logger(__name__)

SUFFIX = ".backup"
SHORTEST_KEY = 16
BLOCK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """A whole backup in the store, as its small open note beside it says."""

    name: str
    taken_at: datetime
    release: str
    size: int
    sha256: str
    row_count: int
    file_count: int
    is_complete: bool
    """Every stored file that the database knows of was there."""

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def store() -> Storage:
    return storages["backups"]


def passphrase() -> str:
    """The key of the environment. Raises `Refused` when there is none or it is short."""
    name = settings.OUTREACH.backups.key_env
    found = os.environ.get(name, "")
    if len(found) < SHORTEST_KEY:
        raise Refused(
            _(
                "Backups are encrypted, and %(name)s has no key of at least %(count)s characters. Set it, and keep a "
                "copy of it and of SECRET_KEY somewhere else."
            )
            % {"name": name, "count": SHORTEST_KEY},
            code="no_backup_key",
        )
    return found


def available() -> list[Backup]:
    """All whole backups, newest first."""
    try:
        _folders, names = store().listdir("")
    except FileNotFoundError:
        return []
    notes = [name for name in names if name.endswith(f"{SUFFIX}.json")]
    found = filter(None, map(_note, notes))
    return sorted(found, key=lambda backup: backup.taken_at, reverse=True)


def _note(name: str) -> Backup | None:
    """What the note says; None for one that was cut off while it was written: that backup never counted."""
    with store().open(name) as file:
        content = file.read()
    try:
        values = json.loads(content)
    except ValueError:
        logger.warning("a note of a backup is damaged", note=name)
        return None
    return Backup(**values | {"taken_at": datetime.fromisoformat(values["taken_at"])})


def find(name: str) -> Backup:
    """The backup called `name`; `latest` is the newest. Raises `Invalid`."""
    for backup in available():
        if name in {"latest", backup.name, backup.name.removesuffix(SUFFIX)}:
            return backup
    raise Invalid("name", _("There is no backup “%(name)s”. `backup list` shows them.") % {"name": name})


def create(*, actor: Actor) -> Backup:
    """One backup of this moment, checked by reading it back before it counts."""
    key = passphrase()
    with tempfile.TemporaryFile() as file:
        digest = Digest()
        manifest = _write(file, key)
        file.seek(0)
        for _block in digest.passing(_blocks(file)):
            pass
        file.seek(0)
        taken_at = datetime.fromisoformat(manifest["taken_at"])
        name = store().save(f"outreach-{taken_at:%Y%m%dT%H%M%SZ}{SUFFIX}", File(file))
    backup = Backup(
        name, taken_at, manifest["release"], digest.size, digest.figures()["sha256"],
        sum(table["rows"] for table in manifest["tables"].values()), len(manifest["files"]),
        not manifest["missing_files"],
    )  # fmt: skip
    if _stored_hash(name) != backup.sha256:
        store().delete(name)
        raise Permanent(_("The store returned something else than was written. The backup was discarded."))
    note = json.dumps(asdict(backup) | {"taken_at": taken_at.isoformat()}).encode()
    store().save(f"{name}.json", ContentFile(note))
    _log("backup.created", backup, actor)
    prune(actor=actor)
    return backup


def _write(file: IO[bytes], key: str) -> dict[str, Any]:
    with rows.snapshot() as raw, archive.writing(file, key) as writer:
        columns = rows.tables(raw)
        taken_at = raw.execute("SELECT now()").fetchone()
        manifest: dict[str, Any] = {
            "format": 1,
            "release": release(),
            "taken_at": cast("tuple[datetime]", taken_at)[0].isoformat(),
            "migrations": rows.migrations(raw),
            "sequences": rows.sequences(raw),
            "tables": {},
            "files": {},
            "missing_files": [],
        }
        writer.add_json(CONTENTS, {"columns": columns, "migrations": manifest["migrations"]})
        for table, names in columns.items():
            digest = Digest()
            writer.add(f"tables/{table}", digest.passing(rows.copy_out(raw, table, names)))
            manifest["tables"][table] = digest.figures()
        for name in _file_names(raw):
            digest = Digest()
            try:
                with default_storage.open(name, "rb") as stored:
                    writer.add(f"files/{name}", digest.passing(_blocks(stored)))
            except FileNotFoundError:
                manifest["missing_files"].append(name)
            else:
                manifest["files"][name] = digest.figures()
        writer.add_json(MANIFEST, manifest)
    return manifest


def release() -> str:
    try:
        return version("outreach")
    except PackageNotFoundError:
        return "0.3.0"


def _file_names(raw: Any) -> list[str]:
    """Names of all stored files that rows point to."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                table, column = model._meta.db_table, field.column
                statement = sql.SQL("SELECT {0} FROM {1} WHERE {0} <> ''")
                query = statement.format(sql.Identifier(str(column)), sql.Identifier(table))
                found |= {name for (name,) in raw.execute(query)}
    return sorted(found)


def _blocks(file: Any) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _stored_hash(name: str) -> str:
    digest = hashlib.sha256()
    with store().open(name, "rb") as file:
        for block in _blocks(file):
            digest.update(block)
    return digest.hexdigest()


def verify(backup: Backup) -> dict[str, Any]:
    """Read all of a backup and compare every count and hash; the manifest. Raises `Permanent` for any difference."""
    found: dict[str, Any] = {"tables": {}, "files": {}}
    manifest: dict[str, Any] = {}
    with store().open(backup.name, "rb") as file:
        for name, chunks in archive.reading(cast("IO[bytes]", file), passphrase()):
            kind, _slash, rest = name.partition("/")
            if kind in found:
                digest = Digest()
                for _block in digest.passing(chunks):
                    pass
                found[kind][rest] = digest.figures()
            else:
                content = b"".join(chunks)
                manifest = json.loads(content) if name == MANIFEST else manifest
    require_equal(manifest, found)
    return manifest


def require_equal(manifest: dict[str, Any], found: dict[str, Any]) -> None:
    """Raises `Permanent` naming the first table or file that differs."""
    if not manifest:
        raise Permanent(_("The backup is damaged: it has no manifest."), code="backup_damaged")
    for kind in ("tables", "files"):
        for name in sorted({*manifest[kind], *found[kind]}):
            if manifest[kind].get(name) != found[kind].get(name):
                raise Permanent(
                    _("The backup is damaged: %(kind)s %(name)s differs from its manifest.")
                    % {"kind": kind, "name": name},
                    code="backup_damaged",
                )


def require_empty() -> None:
    """Raises `Refused` when people live in this database already: users, or what the lowest wing keeps."""
    for model in (get_user_model(), *apps.get_app_config(settings.WINGS[1]).get_models()):
        if model._base_manager.exists():
            raise Refused(
                _("This database is not empty: it has %(what)s. Restore into a new one.")
                % {"what": model._meta.verbose_name_plural},
                code="not_empty",
            )


def restore(backup: Backup, *, actor: Actor) -> Restore:
    """Put a backup's rows and files into this empty database, all or nothing, and hold all sending.

    Raises `Refused` when the database has people or another schema, `Permanent` for a damaged backup.
    """
    require_empty()
    key = passphrase()
    with transaction.atomic(), store().open(backup.name, "rb") as file:
        connection.ensure_connection()
        raw = connection.connection
        raw.execute(rows.SESSION)
        found: dict[str, Any] = {"tables": {}, "files": {}}
        columns: dict[str, list[str]] = {}
        manifest: dict[str, Any] = {}
        for name, chunks in archive.reading(cast("IO[bytes]", file), key):
            kind, _slash, rest = name.partition("/")
            if kind == "tables":
                rows.copy_in(raw, rest, columns[rest], chunks)
            elif kind == "files":
                found["files"][rest] = _restore_file(rest, chunks)
            elif name == CONTENTS:
                contents = json.loads(b"".join(chunks))
                columns = contents["columns"]
                _require_same_schema(raw, contents)
                rows.empty(raw, columns)
                rows.set_triggers(raw, "DISABLE")
            else:
                manifest = json.loads(b"".join(chunks))
        raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
        rows.set_triggers(raw, "ENABLE")
        rows.set_sequences(raw, manifest.get("sequences", {}))
        found["tables"] = figures(raw, columns)
        require_equal(manifest, found)
        row = Restore.objects.create(backup=backup.name, taken_at=backup.taken_at)
        record("backup.restored", subject=row, actor=actor, data={"backup": backup.name})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return row


def figures(raw: Any, columns: dict[str, list[str]]) -> dict[str, Any]:
    """Counts and hashes of the tables as they are now."""
    found = {}
    for table, names in columns.items():
        digest = Digest()
        for _block in digest.passing(rows.copy_out(raw, table, names)):
            pass
        found[table] = digest.figures()
    return found


def _require_same_schema(raw: Any, contents: dict[str, Any]) -> None:
    ours = set(rows.migrations(raw))
    if ours != set(contents["migrations"]) or rows.tables(raw) != contents["columns"]:
        raise Refused(
            _(
                "The backup was made by another release. Restore it with that release, then update. "
                "Only there: %(there)s. Only here: %(here)s."
            )
            % {
                "there": ", ".join(sorted(set(contents["migrations"]) - ours)) or "—",
                "here": ", ".join(sorted(ours - set(contents["migrations"]))) or "—",
            },
            code="another_release",
        )


def _restore_file(name: str, chunks: Iterator[bytes]) -> dict[str, Any]:
    digest = Digest()
    with tempfile.TemporaryFile() as file:
        for block in digest.passing(chunks):
            file.write(block)
        file.seek(0)
        if default_storage.exists(name):
            default_storage.delete(name)
        if default_storage.save(name, File(file)) != name:
            raise Permanent(_("The file “%(name)s” could not be stored under its name.") % {"name": name})
    return digest.figures()


def prune(*, actor: Actor) -> int:
    """Delete backups that are older than the policy keeps, but never the newest few; returns how many."""
    policy = settings.OUTREACH.backups
    edge = clock.now() - timedelta(days=policy.keep_days)
    old = [backup for backup in available()[policy.keep_least :] if backup.taken_at < edge]
    for backup in old:
        store().delete(f"{backup.name}.json")
        store().delete(backup.name)
        _log("backup.deleted", backup, actor)
    return len(old)


def is_due() -> bool:
    """Whether the policy wants a backup now."""
    hours = settings.OUTREACH.backups.every_hours
    newest = next(iter(available()), None)
    return bool(hours) and (newest is None or newest.taken_at <= clock.now() - timedelta(hours=hours))


def has_key() -> bool:
    """Whether backups can be made at all."""
    return len(os.environ.get(settings.OUTREACH.backups.key_env, "")) >= SHORTEST_KEY


def newest(count: int) -> list[Backup] | None:
    """The newest few; None when the store does not answer."""
    try:
        return available()[:count]
    except Exception:
        logger.warning("the store of backups does not answer", exc_info=True)
        return None


def newest_age_seconds() -> float | None:
    """Age of the newest backup; None when there is none, or the store does not answer."""
    found = newest(1)
    return (clock.now() - found[0].taken_at).total_seconds() if found else None


def confirm(restore: Restore, *, actor: Actor, note: str) -> None:
    """Let sending go on. What left meanwhile has been dealt with by the caller."""
    changed = Restore.objects.open().filter(pk=restore.pk)
    if not changed.update(confirmed_at=clock.now(), confirmed_by=str(actor.name), note=note):
        raise Refused(_("This restore was confirmed already."), code="confirmed_already")
    record("backup.confirmed", subject=restore, actor=actor, reason=note)


def _log(action: str, backup: Backup, actor: Actor) -> None:
    """Into the audit trail, about a restore that has not happened: backups have no row of their own."""
    record(action, subject=Restore(pk=0), actor=actor, data={"backup": backup.name, "bytes": backup.size})
