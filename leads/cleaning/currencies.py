"""Yearly pay in another currency, by the rates of one day in a data file: near enough to compare ranges. Pure."""

from __future__ import annotations

from pathlib import Path

from leads.cleaning.compensation import Pay
from outreach.core.lists import read_table

_TABLE = read_table(Path(__file__).parent / "data" / "currency_rates.toml")
PER_EURO: dict[str, float] = {**_TABLE["per_euro"], **_TABLE["fixed"], **_TABLE["estimates"]}


def convert(pay: Pay, currency: str) -> Pay | None:
    """`pay` in `currency`; None for a currency without a rate."""
    if pay.currency not in PER_EURO or currency not in PER_EURO:
        return None
    rate = PER_EURO[currency] / PER_EURO[pay.currency]
    low, high = (value * rate if value is not None else None for value in (pay.minimum, pay.maximum))
    return Pay(low, high, currency)


def dated(*currencies: str) -> str:
    """Whose rates of which day these are: `ECB 2026-10-30`; with a tilde where a rate is an estimate."""
    if any(currency in _TABLE["estimates"] for currency in currencies):
        return f"~ {_TABLE['estimated_on']}"
    return f"{_TABLE['source']} {_TABLE['date']}"
