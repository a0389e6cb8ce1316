"""Calls and tokens a minute: what is set for a provider, and what its headers said about a model; for all workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from outreach.configuration import Provider
from outreach.core.words import gettext as _
from outreach.limits import services as limits
from outreach.limits.buckets import Rate, Share
from outreach.limits.models import Allowance
from outreach.llm import http, stated_limits
from outreach.llm.errors import Held, ModelFault
from outreach.llm.known import Known
from outreach.llm.models import ModelLimit
from outreach.llm.routing import Target

TOKENS = ":tokens"
"""How the key of a bucket of tokens ends; those of calls count calls."""


def shares(target: Target, provider: Provider, known: Known, *, tokens: int) -> list[Share]:
    """What one call of so many tokens takes: of what is set for the provider, and of what is known of the model."""
    return [
        Share(key, count, Rate(per_second=per_minute / 60, burst=per_minute))
        for name, source in ((target.provider, provider), (target.name, known))
        for key, count, per_minute in (
            (f"{_key(name)}:calls", 1, source.requests_per_minute),
            (f"{_key(name)}{TOKENS}", tokens, source.tokens_per_minute),
        )
        if per_minute
    ]


def take(target: Target, wanted: list[Share], *, now: datetime) -> Held | None:
    """Take all shares of a call, or none; None: they are taken."""
    held = Allowance.objects.filter(key=_key(target.name), next_at__gt=now).values_list("next_at", flat=True).first()
    if held:
        return Held(_("its rate limit is used up"), held)
    if not wanted or (short := limits.take_tokens(wanted, now)) is None:
        return None
    share, wait = short
    words = _("its limit of %(number)s tokens a minute is reached") if share.key.endswith(TOKENS) else _("its limit of %(number)s calls a minute is reached")  # fmt: skip
    return Held(words % {"number": f"{share.rate.burst:,.0f}"}, now + wait)


def settle(taken: Sequence[Share], *, used_tokens: int | None) -> None:
    """The call was made: tokens that it did not use are free for others."""
    for share in taken:
        if share.key.endswith(TOKENS) and used_tokens is not None and share.count > used_tokens:
            limits.give_back_tokens(replace(share, count=share.count - used_tokens))


def learn(target: Target, known: Known, fault: ModelFault | None, *, now: datetime) -> None:
    """Remember what the last answer said about limits; a model whose limit is used up is left alone until it resets."""
    stated = stated_limits.read(http.SEEN.get(), now)
    until = stated.used_up_until
    if fault is not None and fault.asks_to_wait:
        until = max(filter(None, (until, now + fault.asks_to_wait)))
    if until:
        limits.hold_off(_key(target.name), until)
    found = {"requests_per_minute": stated.requests_per_minute, "tokens_per_minute": stated.tokens_per_minute}
    if any(found.values()) and any(getattr(known, name) != number for name, number in found.items()):
        ModelLimit.objects.update_or_create(provider=target.provider, model=target.model, defaults=found)


def _key(name: str) -> str:
    return f"llm:{name}"
