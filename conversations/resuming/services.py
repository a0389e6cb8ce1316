"""The one way out of the pause that a restore puts on all sending."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from conversations.consent.models import Suppression
from conversations.consent.services import import_list
from conversations.dispatch import overdue
from conversations.models import Message
from outreach.backups import services as backups
from outreach.backups.models import Restore
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _


@dataclass(frozen=True)
class Resumed:
    """What was done before sending went on."""

    opted_out_count: int
    held_count: int


def open_restore() -> Restore | None:
    """The restore that holds sending."""
    return Restore.objects.open().order_by("pk").first()


def due_count() -> int:
    """Messages that were due by now, and so may have left between the backup and the restore."""
    return Message.objects.waiting().filter(scheduled_at__lt=clock.now()).exclude(approved_hash="").count()


@transaction.atomic
def resume(*, restore: Restore, opted_out: str, releases_due: bool, actor: Actor) -> Resumed:
    """Suppress `opted_out` (an address, number or @domain a line), hold what was due for review, and let sending go on.

    `releases_due`: nothing left since the backup, so what is due may go. Raises `Invalid` naming the lines that are no
    address, and `Refused` when someone confirmed before.
    """
    evidence = _("Opted out after the backup %(name)s") % {"name": restore.backup}
    count, faults = import_list(
        lines=opted_out.splitlines(), reason=Suppression.Reason.OPT_OUT, evidence=evidence, actor=actor
    )
    if faults:
        lines = "; ".join(f"{number}: “{text}”" for number, text, _fault in faults[:10])
        raise Invalid("opted_out", _("These lines are no addresses: %(lines)s.") % {"lines": lines})
    held = 0 if releases_due else overdue.hold_after_restore()
    note = f"{count} opt-outs added, {held} messages held for review"
    backups.confirm(restore, actor=actor, note=note)
    return Resumed(count, held)
