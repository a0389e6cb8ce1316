"""Nothing is found where nothing is, what is there is found, and ratios are honest about how little is known."""

import numpy as np
import pytest

from campaigns.patterns import statistics
from campaigns.patterns.statistics import FALSE_DISCOVERIES, compare, discoveries, shrunk

PEOPLE, FEATURES, CAMPAIGNS, RUNS = 1_200, 60, 4, 150
BASE = np.array([0.04, 0.08, 0.15, 0.3])
"""Campaigns answer at very different rates, and features are more usual in some of them: the trap."""


def history(dice, *, effect=0.0):
    """People of four campaigns; the first feature multiplies the rate by 1 + effect, no other one does anything."""
    campaign = dice.integers(0, CAMPAIGNS, PEOPLE)
    usual = dice.uniform(0.1, 0.9, (CAMPAIGNS, FEATURES))
    features = dice.random((PEOPLE, FEATURES)) < usual[campaign]
    features[:, 1] = features[:, 2]  # texts repeat themselves
    rate = BASE[campaign] * (1 + effect * features[:, 0])
    return features, dice.random(PEOPLE) < rate, campaign


def found_in(features, answered, strata):
    compared = compare(features, answered, strata)
    return {compared[place].place for place in discoveries([one.p for one in compared])}


def test_where_nothing_makes_a_difference_few_looks_find_anything():
    dice = np.random.default_rng(20_261_130)
    share = sum(bool(found_in(*history(dice))) for _run in range(RUNS)) / RUNS
    assert share <= FALSE_DISCOVERIES


def test_without_strata_a_friendly_campaign_would_make_its_words_look_good():
    dice = np.random.default_rng(7)
    features, answered, campaign = history(dice)
    assert found_in(features, answered, np.zeros_like(campaign)) and not found_in(features, answered, campaign)


def test_what_doubles_the_answers_is_found():
    dice = np.random.default_rng(11)
    runs = [found_in(*history(dice, effect=1.0)) for _run in range(20)]
    assert sum(0 in found for found in runs) >= 16


def test_a_common_ratio_is_that_of_the_strata():
    dice = np.random.default_rng(3)
    features, answered, campaign = history(dice, effect=1.0)
    first = next(one for one in compare(features, answered, campaign) if one.place == 0)
    assert np.exp(first.log_ratio) == pytest.approx(2, abs=0.5)
    assert first.having + first.lacking == PEOPLE


def test_ratios_are_drawn_towards_one_the_more_the_less_is_known():
    dice = np.random.default_rng(5)
    compared = compare(*history(dice, effect=1.0))
    raw, drawn = [np.exp(one.log_ratio) for one in compared], shrunk(compared)
    assert all(abs(np.log(b.ratio)) <= abs(np.log(a)) for a, b in zip(raw, drawn, strict=True))
    assert all(one.low <= one.ratio <= one.high for one in drawn)


def test_nothing_is_compared_with_too_few_answers():
    features, answered = np.ones((40, 2), dtype=bool), np.zeros(40, dtype=bool)
    assert compare(features, answered, np.zeros(40, dtype=np.int64)) == []
    assert compare(features[:0], answered[:0], np.zeros(0, dtype=np.int64)) == []
    assert shrunk([]) == [] and discoveries([]) == set()


def test_the_rule_of_benjamini_and_hochberg():
    assert discoveries([0.001, 0.04, 0.03, 0.5], q=0.1) == {0, 1, 2}
    assert discoveries([0.06, 0.2, 0.9], q=0.1) == set()
    assert statistics.FALSE_DISCOVERIES == 0.1
