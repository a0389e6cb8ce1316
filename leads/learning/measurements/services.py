"""Use cases: start a measurement, and make it."""

from __future__ import annotations

import io
from typing import Any

from django.db import transaction

from leads.learning import evaluation, tables
from leads.learning.models import Measurement, MeasurementKind
from leads.learning.policies import comparing
from leads.learning.policies.histories import Start
from outreach.access.models import User
from outreach.core import audit
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.jobs.services import start_job

WORLDS = 10


def start(*, kind: str, name: str, options: dict[str, Any], user: User, content: bytes | None = None) -> Measurement:
    """Open a measurement; a job makes it."""
    with transaction.atomic():
        row = Measurement.objects.create(
            kind=MeasurementKind(kind), name=name[:200], options=options, content=content, created_by=user
        )
        row.job = start_job(
            kind="learning.measurement",
            task="leads.learning.tasks.measure",
            arguments={"measurement_id": row.pk},
            subject=row,
            started_by=user,
        )
        row.save(update_fields=["job", "updated_at"])
        audit.record("measurement.started", subject=row, actor=Actor.of(user), data={"kind": kind})
    return row


def measure(row: Measurement) -> None:
    """Measure, keep the figures, forget the file. What cannot be measured says why. Safe to repeat."""
    if not row.is_busy:
        return
    try:
        row.result = _result(row)
    except OutreachError as error:
        row.problem = error.reason
    row.content = None
    row.save(update_fields=["result", "problem", "content", "updated_at"])


def _result(row: Measurement) -> dict[str, Any]:
    options = row.options
    if "world" in options:
        return comparing.in_worlds(options["world"], count=WORLDS, seed=options["seed"]).as_json()
    table = tables.read(
        io.BytesIO(bytes(row.content or b"")),
        target=options["target"],
        time=options["time"],
        exclude=options["exclude"],
    )
    if row.is_simulation:
        return comparing.on_history(table, Start()).as_json()
    return evaluation.evaluate(table).as_json()
