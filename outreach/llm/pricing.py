"""What a call cost, by the price table that ships with `genai-prices`."""

from __future__ import annotations

from decimal import Decimal


def cost_usd(*, model: str, base_url: str, input_tokens: int, output_tokens: int) -> Decimal | None:
    """US dollars, or None when the model is in no price table (local models are not)."""
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    try:
        price = calc_price(usage, model_ref=model, provider_api_url=base_url)
    except LookupError:
        return None
    return Decimal(price.total_price).quantize(Decimal("0.000001"))
