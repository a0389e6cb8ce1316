"""The providers and routes in force: what outreach.toml names is fixed there, all else is set under Settings → Models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from outreach.configuration import LanguageModels, Provider, Route, TokenPrice
from outreach.llm import routing
from outreach.llm.models import ModelPolicy, ModelProvider, ModelRoute


class Connected(Provider):
    """A provider that was connected on the page. Its key is encrypted in the database."""

    key_token: str = ""
    is_local: bool = False
    """Whether it may be on this machine or in a private network."""


@dataclass(frozen=True)
class InForce:
    """Providers, routes and policy, each read when it is first asked for."""

    @cached_property
    def models(self) -> LanguageModels:
        return _read()

    @cached_property
    def policy(self) -> ModelPolicy:
        return ModelPolicy.current()


_HELD: ContextVar[InForce | None] = ContextVar("what is in force", default=None)


@contextmanager
def held() -> Iterator[None]:
    """What is in force stays so within the block, in this thread, instead of being read again at every turn."""
    if _HELD.get() is not None:
        yield
        return
    token = _HELD.set(InForce())
    try:
        yield
    finally:
        _HELD.reset(token)


def _now() -> InForce:
    return _HELD.get() or InForce()


def language_models() -> LanguageModels:
    """outreach.toml with the rows of the database where it is silent."""
    return _now().models


def policy() -> ModelPolicy:
    """The spend caps, and what traces keep."""
    return _now().policy


def _read() -> LanguageModels:
    fixed: LanguageModels = settings.OUTREACH.llm
    providers: dict[str, Provider] = {row.name: _connected(row) for row in ModelProvider.objects.all()}
    routes = {
        row.route: Route(chain=row.chain, temperature=row.temperature, max_output_tokens=row.max_output_tokens)
        for row in ModelRoute.objects.all()
    }
    if not providers and not routes:
        return fixed
    return fixed.model_copy(update={"providers": providers | fixed.providers, "routes": routes | fixed.routes})


def uses_model(route: str) -> bool:
    """Whether `route` would try a model before the built-in rules."""
    return routing.uses_model(language_models(), route)


def chain(route: str) -> list[str]:
    """The models that `route` tries, as `provider/model`."""
    return [target.name for target in routing.plan(language_models(), route).targets]


def _connected(row: ModelProvider) -> Connected:
    return Connected.model_construct(
        base_url=row.base_url,
        api=row.api,
        timeout_seconds=row.timeout_seconds,
        supports_json_schema=True,
        api_key_env="",
        key_token=row.key_token,
        is_local=row.is_local,
        concurrent_calls=row.concurrent_calls,
        requests_per_minute=row.requests_per_minute,
        tokens_per_minute=row.tokens_per_minute,
        prices={model: TokenPrice.model_validate(price) for model, price in row.prices.items()},
    )
