"""Use cases: connect, change, test and remove a provider; choose the models for a purpose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model
from pydantic import ValidationError

from outreach.configuration import TokenPrice
from outreach.core import audit, clock
from outreach.core.errors import Invalid, Permanent, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.services import resume_postponed
from outreach.llm import configured, http, pricing, providers
from outreach.llm.errors import ModelFault
from outreach.llm.kinds import KINDS
from outreach.llm.models import (
    CampaignCap,
    Circuit,
    ModelLimit,
    ModelPolicy,
    ModelProvider,
    ModelRoute,
    TraceContent,
)
from outreach.llm.purposes import PURPOSES
from outreach.llm.services import Call, ask_once, close_trace, open_trace
from outreach.web import addresses

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
TEST_SECONDS = 30
TEST_WORDS = "Reply with the single word: ready"
MAX_CHAIN = 6
LIMITS = ("concurrent_calls", "requests_per_minute", "tokens_per_minute")
FREE = TokenPrice(input=Decimal(0), output=Decimal(0))
LANE = "llm"
"""Where jobs run that may wait for a model."""


@dataclass(frozen=True)
class ProviderData:
    """What a person enters. `key` None keeps the one that is stored; an empty `base_url` means the kind's own."""

    name: str
    kind: str
    base_url: str = ""
    key: str | None = None
    is_local: bool = False
    uses_responses: bool = False
    timeout_seconds: int = 60
    concurrent_calls: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    is_free: bool = False
    """Of a new provider: none of its models costs anything."""


def save_provider(data: ProviderData, *, actor: Actor, provider: ModelProvider | None = None) -> ModelProvider:
    """Connect a provider or change it. Raises `Invalid` by field.

    The stored key is only ever sent where it was entered for: another address needs the key again.
    """
    kind = KINDS.get(data.kind)
    if kind is None:
        known = ", ".join(KINDS)
        raise Invalid("kind", _("Unknown kind of provider “%(kind)s”. Use one of: %(known)s.") % {"kind": data.kind, "known": known})  # fmt: skip
    _check_name(data.name)
    base_url = _checked_url(data.base_url.strip().rstrip("/") or kind.base_url, is_local=data.is_local)
    key = data.key.strip() if data.key is not None else None
    is_moved = provider is not None and _origin(provider.base_url) != _origin(base_url)
    if key is None and is_moved and provider is not None and provider.has_key:
        raise Invalid("key", _("The address has changed. Enter the key again, so that it isn't sent anywhere else."))
    if kind.needs_key and not key and not (provider and provider.has_key and key is None):
        raise Invalid("key", _("Enter the key."))
    if not 1 <= data.timeout_seconds <= 600:
        raise Invalid("timeout_seconds", _("Enter a number of seconds from 1 to 600."))
    for name in LIMITS:
        if (number := getattr(data, name)) is not None and number < 1:
            raise Invalid(name, _("Enter a number from 1, or leave it empty for no limit."))
    row = provider or ModelProvider()
    if provider is not None and provider.name != data.name:
        raise Invalid("name", _("The name can't be changed: routes refer to it."))
    row.name, row.kind, row.base_url = data.name, data.kind, base_url
    row.is_local, row.timeout_seconds = data.is_local, data.timeout_seconds
    row.uses_responses = data.uses_responses and kind.has_responses
    for name in LIMITS:
        setattr(row, name, getattr(data, name))
    if key is not None:
        row.set_key(key)
    if provider is None and data.is_free:
        row.prices = {pricing.EVERY_MODEL: FREE.model_dump(mode="json")}
    try:
        with transaction.atomic():
            row.save()
            Circuit.objects.filter(provider=row.name).update(failures=0, opened_until=None)
            resume_postponed(lane=LANE)
            audit.record("model_provider.saved", subject=row, actor=actor, data={"kind": row.kind, "url": base_url})
    except IntegrityError as error:
        raise Invalid("name", _("A provider called “%(name)s” is already connected.") % {"name": data.name}) from error
    return row


def set_price(*, provider: ModelProvider, model: str, read: object, written: object, actor: Actor) -> None:
    """State what a model costs (`*`: all models of the provider), in US dollars for a million tokens in and out, as
    they were entered; both empty: the price table holds again.

    Work that waits for a price goes on. Raises `Invalid` without a model and for what is no price.
    """
    if not (model := model.strip()):
        raise Invalid("model", _("Enter the name of a model."))
    price = _price(read, written)
    with transaction.atomic():
        row = ModelProvider.objects.select_for_update().get(pk=provider.pk)
        row.prices.pop(model, None)
        if price is not None:
            row.prices[model] = price.model_dump(mode="json")
        row.save(update_fields=["prices", "updated_at"])
        resume_postponed(lane=LANE)
        told = {"name": row.name, "model": model, "price": row.prices.get(model)}
        audit.record("model_provider.priced", subject=row, actor=actor, data=told)


