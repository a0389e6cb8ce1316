"""The evidence is a fair game while the arms are equal, and the interval is its inverse."""

from math import inf, isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import comb

from campaigns.experiments.sequential import Test as Comparison
from campaigns.experiments.sequential import odds_share, ratio_of


@pytest.mark.parametrize("share", [0.5, 0.3, 0.9])
def test_the_expected_evidence_stays_at_one_while_the_arms_are_equal(share):
    test = Comparison.made_for(1.5, share=share)
    second = np.arange(0, 201)
    chances = comb(200, second) * share**second * (1 - share) ** (200 - second)
    assert isclose(float((chances * np.exp(test.evidence(200 - second, second))).sum()), 1, rel_tol=1e-9)


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_interval_holds_exactly_the_ratios_that_the_evidence_does_not_refute(first, second):
    test = Comparison.made_for(1.5)
    low, high = test.interval(first, second)
    refutes_equal = float(test.evidence(first, second)) >= test.bound
    assert (low <= 1 <= high) != refutes_equal
    if first and second:
        assert low <= second / first <= high


def test_without_successes_nothing_is_said():
    test = Comparison.made_for(1.5)
    assert test.interval(0, 0) == (0.0, inf)
    assert test.surety(0, 0) == 0
    assert test.interval(0, 3)[1] == inf


def test_more_successes_at_the_same_ratio_make_it_surer():
    test = Comparison.made_for(1.5)
    sure = [test.surety(20 * n, 30 * n) for n in range(1, 12)]
    assert sure == sorted(sure) and sure[0] < 0.5 and sure[-1] > 0.95


def test_equal_successes_in_unequal_shares_are_a_difference():
    test = Comparison.made_for(2, share=0.2)
    assert test.surety(100, 100) > 0.99
    assert test.interval(100, 100)[0] > 2


@given(st.floats(0.05, 20), st.floats(0.05, 0.95))
def test_ratio_and_part_of_the_successes_are_inverse(ratio, share):
    assert isclose(ratio_of(odds_share(ratio, share), share), ratio, rel_tol=1e-9)
