"""Sends calls to an OpenTelemetry collector over OTLP/HTTP; an extra (`uv sync --extra otlp`), off without an address."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from outreach.core import clock
from outreach.core.errors import Refused
from outreach.llm import telemetry
from outreach.llm.models import Interaction, TraceExport

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

LAG = timedelta(seconds=60)
"""Younger calls wait for the next round: a row may become visible after a later one."""
BATCH, MOST = 200, 5_000
MISSING = "The OpenTelemetry exporter is not installed. Run “uv sync --extra otlp” and restart."


def send_new(*, lag: timedelta = LAG) -> int:
    """Send the calls since the last round, oldest first; how many. Raises `Refused` with the collector's fault.

    Nothing before the first round is sent. A batch that fails is sent again in the next round; one that the collector
    took although its answer was lost comes twice, under the same span ids.
    """
    endpoint = settings.OUTREACH.llm.otlp_endpoint
    if not endpoint:
        return 0
    TraceExport.objects.get_or_create(pk=1, defaults={"sent_until": clock.now()})
    sent = 0
    with transaction.atomic():
        cursor = TraceExport.objects.select_for_update(skip_locked=True).filter(pk=1).first()
        while cursor is not None and sent < MOST:
            rows = _next(cursor, before=clock.now() - lag)
            if not rows:
                break
            if problem := _export(endpoint, rows):
                TraceExport.objects.filter(pk=1).update(problem=problem)
                break
            cursor.sent_until, cursor.last_id, cursor.problem = rows[-1].created_at, rows[-1].pk, ""
            cursor.save()
            sent += len(rows)
    if cursor is not None and (problem := TraceExport.objects.get(pk=1).problem):
        raise Refused(problem, code="otlp_failed")
    return sent


def _next(cursor: TraceExport, *, before: datetime) -> list[Interaction]:
    newer = Q(created_at__gt=cursor.sent_until)
    if cursor.last_id:
        newer |= Q(created_at=cursor.sent_until, pk__gt=cursor.last_id)
    rows = Interaction.objects.filter(newer, created_at__gte=cursor.sent_until, created_at__lt=before)
    return list(rows.select_related("trace").order_by("created_at", "pk")[:BATCH])


def _export(endpoint: str, rows: Sequence[Interaction]) -> str:
    """What went wrong; empty when the collector took them."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import SpanExportResult
    except ImportError:
        return MISSING
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=10)
    try:
        result = exporter.export([_span(row, telemetry.vendors()) for row in rows])
    except OSError as error:
        return f"{endpoint}: {type(error).__name__}: {error}"[:500]
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]
    return "" if result == SpanExportResult.SUCCESS else f"{endpoint} did not take the spans."


def _span(row: Interaction, vendors: dict[str, str]) -> ReadableSpan:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
    from opentelemetry.trace.status import Status, StatusCode

    def context(pk: Any) -> SpanContext:
        return SpanContext(row.trace_id.int, int(pk.hex[:16], 16), is_remote=False, trace_flags=TraceFlags(1))

    return ReadableSpan(
        name=telemetry.span_name(row),
        context=context(row.pk),
        parent=context(row.parent_id) if row.parent_id else None,
        resource=Resource({"service.name": "outreach"}),
        attributes={name: _value(value) for name, value in telemetry.attributes(row, vendors).items()},
        kind=SpanKind.INTERNAL if telemetry.is_ours(row) else SpanKind.CLIENT,
        instrumentation_scope=InstrumentationScope("outreach.llm"),
        status=Status(StatusCode.ERROR, row.error_class) if row.error_class else Status(StatusCode.UNSET),
        start_time=_nanoseconds(telemetry.started_at(row)),
        end_time=_nanoseconds(row.created_at),
    )


def _value(value: Any) -> Any:
    """Messages go as JSON, as the convention has it where attributes are flat."""
    is_structured = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict) for v in value))
    return json.dumps(value, ensure_ascii=False) if is_structured else value


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000
