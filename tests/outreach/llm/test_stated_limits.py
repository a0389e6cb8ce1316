"""What servers say about their limits is read in the words of each."""

from datetime import UTC, datetime, timedelta

import pytest

from outreach.llm.stated_limits import Stated, read

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_openai_names_both_limits():
    headers = {"x-ratelimit-limit-requests": "500", "x-ratelimit-limit-tokens": "30000"}
    assert read(headers, NOW) == Stated(500, 30_000)


def test_anthropic_names_both_limits_and_a_moment():
    headers = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-tokens-limit": "8000",
        "anthropic-ratelimit-output-tokens-limit": "1000",
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2026-05-04T12:00:30Z",
    }
    assert read(headers, NOW) == Stated(50, 8_000, NOW + timedelta(seconds=30))


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("12", 12),
        ("6m0s", 360),
        ("1h2m3s", 3600),
        ("120ms", 0.12),
        ("1.5s", 1.5),
        ("0", None),
        ("soon", None),
        ("", None),
    ],
)
def test_what_is_used_up_comes_back_at_its_moment(reset, seconds):
    headers = {
        "x-ratelimit-limit-tokens": "100",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": reset,
    }
    assert read(headers, NOW).used_up_until == (NOW + timedelta(seconds=seconds) if seconds is not None else None)


@pytest.mark.parametrize("number", ["-1", "0", "many", "", "9" * 30])
def test_a_limit_that_is_no_number_limits_nothing(number):
    headers = {"x-ratelimit-limit-requests": number, "x-ratelimit-remaining-requests": "0"}
    assert read(headers, NOW) == Stated()