def _price(read: object, written: object) -> TokenPrice | None:
    if read in ("", None) and written in ("", None):
        return None
    try:
        return TokenPrice.model_validate({"input": read, "output": written})
    except ValidationError as error:
        raise Invalid("input", _("Enter both prices in US dollars for a million tokens. 0 means free.")) from error


def remove_provider(*, provider: ModelProvider, actor: Actor) -> None:
    """Forget a provider with its key. Raises `Refused` while a route names it."""
    users = [
        str(PURPOSES[row.route].label) if row.route in PURPOSES else row.route
        for row in ModelRoute.objects.all()
        if any(name.partition("/")[0] == provider.name for name in row.chain)
    ]
    if users:
        raise Refused(
            _("“%(name)s” is used for: %(purposes)s. Choose other models there first.")
            % {"name": provider.name, "purposes": ", ".join(users)},
            code="in_use",
        )
    with transaction.atomic():
        audit.record("model_provider.removed", subject=provider, actor=actor, data={"name": provider.name})
        Circuit.objects.filter(provider=provider.name).delete()
        ModelLimit.objects.filter(provider=provider.name).delete()
        provider.delete()


@dataclass(frozen=True)
class TestResult:
    """What a provider answered to one real call. `error` is empty when it worked."""

    __test__ = False

    model: str
    answer: str
    error: str
    latency_ms: int | None
    trace_id: str

    @property
    def is_working(self) -> bool:
        return not self.error


def test_provider(*, name: str, model: str, actor: Actor) -> TestResult:
    """Ask the provider for its models, then `model` for one word; what came back is kept and shown.

    A provider that answers is no longer spared. Raises `Invalid` for an unknown provider or without a model.
    """
    provider = configured.language_models().providers.get(name)
    if provider is None:
        raise Invalid("name", _("There is no provider “%(name)s”.") % {"name": name})
    if not (model := model.strip()):
        raise Invalid("model", _("Enter the name of a model."))
    circuit, _created = Circuit.objects.get_or_create(provider=name)
    try:
        names = providers.model_names(provider)
    except ModelFault:
        names = circuit.model_names  # some servers have no list; the call below tells what is wrong
    result = _ask_for_a_word(name, model)
    test = {"at": clock.now().isoformat(), "model": model, "answer": result.answer, "error": result.error, "latency_ms": result.latency_ms}  # fmt: skip
    changes: dict[str, Any] = {"model_names": names, "test": test}
    if result.is_working:
        changes |= {"failures": 0, "opened_until": None}
    Circuit.objects.filter(pk=circuit.pk).update(**changes)
    if result.is_working:
        resume_postponed(lane=LANE)
    audit.record("model_provider.tested", subject=circuit, actor=actor, data={"name": name, "ok": result.is_working})
    return result


def _ask_for_a_word(name: str, model: str) -> TestResult:
    trace = open_trace("provider.test")
    call = Call(
        trace=trace,
        step="test",
        route=f"{name}/{model}",
        messages=[{"role": "user", "content": TEST_WORDS}],
        builtin=str,
    )
    outcome = ask_once(call, timeout_seconds=TEST_SECONDS)
    if isinstance(outcome, ModelFault):
        close_trace(trace, error=outcome.reason)
        return TestResult(model, "", outcome.reason, None, str(trace.pk))
    close_trace(trace)
    return TestResult(model, outcome.output[:200], "", outcome.interaction.latency_ms, str(trace.pk))


