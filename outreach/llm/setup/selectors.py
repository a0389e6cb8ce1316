"""What the pages show: each provider with its state and its models, each purpose with who serves it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q

from outreach.configuration import Provider, TokenPrice
from outreach.core import clock
from outreach.llm import configured, pricing, routing
from outreach.llm.kinds import Kind, kind_at
from outreach.llm.models import Circuit, Interaction, ModelLimit, ModelProvider, ModelRoute
from outreach.llm.purposes import PURPOSES, Purpose, serving

RECENT = timedelta(hours=24)


@dataclass(frozen=True)
class ModelLine:
    """One model of a provider; `price` is None where none is known. `is_stated`: a person said so."""

    name: str
    price: TokenPrice | None
    is_stated: bool = False


@dataclass(frozen=True)
class ProviderLine:
    """A provider in force. `row` is None for one that outreach.toml names."""

    name: str
    provider: Provider
    row: ModelProvider | None
    circuit: Circuit | None
    missing_key: str = ""
    """The environment variable that outreach.toml names and that is not set."""
    purposes: tuple[Purpose, ...] = ()
    learned: tuple[ModelLimit, ...] = ()
    """What its headers said of its models."""
    used_models: tuple[str, ...] = ()
    """The models that purposes ask."""
    call_count: int = 0
    failure_count: int = 0

    @property
    def kind(self) -> Kind | None:
        return self.row.info if self.row is not None else kind_at(self.provider.base_url)

    @property
    def test(self) -> dict[str, Any]:
        return self.circuit.test if self.circuit else {}

    @property
    def tested_at(self) -> datetime | None:
        return datetime.fromisoformat(self.test["at"]) if self.test.get("at") else None

    @property
    def spared_until(self) -> datetime | None:
        until = self.circuit.opened_until if self.circuit else None
        return until if until and until > clock.now() else None

    @property
    def last_error(self) -> str:
        """Why it is spared, or what its test said; empty when all is well as far as we know."""
        if self.missing_key:
            return self.missing_key
        if self.spared_until and self.circuit:
            return self.circuit.last_error
        return str(self.test.get("error", ""))

    @property
    def unpriced(self) -> list[str]:
        """Models in use without a known price: under a spend cap they are not asked."""
        return [name for name in self.used_models if pricing.price_of(model=name, provider=self.provider) is None]

    @property
    def is_free(self) -> bool:
        """Whether all its models were said to cost nothing."""
        price = self.provider.prices.get(pricing.EVERY_MODEL)
        return price is not None and not price.input and not price.output

    @property
    def has_limits(self) -> bool:
        provider = self.provider
        return bool(
            self.learned or provider.concurrent_calls or provider.requests_per_minute or provider.tokens_per_minute
        )

    @property
    def model_names(self) -> list[str]:
        named = list(self.circuit.model_names) if self.circuit else []
        return named or list(self.kind.suggested if self.kind else ())

    def model_lines(self) -> list[ModelLine]:
        """Its models with their prices, those with a known price first."""
        stated = [name for name in self.provider.prices if name != pricing.EVERY_MODEL]
        lines = [
            ModelLine(
                name,
                pricing.price_of(model=name, provider=self.provider),
                is_stated=pricing.stated_price(model=name, provider=self.provider) is not None,
            )
            for name in dict.fromkeys([*self.used_models, *stated, *self.model_names])
        ]
        return sorted(lines, key=lambda line: (line.price is None, line.name))


@dataclass(frozen=True)
class RouteLine:
    """A purpose and the models that serve it. `served_by` is the purpose whose models it uses, itself or another."""

    purpose: Purpose
    chain: list[str]
    served_by: Purpose | None
    is_fixed: bool
    row: ModelRoute | None = field(default=None, compare=False)

    @property
    def inherited(self) -> Purpose | None:
        return self.served_by if self.served_by != self.purpose else None


def provider_lines() -> list[ProviderLine]:
    """All providers in force, by name, with the calls of the last 24 hours."""
    models = configured.language_models()
    rows = {row.name: row for row in ModelProvider.objects.all()}
    learned: dict[str, list[ModelLimit]] = {}
    for limit in ModelLimit.objects.order_by("model"):
        learned.setdefault(limit.provider, []).append(limit)
    circuits = {row.provider: row for row in Circuit.objects.all()}
    missing = dict(routing.missing_keys(models, dict(os.environ)))
    counts = {
        name: (calls, failures)
        for name, calls, failures in Interaction.objects.filter(
            created_at__gt=clock.now() - RECENT, provider__in=models.providers, is_cache_hit=False
        )
        .values_list("provider")
        .annotate(calls=Count("pk"), failures=Count("pk", filter=~Q(error_class="")))
        .order_by()
    }
    lines = []
    for name, provider in sorted(models.providers.items()):
        asked = {
            route: [
                target.model for target in map(routing.target_of, chosen.chain) if target and target.provider == name
            ]
            for route, chosen in models.routes.items()
        }
        calls, failures = counts.get(name, (0, 0))
        lines.append(
            ProviderLine(
                name=name,
                provider=provider,
                row=None if name in settings.OUTREACH.llm.providers else rows.get(name),
                circuit=circuits.get(name),
                missing_key=missing.get(name, ""),
                purposes=tuple(purpose for route, purpose in PURPOSES.items() if asked.get(route)),
                learned=tuple(learned.get(name, ())),
                used_models=tuple(dict.fromkeys(model for found in asked.values() for model in found)),
                call_count=calls,
                failure_count=failures,
            )
        )
    return lines


def provider_line(name: str) -> ProviderLine | None:
    return next((line for line in provider_lines() if line.name == name), None)


def route_lines() -> list[RouteLine]:
    """Every purpose in the order of the work, with the chain that serves it."""
    models = configured.language_models()
    rows = {row.route: row for row in ModelRoute.objects.all()}
    fixed = settings.OUTREACH.llm.routes
    lines = []
    for purpose in PURPOSES.values():
        server = next((name for name in serving(purpose.route) if name in models.routes), "")
        lines.append(
            RouteLine(
                purpose=purpose,
                chain=list(models.routes[server].chain) if server else [],
                served_by=PURPOSES.get(server),
                is_fixed=purpose.route in fixed,
                row=rows.get(purpose.route),
            )
        )
    return lines


def known_models() -> list[str]:
    """`provider/model` of everything that can be chosen, for suggestions."""
    return [f"{line.name}/{model}" for line in provider_lines() for model in line.model_names]
