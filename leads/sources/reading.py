"""Reading stored records again, after an adapter learned something."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db import transaction

from leads.sources import registry
from leads.sources.base import Unreadable
from leads.sources.intake import take_in
from leads.sources.models import RawRecord
from outreach.core.errors import Permanent
from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop, joined
from outreach.jobs.models import Job
from outreach.jobs.services import advance, start_job

if TYPE_CHECKING:
    from outreach.access.models import User

BATCH = 100
NAMES = {
    "older": gettext_noop("older"),
    "unreadable": gettext_noop("unreadable"),
    "nobody": gettext_noop("without a person"),
    "new": gettext_noop("new"),
    "changed": gettext_noop("changed"),
    "unchanged": gettext_noop("unchanged"),
}
"""What became of a record, in words."""


def start(*, adapter: str, started_by: User | None = None, everything: bool = False) -> Job:
    """A job that reads the records of `adapter` again: those of other versions, or all of them. Raises `Invalid`."""
    registry.adapter(adapter)
    arguments: dict[str, Any] = {"adapter": adapter, "everything": everything}
    return start_job(
        kind="read records again",
        task="leads.sources.tasks.read_again",
        arguments=arguments,
        started_by=started_by,
        lane="web",
    )


def run(job: Job) -> str:
    """Read them; only the newest record of each lead counts. Returns a one-line summary."""
    name = job.arguments["adapter"]
    adapter = registry.adapter(name)
    rows = RawRecord.objects.filter(adapter=name)
    if not job.arguments.get("everything"):
        rows = rows.exclude(adapter_version=adapter.version)
    ids = list(rows.order_by("last_seen_at", "pk").values_list("pk", flat=True))
    counts: Counter[str] = Counter()
    advance(job, 0, len(ids))
    for number, pk in enumerate(ids, start=1):
        record = RawRecord.objects.filter(pk=pk).first()
        if record is not None:
            counts[read(record)] += 1
        if number % BATCH == 0:
            advance(job, number)
    advance(job, len(ids))
    told = [joined(" ", (str(count), _(NAMES[name]))) for name, count in counts.most_common()]
    return joined(", ", told) if told else _("nothing to read")


@transaction.atomic
def read(record: RawRecord) -> str:
    """Read one record with the current adapter: new, changed, unchanged, older, nobody or unreadable."""
    adapter = registry.adapter(record.adapter)
    record.adapter_version = adapter.version
    record.save(update_fields=["adapter_version"])
    newest = RawRecord.objects.filter(source=record.source, external_id=record.external_id).order_by(
        "-last_seen_at", "-pk"
    )
    if newest.values_list("pk", flat=True).first() != record.pk:
        return "older"
    try:
        features = adapter.read(record)
    except (Unreadable, Permanent) as error:
        RawRecord.objects.filter(pk=record.pk).update(problem=error.reason[:2000], problem_code=error.code)
        return "unreadable"
    if features is None:
        return "nobody"
    intake = take_in(record=record, features=features)
    return "new" if intake.is_new else "changed" if intake.is_changed else "unchanged"
