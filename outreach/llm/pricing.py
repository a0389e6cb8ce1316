"""What a call cost, by the price table that ships with `genai-prices`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from outreach.llm.errors import Tokens


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens."""

    input: Decimal
    output: Decimal


@lru_cache(maxsize=1024)
def price_of(*, model: str, base_url: str) -> Price | None:
    """What a million tokens in and out cost, None when the model is in no price table."""
    million = 1_000_000
    read = cost_usd(model=model, base_url=base_url, tokens=Tokens(million, 0))
    written = cost_usd(model=model, base_url=base_url, tokens=Tokens(0, million))
    return None if read is None or written is None else Price(read, written)


def cost_usd(*, model: str, base_url: str, tokens: Tokens) -> Decimal | None:
    """US dollars, or None when the model is in no price table (local models are not)."""
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
