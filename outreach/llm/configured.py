"""The providers and routes in force: what outreach.toml names is fixed there, all else is set under Settings → Models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.db import connection

from outreach.configuration import LanguageModels, Provider, Route, TokenPrice
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.llm import routing
from outreach.llm.models import ModelPolicy, ModelProvider, ModelRoute
from outreach.llm.routing import Target


class Connected(Provider):
    """A provider that was connected on the page. Its key is encrypted in the database."""

    key_token: str = ""
    is_local: bool = False
    """Whether it may be on this machine or in a private network."""


Rows = tuple[list[ModelProvider], list[ModelRoute], list[ModelPolicy]]


class InForce:
    """Providers, routes and policy, read together when one of them is first asked for."""

    @cached_property
    def _rows(self) -> Rows:
        return _read()

    @cached_property
    def models(self) -> LanguageModels:
        """outreach.toml with the rows of the database where it is silent."""
        fixed: LanguageModels = settings.OUTREACH.llm
        connected, chosen, _policy = self._rows
        if not connected and not chosen:
            return fixed
        providers: dict[str, Provider] = {row.name: _connected(row) for row in connected}
        routes = {
            row.route: Route(chain=row.chain, temperature=row.temperature, max_output_tokens=row.max_output_tokens)
            for row in chosen
        }
        return fixed.model_copy(update={"providers": providers | fixed.providers, "routes": routes | fixed.routes})

    @cached_property
    def policy(self) -> ModelPolicy:
        """The row, or the defaults before anything was set."""
        return next(iter(self._rows[2]), ModelPolicy())


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
    """Providers and routes."""
    return _now().models


def policy() -> ModelPolicy:
    """The spend caps, and what traces keep."""
    return _now().policy


def _read() -> Rows:
    """All rows of the three tables in one statement: every call asks for them."""
    columns = ", ".join(
        f"(SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.id), '[]') FROM {table._meta.db_table} t)"  # noqa: S608  names of our own tables
        for table in (ModelProvider, ModelRoute, ModelPolicy)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")
        providers, routes, policies = (json.loads(rows, parse_float=Decimal) for rows in cursor.fetchone() or ())
    return (
        [ModelProvider(**row) for row in providers],
        [ModelRoute(**row) for row in routes],
        [ModelPolicy(**row) for row in policies],
    )


def known_target(name: str, *, field: str) -> Target:
    """The model that `provider/model` names, at a provider that is connected. Raises `Invalid` for `field`."""
    target = routing.target_of(name)
    if target is None:
        raise Invalid(field, _("“%(name)s” is not of the form provider/model.") % {"name": name})
    if target.provider not in language_models().providers:
        raise Invalid(field, _("There is no provider “%(name)s”.") % {"name": target.provider})
    return target


def uses_model(route: str) -> bool:
    """Whether `route` would try a model before the built-in rules."""
    return bool(chain(route))


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
