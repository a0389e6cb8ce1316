"""The planner says what the test will do: against counting all outcomes, and against simulation."""

from itertools import product

import pytest

from campaigns.experiments.power import _won_by, declared_by, need, power
from campaigns.experiments.sequential import Test as Comparison
from campaigns.experiments.sequential import odds_share
from campaigns.experiments.simulation import simulate


def test_the_chance_to_declare_equals_counting_every_sequence():
    test, ratio, length = Comparison(spread=1.0, alpha=0.3), 4.0, 10
    part, expected = odds_share(ratio, 0.5), 0.0
    for labels in product((0, 1), repeat=length):
        chance, second = 1.0, 0
        declared = None
        for n, label in enumerate(labels, 1):
            chance *= part if label else 1 - part
            second += label
            if declared is None and float(test.evidence(n - second, second)) >= test.bound:
                declared = second > n / 2
        expected += chance * bool(declared)
    assert declared_by(test, ratio, length)[length] == pytest.approx(expected, abs=1e-12)


def test_with_equal_arms_a_winner_is_declared_in_at_most_five_of_a_hundred():
    test = Comparison.made_for(1.5)
    assert 2 * declared_by(test, 1.0 + 1e-9)[-1] <= 0.05


@pytest.mark.parametrize(("base", "ratio", "arms"), [(0.05, 1.5, 2), (0.2, 1.3, 2), (0.1, 2.0, 3)])
def test_the_planned_number_of_people_is_the_smallest_that_is_enough(base, ratio, arms):
    found = need(base=base, ratio=ratio, arms=arms)
    test = Comparison.made_for(ratio, alpha=0.05 / (arms - 1))
    assert found.power == power(test, base=base, ratio=ratio, people=found.people, arms=arms) >= 0.8
    assert power(test, base=base, ratio=ratio, people=found.people - 1, arms=arms) < 0.8


def test_with_two_arms_the_runs_say_what_the_walk_says():
    test = Comparison.made_for(2.0)
    walked, played = declared_by(test, 2.0, 250), _won_by(test, 2.0, 2, 250)
    assert abs(walked - played).max() < 0.03


def test_a_difference_that_no_list_can_show_has_no_plan():
    assert need(base=0.01, ratio=1.05) is None


@pytest.mark.parametrize(("base", "ratio", "arms"), [(0, 1.5, 2), (0.5, 3, 2), (0.1, 1, 2), (0.1, 2, 1)])
def test_what_is_impossible_is_refused(base, ratio, arms):
    with pytest.raises(ValueError):
        need(base=base, ratio=ratio, arms=arms)


@pytest.mark.parametrize("arms", [2, 3, 6])
def test_simulated_experiments_do_as_planned_when_looked_at_after_every_reply(arms):
    found = simulate(runs=300, base=0.1, ratio=2.0, arms=arms, seed=4)
    assert found.false_positive_rate <= 0.05
    assert abs(found.power - found.planned_power) <= 0.08
    assert found.coverage >= 0.95
    assert found.careless_false_positive_rate > 0.15  # what looking often does to the usual test


def test_the_same_seed_gives_the_same_figures():
    assert simulate(runs=20, base=0.1, ratio=2.0) == simulate(runs=20, base=0.1, ratio=2.0)
