"""Use cases of playbooks: save a version, choose the team's default, archive, import and export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.db import IntegrityError, transaction

from conversations.playbooks import definition as definitions
from conversations.playbooks.definition import Definition
from conversations.playbooks.models import Playbook, PlaybookVersion
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import Invalid, Refused
from outreach.core.hashing import canonical_hash
from outreach.core.models import Actor
from outreach.core.words import gettext as _

SHIPPED = Path(__file__).parent / "data" / "default.yaml"
MAX_NAME, MAX_FILE = 120, 200_000


class ChangedMeanwhile(Refused):
    """Someone else saved a newer version; `current` is theirs."""

    code = "changed_meanwhile"

    def __init__(self, current: PlaybookVersion) -> None:
        who = current.created_by.get_username() if current.created_by else _("someone")
        super().__init__(
            _("%(who)s saved version %(number)s in the meantime. Compare both and save again.")
            % {"who": who, "number": current.number}
        )
        self.current = current


@transaction.atomic
def save_playbook(
    *,
    name: str,
    definition: Definition,
    created_by: User | None,
    playbook: Playbook | None = None,
    based_on: int | None = None,
) -> PlaybookVersion:
    """Create a playbook, or give `playbook` a new version; equal content keeps the current one.

    `based_on` is the number of the version that was edited: raises `ChangedMeanwhile` when it is no longer the newest.
    Raises `Invalid` for a name that is empty or taken.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or "\x00" in name:
        raise Invalid("name", _("Enter a name of at most %(most)s characters.") % {"most": MAX_NAME})
    current = None
    try:
        with transaction.atomic():
            if playbook is None:
                playbook = Playbook.objects.create(name=name, created_by=created_by)
            else:
                playbook = Playbook.objects.select_for_update().get(pk=playbook.pk)
                current = playbook.current
                if based_on is not None and current.number != based_on:
                    raise ChangedMeanwhile(current)
                if playbook.name != name:
                    playbook.name = name
                    playbook.save(update_fields=["name", "updated_at"])
    except IntegrityError as error:
        raise Invalid("name", _("A playbook called “%(name)s” already exists.") % {"name": name}) from error
    content = definitions.dump(definition)
    digest = canonical_hash(content)
    if current is not None and current.content_hash == digest:
        return current
    version = PlaybookVersion.objects.create(
        playbook=playbook,
        number=current.number + 1 if current else 1,
        content=content,
        content_hash=digest,
        created_by=created_by,
    )
    data = {"number": version.number, "content_hash": digest}
    audit.record("playbook.saved", subject=playbook, actor=_actor(created_by), data=data)
    return version


def default_playbook() -> Playbook:
    """The team's default; the shipped one is stored on first use."""
    found = Playbook.objects.filter(is_default=True).first()
    if found is not None:
        return found
    name, definition = read_file(SHIPPED.read_text(encoding="utf-8"))
    try:
        with transaction.atomic():
            known = Playbook.objects.in_use().filter(name=name).first()
            made = known or save_playbook(name=name, definition=definition, created_by=None).playbook
            Playbook.objects.filter(pk=made.pk).update(is_default=True)
    except (IntegrityError, Invalid):  # another worker stored it at the same moment
        made = Playbook.objects.get(is_default=True)
    made.refresh_from_db()
    return made


@transaction.atomic
def make_default(*, playbook: Playbook, user: User | None) -> Playbook:
    """Have `playbook` hold where a campaign chose none. Raises `Refused` for an archived one."""
    row = Playbook.objects.select_for_update().get(pk=playbook.pk)
    if row.archived_at is not None:
        raise Refused(_("“%(name)s” is archived. Restore it first.") % {"name": row.name}, code="archived")
    Playbook.objects.filter(is_default=True).exclude(pk=row.pk).update(is_default=False, updated_at=clock.now())
    if not row.is_default:
        row.is_default = True
        row.save(update_fields=["is_default", "updated_at"])
        audit.record("playbook.made_default", subject=row, actor=_actor(user))
    return row


@transaction.atomic
def set_archived(*, playbook: Playbook, is_archived: bool, user: User | None) -> Playbook:
    """Take it out of the choices, or bring it back; campaigns that use it go on. Raises `Refused` for the default."""
    row = Playbook.objects.select_for_update().get(pk=playbook.pk)
    if is_archived and row.is_default:
        raise Refused(_("This is the team's default. Make another playbook the default first."), code="is_default")
    if (row.archived_at is not None) != is_archived:
        row.archived_at = clock.now() if is_archived else None
        row.save(update_fields=["archived_at", "updated_at"])
        audit.record(f"playbook.{'archived' if is_archived else 'restored'}", subject=row, actor=_actor(user))
    return row


def write_file(version: PlaybookVersion) -> str:
    """The version as a YAML file that `read_file` reads."""
    content: dict[str, Any] = {"name": version.playbook.name, **definitions.dump(version.definition)}
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100))


def read_file(text: str) -> tuple[str, Definition]:
    """Name and definition in a YAML or JSON file. Raises `Invalid` that names what is wrong."""
    if len(text) > MAX_FILE:
        raise Invalid("file", _("The file is too large for a playbook."), code="too_large")
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Invalid("file", _("This is not a playbook file: %(reason)s") % {"reason": str(error)[:200]}) from error
    if not isinstance(raw, dict):
        raise Invalid("file", _("A playbook file holds a name and words by language."))
    name = raw.pop("name", "")
    return (name if isinstance(name, str) else ""), definitions.parse(raw)


def _actor(user: User | None) -> Actor:
    return Actor.of(user) if user else Actor.system("playbooks")