def save_route(
    *, route: str, chain: Sequence[str], actor: Actor, temperature: float = 0.4, max_output_tokens: int = 900
) -> ModelRoute | None:
    """Choose the models for a purpose, in the order in which they are tried; none: the purpose has no choice of its own.

    Raises `Invalid` by field, `Refused` for a route that outreach.toml fixes.
    """
    if route not in PURPOSES:
        known = ", ".join(PURPOSES)
        raise Invalid("route", _("Unknown purpose “%(route)s”. Use one of: %(known)s.") % {"route": route, "known": known})  # fmt: skip
    if route in settings.OUTREACH.llm.routes:
        raise Refused(
            _("This route is set in outreach.toml (llm.routes.%(route)s). Change it there.") % {"route": route}
        )
    names = list(dict.fromkeys(name.strip() for name in chain if name.strip()))
    for name in names:
        configured.known_target(name, field="chain")
    if len(names) > MAX_CHAIN:
        raise Invalid("chain", _("Choose at most %(most)s models.") % {"most": MAX_CHAIN})
    if not 0 <= temperature <= 2:
        raise Invalid("temperature", _("Enter a number from 0 to 2."))
    if not 16 <= max_output_tokens <= 32_000:
        raise Invalid("max_output_tokens", _("Enter a number of tokens from 16 to 32,000."))
    with transaction.atomic():
        if not names:
            ModelRoute.objects.filter(route=route).delete()
            row = None
        else:
            values = {"chain": names, "temperature": temperature, "max_output_tokens": max_output_tokens}
            row, _created = ModelRoute.objects.update_or_create(route=route, defaults=values)
        subject = row or ModelRoute(route=route)
        resume_postponed(lane=LANE)
        audit.record("model_route.saved", subject=subject, actor=actor, data={"route": route, "chain": names})
    return row


def save_policy(
    *,
    usd_per_day: Decimal | None = None,
    usd_per_campaign: Decimal | None = None,
    trace_content: str = TraceContent.WHOLE,
    trace_days: int = 180,
    actor: Actor,
) -> ModelPolicy:
    """Set the caps (None: no cap), and what traces keep for how long. Raises `Invalid` by field; caps of outreach.toml
    stay as they are."""
    _check_usd("usd_per_day", usd_per_day)
    _check_usd("usd_per_campaign", usd_per_campaign)
    if trace_content not in TraceContent.values:
        raise Invalid("trace_content", _("Choose what traces keep."))
    if not 0 <= trace_days <= 3650:
        raise Invalid("trace_days", _("Enter a number of days from 0 to 3,650."))
    with transaction.atomic():
        row = ModelPolicy.objects.select_for_update().order_by("pk").first() or ModelPolicy()
        row.usd_per_day, row.usd_per_campaign = usd_per_day, usd_per_campaign
        row.trace_content, row.trace_days = trace_content, trace_days
        row.save()
        resume_postponed(lane=LANE)
        names = ("usd_per_day", "usd_per_campaign", "trace_content", "trace_days")
        told = {name: str(getattr(row, name)) for name in names}
        audit.record("model_policy.saved", subject=row, actor=actor, data=told)
    return row


def cap_campaign(campaign: Model, *, usd: Decimal | None, actor: Actor) -> None:
    """Cap what the models may cost for one campaign; None: the cap for all campaigns holds. Work that waits goes on."""
    _check_usd("usd", usd)
    with transaction.atomic():
        if usd is None:
            CampaignCap.objects.filter(campaign_id=campaign.pk).delete()
        else:
            CampaignCap.objects.update_or_create(campaign_id=campaign.pk, defaults={"usd": usd})
        resume_postponed(lane=LANE)
        audit.record("campaign.spend_cap", subject=campaign, actor=actor, data={"usd": str(usd) if usd else ""})


def _check_usd(field: str, usd: Decimal | None) -> None:
    if usd is not None and not (usd.is_finite() and Decimal("0.01") <= usd <= 1_000_000):
        raise Invalid(field, _("Enter an amount from 0.01 to 1,000,000, or leave it empty for no cap."))


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise Invalid("name", _("Use lower-case letters, digits, hyphens and underscores."))
    if name == "builtin":
        raise Invalid("name", _("This name stands for the built-in rules."))
    if name in settings.OUTREACH.llm.providers:
        raise Invalid("name", _("outreach.toml already has a provider called “%(name)s”.") % {"name": name})


def _checked_url(url: str, *, is_local: bool) -> str:
    if not url:
        raise Invalid("base_url", _("Enter the address of the server, such as http://localhost:11434/v1."))
    try:
        place = addresses.locate(url)
    except Invalid as error:
        raise Invalid("base_url", error.reason, code=error.code) from error
    if place.scheme == "http" and not is_local:
        raise Invalid("base_url", _("Use https: the key would travel unprotected. Only servers in your own network may use http."))  # fmt: skip
    try:
        http.checked_addresses(place.host, place.port, http.OWN_NETWORKS if is_local else [])
    except Permanent as error:
        raise Invalid("base_url", error.reason, code=error.code) from error
    return url


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
