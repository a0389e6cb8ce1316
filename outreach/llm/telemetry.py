"""Calls with the names of OpenTelemetry's conventions for generative AI, as JSON lines and as spans.

https://github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai/gen-ai-spans.md as of 2026; their status there
is “development”, so the names stand in this one table. What traces do not keep is not exported either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from outreach.llm import configured
from outreach.llm.kinds import kind_at
from outreach.llm.models import Interaction, ModelProvider
from outreach.llm.routing import BUILTIN

WELL_KNOWN = {"openai": "openai", "anthropic": "anthropic", "gemini": "gcp.gemini"}
"""Our kind of a provider → the convention's name."""
NAMES: dict[str, Callable[[Interaction], Any]] = {
    "gen_ai.operation.name": lambda row: _operation(row),
    "gen_ai.request.model": lambda row: row.model,
    "gen_ai.request.temperature": lambda row: row.parameters.get("temperature"),
    "gen_ai.request.max_tokens": lambda row: row.parameters.get("max_output_tokens"),
    "gen_ai.output.type": lambda row: "json" if row.parameters.get("schema") else "text",
    "gen_ai.conversation.id": lambda row: row.trace.session_key or None,
    "gen_ai.response.finish_reasons": lambda row: [row.finish_reason] if row.finish_reason else None,
    "gen_ai.usage.input_tokens": lambda row: row.input_tokens,
    "gen_ai.usage.output_tokens": lambda row: row.output_tokens,
    "gen_ai.usage.cache_read.input_tokens": lambda row: row.parameters.get("prompt_cache", {}).get("read") or None,
    "gen_ai.usage.cache_creation.input_tokens": lambda row: (
        row.parameters.get("prompt_cache", {}).get("written") or None
    ),
    "gen_ai.input.messages": lambda row: [_message(message) for message in row.input] or None,
    "gen_ai.output.messages": lambda row: [_answer(row)] if row.output else None,
    "error.type": lambda row: row.error_class or None,
    "outreach.trace.name": lambda row: row.trace.name,
    "outreach.provider": lambda row: row.provider,
    "outreach.step": lambda row: row.step,
    "outreach.route": lambda row: row.route,
    "outreach.pack_sha": lambda row: row.pack_sha or None,
    "outreach.campaign_id": lambda row: row.trace.campaign_id,
    "outreach.lead_id": lambda row: row.trace.lead_id,
    "outreach.batch_id": lambda row: row.trace.batch_id,
    "outreach.cache_hit": lambda row: row.is_cache_hit,
    "outreach.retries": lambda row: row.retries,
    "outreach.cost_usd": lambda row: float(row.cost_usd) if row.cost_usd is not None else None,
    "error.message": lambda row: row.error or None,
}


def attributes(row: Interaction, vendors: dict[str, str]) -> dict[str, Any]:
    """What is known of a call, without what is not; `vendors` names the providers by the convention."""
    found = {"gen_ai.provider.name": vendors.get(row.provider, row.provider)}
    return found | {name: value for name, read in NAMES.items() if (value := read(row)) is not None}


def vendors() -> dict[str, str]:
    """Our names of the providers in force → the convention's."""
    kinds = dict(ModelProvider.objects.values_list("name", "kind"))
    for name, provider in configured.language_models().providers.items():
        if kind := kind_at(provider.base_url):
            kinds.setdefault(name, kind.name)
    return {name: WELL_KNOWN[kind] for name, kind in kinds.items() if kind in WELL_KNOWN}


def span_name(row: Interaction) -> str:
    return f"{_operation(row)} {row.model}"


def started_at(row: Interaction) -> datetime:
    """A row is written when its call is over."""
    return row.created_at - timedelta(milliseconds=row.latency_ms or 0)


def is_ours(row: Interaction) -> bool:
    """Whether no server was asked."""
    return row.provider == BUILTIN or row.is_cache_hit


def lines(*, since: datetime | None = None, campaign_id: int | None = None) -> Iterator[dict[str, Any]]:
    """Calls as flat records, oldest first."""
    rows = Interaction.objects.select_related("trace").order_by("created_at", "pk")
    if since:
        rows = rows.filter(created_at__gte=since)
    if campaign_id:
        rows = rows.filter(campaign_id=campaign_id)
    names = vendors()
    for row in rows.iterator(chunk_size=500):
        yield {
            "trace_id": row.trace_id.hex,
            "span_id": row.pk.hex[:16],
            "parent_span_id": row.parent_id.hex[:16] if row.parent_id else None,
            "name": span_name(row),
            "kind": "INTERNAL" if is_ours(row) else "CLIENT",
            "start_time": started_at(row).isoformat(),
            "end_time": row.created_at.isoformat(),
            "status": "ERROR" if row.error_class else "UNSET",
            "attributes": attributes(row, names),
        }


def _operation(row: Interaction) -> str:
    return "embeddings" if row.step == "embed" else "chat"


def _message(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"type": "text", "text": str(content)}]
    return {"role": message.get("role", "user"), "parts": [_part(part) for part in parts]}


def _part(part: dict[str, Any]) -> dict[str, Any]:
    if part.get("type") == "image_url":
        return {"type": "uri", "modality": "image", "uri": part["image_url"]["url"]}
    return {"type": "text", "content": part.get("text", "")}


def _answer(row: Interaction) -> dict[str, Any]:
    parts = [{"type": "text", "content": row.output}]
    return {"role": "assistant", "parts": parts, "finish_reason": row.finish_reason or "stop"}
