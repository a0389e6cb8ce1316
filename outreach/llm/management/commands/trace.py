"""Traces from the command line: `trace export | send | show`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
import typer
from django.core.exceptions import ValidationError
from django_typer.management import TyperCommand, command

from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors
from outreach.llm import otlp, selectors, telemetry
from outreach.llm.models import Trace


class Command(TyperCommand):
    help = "Language-model calls: export them, or look at one trace."

    @command(help="JSON lines with OpenTelemetry's gen_ai names, one call a line.")
    def export(
        self,
        campaign: Annotated[int | None, typer.Option(help="Only this campaign")] = None,
        days: Annotated[int | None, typer.Option(help="Only the last so many days", min=1)] = None,
        since: Annotated[datetime | None, typer.Option(help="From this moment (UTC)")] = None,
    ) -> None:
        begin = since.replace(tzinfo=UTC) if since else (clock.now() - timedelta(days=days) if days else None)
        for line in telemetry.lines(since=begin, campaign_id=campaign):
            sys.stdout.write(orjson.dumps(line, default=str).decode() + "\n")

    @command(help="Send new calls to the OpenTelemetry collector (llm.otlp_endpoint) now.")
    def send(self, as_json: AsJson = False) -> None:
        with explained_errors(as_json=as_json):
            emit([{"sent": otlp.send_new()}], as_json=as_json)

    @command(help="Show the calls of one trace.")
    def show(self, trace_id: str, as_json: AsJson = False) -> None:
        with explained_errors(as_json=as_json):
            try:
                trace = Trace.objects.filter(pk=trace_id).first()
            except ValidationError:
                trace = None
            if trace is None:
                raise Invalid("trace_id", f"There is no trace {trace_id}.")
            rows = [
                {
                    "step": "  " * node.depth + node.interaction.step,
                    "model": f"{node.interaction.provider}/{node.interaction.model}",
                    "tokens": f"{node.interaction.input_tokens or 0} → {node.interaction.output_tokens or 0}",
                    "cost_usd": node.interaction.cost_usd,
                    "ms": node.interaction.latency_ms,
                    "error": node.interaction.error_class,
                }
                for node in selectors.tree(trace)
            ]
            emit(rows, as_json=as_json, title=trace.name)
