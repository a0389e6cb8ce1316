"""Validated answers kept for the same question to the same model; of workers that ask it at once, one asks the model."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from outreach.core import clock
from outreach.llm import configured, structured
from outreach.llm.attempts import Attempts
from outreach.llm.calls import Completion
from outreach.llm.errors import ModelFault
from outreach.llm.models import AnswerFlight, CachedAnswer, Interaction, TraceContent
from outreach.llm.routing import Target

LOOK_EVERY = 0.05
LEASE = timedelta(minutes=3)
"""How long a worker that died keeps others waiting at most; they stop earlier when their own time is up."""


def find_or_claim(attempts: Attempts, target: Target) -> Completion[Any] | None:
    """The kept answer, waited for while another worker asks; None: ask, and `release` afterwards."""
    key = attempts.cache_key(target)
    while True:
        if cached := find(attempts, target):
            return cached
        if not settings.OUTREACH.llm.cache_days:
            return None
        if _claim(key):
            if cached := find(attempts, target):  # it came between the two looks
                release(attempts, target)
            return cached
        if attempts.remaining() <= LOOK_EVERY:
            return None
        time.sleep(LOOK_EVERY)


def _claim(key: str) -> bool:
    now = clock.now()
    try:
        with transaction.atomic():
            AnswerFlight.objects.create(key=key, expires_at=now + LEASE)
    except IntegrityError:
        return bool(AnswerFlight.objects.filter(key=key, expires_at__lte=now).update(expires_at=now + LEASE))
    return True


def release(attempts: Attempts, target: Target) -> None:
    """Asked, with or without an answer: whoever waits may look, or ask."""
    AnswerFlight.objects.filter(key=attempts.cache_key(target)).delete()


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
    """Keep an answer, unless nothing that models said may be kept."""
    days = settings.OUTREACH.llm.cache_days
    if not days or configured.policy().trace_content == TraceContent.OFF:
        return
    CachedAnswer.objects.update_or_create(
        key=attempts.cache_key(target),
        defaults={
            "output": attempts.answer_text,
            "interaction": interaction,
            "expires_at": clock.now() + timedelta(days=days),
        },
    )
