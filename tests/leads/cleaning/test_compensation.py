"""Pay as people write it: what is written and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads.cleaning import compensation
from leads.cleaning.compensation import Stated

CASES = Path(__file__).parent / "pay"


def cases(name: str) -> list[tuple[str, Stated | None]]:
    found = []
    for line in (CASES / f"{name}.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            text, *parts = (part.strip() for part in line.split(" | "))
            found.append((text, _stated(*parts) if parts else None))
    return found


def _stated(low: str, high: str, currency: str, period: str) -> Stated:
    numbers = [None if text == "-" else float(text) for text in (low, high)]
    return Stated(numbers[0], numbers[1], currency.strip("-"), period.strip("-"))


@pytest.mark.parametrize(("text", "expected"), cases("development"), ids=lambda v: v if isinstance(v, str) else "")
def test_pay_is_read_as_it_is_written(text: str, expected: Stated | None) -> None:
    assert compensation.state(text) == expected


@pytest.mark.parametrize("name", ["held_out", "held_out_public"])
def test_strings_that_the_parser_was_not_made_for_are_mostly_read_and_rarely_misread(name: str) -> None:
    """Figures: docs/sources.md. Wrong figures are worse than none."""
    held_out = cases(name)
    right = wrong = 0
    for text, expected in held_out:
        got = compensation.state(text)
        right += got == expected
        wrong += got is not None and (
            expected is None
            or (got.minimum, got.maximum, got.currency) != (expected.minimum, expected.maximum, expected.currency)
        )
    assert right / len(held_out) >= 0.95
    assert wrong / len(held_out) <= 0.02


def test_a_bare_dollar_is_of_the_country_where_it_stands():
    assert compensation.state("$30/hr", country="CA") == Stated(30, 30, "CAD", "hour")
    assert compensation.state("US$30/hr", country="CA") == Stated(30, 30, "USD", "hour")


def test_parts_and_numbers_are_taken_as_they_are():
    assert compensation.state({"min": 10, "max": None, "currency": "eur", "period": "hour"}) == Stated(
        10, None, "EUR", "hour"
    )
    assert compensation.state(60000) == Stated(60000, 60000)
    assert compensation.state(True) is None and compensation.state({"min": "ten"}) is None


def test_a_yearly_range_supposes_full_time_and_nothing_for_piece_work():
    assert str(compensation.parse("$25/hr")) == "52k USD"
    assert str(compensation.parse("$1,000 biweekly")) == "26k USD"
    assert compensation.parse("$0.60 per mile") is None
    assert compensation.parse("$500 flat") is None


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text",
    ["1" * 100_000, "$" * 100_000, "1," * 50_000, "1 " * 50_000, "от " * 50_000, "9.9.9." * 20_000, "$1-" * 30_000],
)
def test_no_text_takes_long(text: str) -> None:
    compensation.state(text)


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("$2,000 learning budget, $90k-$110k base", (90_000, 110_000, "USD", "")),
        ("Wellness allowance of $600. $55,000 a year", (55_000, 55_000, "USD", "year")),
        ("$1,500/mo housing stipend plus $30/hr", (30, 30, "USD", "hour")),
        ("£500 p.d.", (500, 500, "GBP", "day")),
        ("€400 pd", (400, 400, "EUR", "day")),
        ("NGN 300,000 monthly", (300_000, 300_000, "NGN", "month")),
        ("PKR 90,000 - 120,000 p.m.", (90_000, 120_000, "PKR", "month")),
    ],
)
def test_allowances_are_no_pay_and_days_and_far_currencies_are_known(text, stated):
    found = compensation.state(text)
    assert found == Stated(*stated)
