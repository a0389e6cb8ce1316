"""People are given to arms by a hash: repeatably, evenly, and without regard to other experiments."""

import pytest
from scipy.stats import binomtest, chisquare

from campaigns.arms.hashing import arm_of

PEOPLE = [f"lead-{n}" for n in range(20_000)]


def test_the_same_person_gets_the_same_arm_again():
    assert [arm_of("7", one, [0.5, 0.5]) for one in PEOPLE] == [arm_of("7", one, [0.5, 0.5]) for one in PEOPLE]


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.2, 0.3, 0.5], [0.9, 0.1]])
def test_arms_get_their_shares(shares):
    arms = [arm_of("7", one, shares) for one in PEOPLE]
    found = [arms.count(n) for n in range(len(shares))]
    assert chisquare(found, [share * len(PEOPLE) for share in shares]).pvalue > 0.001


def test_two_experiments_divide_people_independently():
    both = sum(arm_of("1", one, [0.5, 0.5]) == arm_of("2", one, [0.5, 0.5]) for one in PEOPLE)
    assert binomtest(both, len(PEOPLE)).pvalue > 0.001


def test_a_larger_share_only_adds_people():
    small = {one for one in PEOPLE if arm_of("7", one, [0.2, 0.8]) == 0}
    assert small < {one for one in PEOPLE if arm_of("7", one, [0.4, 0.6]) == 0}
