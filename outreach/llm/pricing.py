"""What a call cost: by the price that a person stated, else by the table that ships with `genai-prices`. Pure."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from outreach.configuration import Provider, TokenPrice
from outreach.llm.errors import Tokens

EVERY_MODEL = "*"
MILLION = 1_000_000


def price_of(*, model: str, provider: Provider) -> TokenPrice | None:
    """What a million tokens in and out cost; None when nobody stated a price and the table has none."""
    return stated_price(model=model, provider=provider) or _listed_price(model, provider.base_url)


def stated_price(*, model: str, provider: Provider) -> TokenPrice | None:
    """What a person said of this model, or of all models of its provider."""
    return provider.prices.get(model) or provider.prices.get(EVERY_MODEL)


def cost_usd(*, model: str, provider: Provider, tokens: Tokens) -> Decimal | None:
    """US dollars, or None for a model without a known price."""
    if own := stated_price(model=model, provider=provider):
        usd = (own.input * (tokens.input or 0) + own.output * (tokens.output or 0)) / MILLION
        return usd.quantize(Decimal("0.000001"))
    return _listed_usd(model, provider.base_url, tokens)


@lru_cache(maxsize=1024)
def _listed_price(model: str, base_url: str) -> TokenPrice | None:
    read, written = (_listed_usd(model, base_url, tokens) for tokens in (Tokens(MILLION, 0), Tokens(0, MILLION)))
    return None if read is None or written is None else TokenPrice(input=read, output=written)


def _listed_usd(model: str, base_url: str, tokens: Tokens) -> Decimal | None:
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.read or None,
        cache_write_tokens=tokens.written or None,
    )
    try:
        price = calc_price(usage, model_ref=model, provider_api_url=base_url)
    except LookupError:
        return None
    return Decimal(price.total_price).quantize(Decimal("0.000001"))
