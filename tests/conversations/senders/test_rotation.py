"""Rotation: by weight over many leads, always the same for one."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from conversations.senders import rotation

weights = st.dictionaries(st.integers(1, 50), st.floats(0, 500), min_size=1, max_size=8)


def test_shares_follow_the_weights():
    counts = Counter(rotation.pick(lead, {1: 10, 2: 30, 3: 60, 4: 0}) for lead in range(4_000))
    assert counts[4] == 0
    assert abs(counts[1] / 4_000 - 0.1) < 0.03
    assert abs(counts[3] / 4_000 - 0.6) < 0.04


@given(lead=st.integers(1, 10**9), weights=weights)
def test_only_who_has_room_is_chosen_and_always_the_same(lead, weights):
    chosen = rotation.pick(lead, weights)
    if not any(weights.values()):
        assert chosen is None
        return
    assert weights[chosen] > 0
    assert rotation.pick(lead, dict(reversed(list(weights.items())))) == chosen


@given(lead=st.integers(1, 10**9), weights=weights, gone=st.integers(1, 50))
def test_a_sender_that_leaves_moves_only_its_own_leads(lead, weights, gone):
    chosen = rotation.pick(lead, weights)
    if chosen != gone:
        assert rotation.pick(lead, {sender: weight for sender, weight in weights.items() if sender != gone}) == chosen
