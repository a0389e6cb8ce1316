"""Traces for people and tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from outreach.llm.models import Interaction, Trace

SEMANTIC_NAMES: dict[str, Callable[[Interaction], Any]] = {
    "gen_ai.operation.name": lambda i: "chat",
    "gen_ai.provider.name": lambda i: i.provider,
    "gen_ai.request.model": lambda i: i.model,
    "gen_ai.request.temperature": lambda i: i.parameters.get("temperature"),
    "gen_ai.request.max_tokens": lambda i: i.parameters.get("max_output_tokens"),
    "gen_ai.response.finish_reasons": lambda i: [i.finish_reason] if i.finish_reason else [],
    "gen_ai.usage.input_tokens": lambda i: i.input_tokens,
    "gen_ai.usage.output_tokens": lambda i: i.output_tokens,
    "gen_ai.input.messages": lambda i: i.input,
    "gen_ai.output.messages": lambda i: [{"role": "assistant", "content": i.output}] if i.output else [],
    "error.type": lambda i: i.error_class or None,
}
"""OpenTelemetry's semantic conventions for generative AI → our columns, in one place."""


@dataclass(frozen=True)
class Node:
    """An interaction and how deep it stands in the tree of calls."""

    interaction: Interaction
    depth: int

    @property
    def output(self) -> str:
        """The answer for reading: JSON indented, its line breaks as line breaks."""
        text = self.interaction.output
        try:
            parsed = json.loads(text)
        except ValueError:
            return text
        if not isinstance(parsed, dict | list):
            return text
        return json.dumps(parsed, ensure_ascii=False, indent=2).replace("\\n", "\n")


@dataclass(frozen=True)
class Totals:
    calls: int
    failures: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    latency_ms: int


def tree(trace: Trace) -> list[Node]:
    """The interactions of a trace, parents before children, in the order in which they were made."""
    rows = list(trace.interactions.order_by("created_at", "pk"))
    children: dict[Any, list[Interaction]] = {}
    known = {row.pk for row in rows}
    for row in rows:
        children.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)

    def walk(parent: Any, depth: int) -> Iterator[Node]:
        for row in children.get(parent, []):
            yield Node(row, depth)
            yield from walk(row.pk, depth + 1)

    return list(walk(None, 0))


def totals(nodes: list[Node]) -> Totals:
    """Sums over a trace; the cost is None when no call has a price."""
    rows = [node.interaction for node in nodes]
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    return Totals(
        calls=len(rows),
        failures=sum(1 for row in rows if row.error_class),
        input_tokens=sum(row.input_tokens or 0 for row in rows),
        output_tokens=sum(row.output_tokens or 0 for row in rows),
        cost_usd=sum(costs, Decimal(0)) if costs else None,
        latency_ms=sum(row.latency_ms or 0 for row in rows),
    )


def spans(
    *, since: datetime | None = None, campaign_id: int | None = None, trace_id: str = ""
) -> Iterator[dict[str, Any]]:
    """Interactions as flat records with OpenTelemetry's names, oldest first."""
    rows = Interaction.objects.select_related("trace").order_by("created_at")
    if since:
        rows = rows.filter(created_at__gte=since)
    if campaign_id:
        rows = rows.filter(trace__campaign_id=campaign_id)
    if trace_id:
        rows = rows.filter(trace_id=trace_id)
    for row in rows.iterator(chunk_size=500):
        record = {
            "trace_id": row.trace_id.hex,
            "span_id": row.pk.hex[:16],
            "parent_span_id": row.parent_id.hex[:16] if row.parent_id else None,
            "name": f"{row.step} {row.model}",
            "start_time": row.created_at.isoformat(),
            "duration_ms": row.latency_ms,
            "outreach.trace.name": row.trace.name,
            "outreach.step": row.step,
            "outreach.route": row.route,
            "outreach.pack_sha": row.pack_sha,
            "outreach.campaign_id": row.trace.campaign_id,
            "outreach.lead_id": row.trace.lead_id,
            "outreach.batch_id": row.trace.batch_id,
            "outreach.session_key": row.trace.session_key,
            "outreach.cache_hit": row.is_cache_hit,
            "outreach.retries": row.retries,
            "outreach.cost_usd": str(row.cost_usd) if row.cost_usd is not None else None,
            "error.message": row.error or None,
        }
        yield {**record, **{name: read(row) for name, read in SEMANTIC_NAMES.items()}}
