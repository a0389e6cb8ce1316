"""Validated answers kept for the same question to the same model."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings

from outreach.core import clock
from outreach.llm import structured
from outreach.llm.attempts import Attempts
from outreach.llm.calls import Completion
from outreach.llm.errors import ModelFault
from outreach.llm.models import CachedAnswer, Interaction
from outreach.llm.routing import Target


def find(attempts: Attempts, target: Target) -> Completion[Any] | None:
    """A validated answer of the same model to the same question, recorded as a separate interaction without cost."""
    row = CachedAnswer.objects.filter(key=attempts.cache_key(target), expires_at__gt=clock.now()).first()
    if row is None:
        return None
    try:
        output: Any = structured.parse(row.output, attempts.schema) if attempts.schema else row.output.strip()
    except ModelFault:
        return None
    hit = attempts.record(
        target, messages=attempts.messages, output=row.output, is_cache_hit=True, latency_ms=0, finish_reason="cache"
    )
    return Completion(output, hit)


def keep(attempts: Attempts, target: Target, interaction: Interaction) -> None:
    days = settings.OUTREACH.llm.cache_days
    if not days:
        return
    CachedAnswer.objects.update_or_create(
        key=attempts.cache_key(target),
        defaults={
            "output": interaction.output,
            "interaction": interaction,
            "expires_at": clock.now() + timedelta(days=days),
        },
    )
