"""Traces for people and tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from outreach.llm.costs.selectors import purpose_name
from outreach.llm.models import Interaction, Trace


@dataclass(frozen=True)
class Node:
    """An interaction and how deep it stands in the tree of calls."""

    interaction: Interaction
    depth: int

    @property
    def purpose(self) -> str:
        return purpose_name(self.interaction.step)

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
