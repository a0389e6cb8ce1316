"""The providers and routes in force: what outreach.toml names is fixed there, all else is set under Settings → Models."""

from __future__ import annotations

from django.conf import settings

from outreach.configuration import LanguageModels, Provider, Route, TokenPrice
from outreach.llm import routing
from outreach.llm.models import ModelProvider, ModelRoute


class Connected(Provider):
    """A provider that was connected on the page. Its key is encrypted in the database."""

    key_token: str = ""
    is_local: bool = False
    """Whether it may be on this machine or in a private network."""


def language_models() -> LanguageModels:
    """outreach.toml with the rows of the database where it is silent."""
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
