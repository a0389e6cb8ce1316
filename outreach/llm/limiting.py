"""Calls and tokens a minute: what is set for a provider, and what its headers said about a model; for all workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outreach.configuration import Provider
from outreach.core.words import gettext as _
from outreach.limits import services as limits
from outreach.limits.buckets import Rate
from outreach.limits.models import Allowance
from outreach.llm import http, stated_limits
from outreach.llm.errors import ModelFault
from outreach.llm.models import ModelLimit
from outreach.llm.routing import Target


@dataclass(frozen=True)
class Taken:
    """What was taken from one bucket."""

    key: str
    rate: Rate
    count: float
    counts_tokens: bool


@dataclass(frozen=True)
class Full:
    """Why a call would pass a limit, and when it no longer would."""

    reason: str
    until: datetime


def take(target: Target, provider: Provider, *, tokens: int, now: datetime) -> list[Taken] | Full:
    """One call of so many tokens from every bucket that counts it, or from none."""
    held = Allowance.objects.filter(key=_key(target.name), next_at__gt=now).values_list("next_at", flat=True).first()
    if held:
        return Full(_("its rate limit is used up"), held)
    taken: list[Taken] = []
    for one in _buckets(target, provider, tokens):
        wait = limits.take_tokens(one.key, one.count, one.rate, now)
        if wait:
            give_back(taken)
            return Full(_told(one), now + wait)
        taken.append(one)
    return taken


def give_back(taken: list[Taken]) -> None:
    """The call was not made."""
    for one in taken:
        limits.give_back_tokens(one.key, one.count, one.rate)


def settle(taken: list[Taken], *, used_tokens: int | None) -> None:
    """The call was made: tokens that it did not use are free for others."""
    for one in taken:
        if one.counts_tokens and used_tokens is not None and one.count > used_tokens:
            limits.give_back_tokens(one.key, one.count - used_tokens, one.rate)


def learn(target: Target, fault: ModelFault | None, *, now: datetime) -> None:
    """Remember what the last answer said about limits; a model whose limit is used up is left alone until it resets."""
    stated = stated_limits.read(http.SEEN.get(), now)
    until = stated.used_up_until
    if fault is not None and fault.asks_to_wait:
        until = max(filter(None, (until, now + fault.asks_to_wait)))
    if until:
        limits.hold_off(_key(target.name), until)
    found = {"requests_per_minute": stated.requests_per_minute, "tokens_per_minute": stated.tokens_per_minute}
    if not any(found.values()):
        return
    rows = ModelLimit.objects.filter(provider=target.provider, model=target.model)
    if not rows.filter(**found).exists():
        ModelLimit.objects.update_or_create(provider=target.provider, model=target.model, defaults=found)


def _buckets(target: Target, provider: Provider, tokens: int) -> list[Taken]:
    learned = ModelLimit.objects.filter(provider=target.provider, model=target.model).first()
    found = []
    for name, source in ((target.provider, provider), (target.name, learned)):
        if source and source.requests_per_minute:
            found.append(Taken(f"{_key(name)}:calls", _rate(source.requests_per_minute), 1, counts_tokens=False))
        if source and source.tokens_per_minute:
            found.append(Taken(f"{_key(name)}:tokens", _rate(source.tokens_per_minute), tokens, counts_tokens=True))
    return found


def _key(name: str) -> str:
    return f"llm:{name}"


def _rate(per_minute: int) -> Rate:
    return Rate(per_second=per_minute / 60, burst=per_minute)


def _told(one: Taken) -> str:
    words = _("its limit of %(number)s tokens a minute is reached") if one.counts_tokens else _("its limit of %(number)s calls a minute is reached")  # fmt: skip
    return words % {"number": f"{one.rate.burst:,.0f}"}
