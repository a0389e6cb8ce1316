"""Use cases: start a measurement, and make it."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from django.db import transaction

from leads.learning import questions
from leads.learning.models import Measurement, MeasurementKind
from leads.learning.questions import Question
from outreach.access.models import User
from outreach.core import audit, words
from outreach.core.errors import Invalid, OutreachError
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.services import start_job

MOST_MEGABYTES = 20


def start(*, kind: str, name: str, options: dict[str, Any], user: User, file: BinaryIO | None = None) -> Measurement:
    """Open a measurement; a job makes it.

    Raises `Invalid` (`file`, `target`, `time`, `exclude`, `text`, `world`) for what can't be measured whatever its rows
    say: no table, too large, columns that it doesn't have. What the rows lack is told by the measurement.
    """
    content = _content(file) if file else None
    try:
        asked = Question.of(options)
        asked.check(io.BytesIO(content) if content is not None else None)
        if kind == MeasurementKind.LABELS and not asked.text:
            raise Invalid("text", _("Name the column with the text."), code="required")
    except Invalid as error:
        raise Invalid("file" if error.field == "csv" else error.field, error.reason, code=error.code) from error
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


def _content(file: BinaryIO) -> bytes:
    """Bounded: what is read here stays in the database until it is measured."""
    most = int(MOST_MEGABYTES * 1_000_000)
    content = file.read(most + 1)
    if len(content) > most:
        raise Invalid(
            "file",
            _("The file is larger than %(most)s MB. Measure it with the command “learn evaluate”.")
            % {"most": MOST_MEGABYTES},
            code="too_large",
        )
    return content


def measure(row: Measurement) -> None:
    """Measure, keep the figures, forget the file. What cannot be measured says why. Safe to repeat."""
    if not row.is_busy:
        return
    try:
        row.result = words.within(_result(row), words.stored)
    except OutreachError as error:
        row.problem = error.reason
    row.content = None
    row.save(update_fields=["result", "problem", "content", "updated_at"])


def _result(row: Measurement) -> dict[str, Any]:
    asked = Question.of(row.options)
    file = None if row.content is None else io.BytesIO(bytes(row.content))
    if file is None or row.is_simulation:
        return questions.simulate(asked, file).as_json()
    if row.is_evaluation:
        return questions.evaluate(asked, file).as_json()
    return questions.label_efficiency(asked, file).as_json()
