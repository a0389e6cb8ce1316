"""How far a judge and people say the same: kappa and accuracy with their intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from campaigns.drafts.agreement import agreement


def table(yes_yes, yes_no, no_yes, no_no):
    return [
        *[(True, True)] * yes_yes,
        *[(True, False)] * yes_no,
        *[(False, True)] * no_yes,
        *[(False, False)] * no_no,
    ]


def test_the_textbook_table_has_a_kappa_of_four_tenths():
    found = agreement(table(20, 5, 10, 15))
    assert found.accuracy == pytest.approx(0.7) and found.kappa == pytest.approx(0.4)
    assert (found.kappa_low, found.kappa_high) == (pytest.approx(0.146, abs=0.001), pytest.approx(0.654, abs=0.001))
    assert (found.accuracy_low, found.accuracy_high) == (
        pytest.approx(0.562, abs=0.001),
        pytest.approx(0.809, abs=0.001),
    )
    assert (found.good_count, found.bad_count) == (30, 20)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=80))
def test_kappa_is_that_of_the_reference(pairs):
    found = agreement(pairs)
    if found.kappa is not None:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)), abs=1e-9)
        assert -1 <= found.kappa_low <= found.kappa + 1e-9 and found.kappa - 1e-9 <= found.kappa_high <= 1


@pytest.mark.parametrize(
    ("pairs", "is_calibrated"),
    [
        ([], False),
        (table(20, 2, 3, 15), False),  # too few
        (table(55, 0, 0, 5), False),  # saw hardly a bad one
        (table(60, 0, 0, 0), False),  # everyone said yes: chance explains it
        (table(20, 15, 15, 20), False),  # chance
        (table(40, 5, 5, 20), True),
    ],
)
def test_a_judge_may_decide_only_after_enough_agreement(pairs, is_calibrated):
    assert agreement(pairs).is_calibrated is is_calibrated
