"""Yearly pay in another currency, by rounded rates of a data file: near enough to compare ranges. Pure."""

from __future__ import annotations

from pathlib import Path

from leads.cleaning.compensation import Pay
from outreach.core.lists import read_table

PER_EURO: dict[str, float] = read_table(Path(__file__).parent / "data" / "currency_rates.toml")["per_euro"]


def convert(pay: Pay, currency: str) -> Pay | None:
    """`pay` in `currency`; None for a currency without a rate."""
    if pay.currency not in PER_EURO or currency not in PER_EURO:
        return None
    rate = PER_EURO[currency] / PER_EURO[pay.currency]
    low, high = (value * rate if value is not None else None for value in (pay.minimum, pay.maximum))
    return Pay(low, high, currency)
