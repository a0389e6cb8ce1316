"""Which models a route tries and in which order. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.configuration import LanguageModels, Route
from outreach.llm.purposes import serving

BUILTIN = "builtin"


@dataclass(frozen=True)
class Target:
    """One link of a chain."""

    provider: str
    model: str

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True)
class Plan:
    """A resolved route: its targets in order (followed by the built-in rules) and its parameters."""

    targets: tuple[Target, ...]
    temperature: float
    max_output_tokens: int


def plan(configuration: LanguageModels, route: str) -> Plan:
    """The plan for `route`: its own chain, or that of the route which stands in for it; none at all: built-in only.

    `builtin` asks no model; `provider/model` asks that one, with the parameters of `default`. Targets of providers that
    are not configured are left out; `faults` names them.
    """
    names = (route,) if route == BUILTIN else serving(route)
    chosen = next((configuration.routes[name] for name in names if name in configuration.routes), Route())
    targets = [target_of(name) for name in ([route] if "/" in route else chosen.chain)]
    return Plan(
        targets=tuple(t for t in targets if t is not None and t.provider in configuration.providers),
        temperature=chosen.temperature,
        max_output_tokens=chosen.max_output_tokens,
    )


def target_of(name: str) -> Target | None:
    """The link that `provider/model` names; a model's own name may hold slashes."""
    provider, slash, model = name.partition("/")
    return Target(provider, model) if slash and provider and model else None


def faults(configuration: LanguageModels) -> list[str]:
    """Sentences about chain entries that cannot work, each naming its key."""
    found = []
    for route, settings in configuration.routes.items():
        for index, name in enumerate(settings.chain):
            key = f"llm.routes.{route}.chain[{index}]"
            if name == BUILTIN:
                continue
            target = target_of(name)
            if target is None:
                found.append(f"{key}: “{name}” is not of the form provider/model.")
            elif target.provider not in configuration.providers:
                known = ", ".join(sorted(configuration.providers)) or "none"
                found.append(f"{key}: provider “{target.provider}” is not configured (known: {known}).")
    return found


def missing_keys(configuration: LanguageModels, environment: dict[str, str]) -> list[tuple[str, str]]:
    """(provider, environment variable) of providers whose key is named but not set."""
    return [
        (name, provider.api_key_env)
        for name, provider in configuration.providers.items()
        if provider.api_key_env and not environment.get(provider.api_key_env)
    ]
