import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.intervals import wilson


def test_nothing_observed_has_no_rate():
    assert wilson(0, 0).value is None


@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    [(1, 10, 0.0179, 0.4042), (5, 100, 0.0215, 0.1118), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0)],
)
def test_known_intervals(count, base, low, high):
    rate = wilson(count, base)
    assert (rate.low, rate.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 5000), st.data())
def test_the_rate_lies_in_its_interval(base, data):
    rate = wilson(data.draw(st.integers(0, base)), base)
    assert 0 <= rate.low <= rate.value + 1e-12 and rate.value - 1e-12 <= rate.high <= 1


def test_more_than_all_is_an_error():
    with pytest.raises(ValueError):
        wilson(3, 2)
