"""Use cases of segments: save a version, archive, restore, delete."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, models, transaction

from leads.segments import compiler, schema
from leads.segments.canonical import criteria_hash
from leads.segments.models import Segment, SegmentVersion
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _


class ChangedMeanwhile(Refused):
    """Someone else saved a newer version; `current` is theirs, `criteria` is what was about to be saved."""

    code = "changed_meanwhile"

    def __init__(self, *, current: SegmentVersion, criteria: dict[str, Any]) -> None:
        who = current.created_by.get_username() if current.created_by else _("someone")
        super().__init__(
            _("%(who)s saved version %(number)s in the meantime. Compare both and save again.")
            % {"who": who, "number": current.number}
        )
        self.current = current
        self.criteria = criteria


def save_segment(
    *,
    name: str,
    criteria: dict[str, Any],
    created_by: User | None,
    segment: Segment | None = None,
    description: str = "",
    based_on: int | None = None,
) -> SegmentVersion:
    """Create a segment, or give `segment` a new immutable version; equal meaning keeps the current version.

    `based_on` is the number of the version that was edited: raises `ChangedMeanwhile` when it is no longer the
    newest. Raises `Invalid` for bad criteria and for a name that is taken.
    """
    name = " ".join(name.split())
    if not name:
        raise Invalid("name", _("Enter a name."))
    if len(name) > schema.MAX_TEXT or "\x00" in name + description:
        raise Invalid("name", _("This name cannot be used."))
    checked = schema.parse(criteria)
    dumped = schema.dump(checked)
    try:
        with transaction.atomic():
            if segment is None:
                segment = Segment.objects.create(name=name, description=description, created_by=created_by)
                current = None
            else:
                segment = Segment.objects.select_for_update().get(pk=segment.pk)
                current = segment.current
                if based_on is not None and current is not None and current.number != based_on:
                    raise ChangedMeanwhile(current=current, criteria=dumped)
                if (segment.name, segment.description) != (name, description):
                    segment.name, segment.description = name, description
                    segment.save(update_fields=["name", "description", "updated_at"])
            digest = criteria_hash(checked)
            if current is not None and current.criteria_hash == digest:
                return current
            predicate = compiler.compile_criteria(checked)
            version = SegmentVersion.objects.create(
                segment=segment,
                number=current.number + 1 if current else 1,
                criteria=dumped,
                criteria_hash=digest,
                predicate=predicate.sql,
                parameters=predicate.parameters,
                created_by=created_by,
            )
            audit.record(
                "segment.saved",
                subject=segment,
                actor=_actor(created_by),
                data={"number": version.number, "criteria_hash": digest},
            )
            return version
    except IntegrityError as error:
        raise Invalid("name", _("A segment called “%(name)s” already exists.") % {"name": name}) from error


def archive_segment(*, segment: Segment, user: User | None) -> Segment:
    """Archive `segment`; campaigns that use it keep their version."""
    return _set_archived(segment, user, is_archived=True)


def restore_segment(*, segment: Segment, user: User | None) -> Segment:
    """Bring an archived segment back into the lists."""
    return _set_archived(segment, user, is_archived=False)


def delete_segment(*, segment: Segment, user: User | None) -> None:
    """Delete `segment` with its versions. Raises `Refused` while anything uses one of them."""
    with transaction.atomic():
        audit.record("segment.deleted", subject=segment, actor=_actor(user))
        try:
            segment.versions.all().delete()
            segment.delete()
        except models.ProtectedError as error:
            names = ", ".join(sorted({str(row) for row in error.protected_objects})[:3])
            raise Refused(
                _("“%(segment)s” is used by %(names)s and cannot be deleted. Archive it instead.")
                % {"segment": segment.name, "names": names},
                code="in_use",
            ) from error


def _set_archived(segment: Segment, user: User | None, *, is_archived: bool) -> Segment:
    with transaction.atomic():
        changed = Segment.objects.filter(pk=segment.pk, archived_at__isnull=is_archived).update(
            archived_at=clock.now() if is_archived else None, updated_at=clock.now()
        )
        if changed:
            verb = "segment.archived" if is_archived else "segment.restored"
            audit.record(verb, subject=segment, actor=_actor(user))
    segment.refresh_from_db()
    return segment


def _actor(user: User | None) -> Actor:
    return Actor.of(user) if user else Actor.system("segments")
