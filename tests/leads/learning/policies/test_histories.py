"""A history of leads as days: the past teaches the first score, and only the past."""

from __future__ import annotations

import io

import numpy as np
import pytest

from leads.learning import tables
from leads.learning.policies import comparing
from leads.learning.policies.histories import Start, world_of
from outreach.core.errors import Invalid
from tests.leads.learning import histories


def table(count: int = 2_000, *, time: str = "Created", drift: float = 0.0) -> tables.Table:
    data = histories.school(count, with_leaks=False, drift=drift)
    return tables.read(io.BytesIO(data), target="Converted", time=time)


def test_days_follow_the_times():
    found = world_of(table(), Start())
    assert (np.diff(found.day) >= 0).all()
    assert found.budget == round(0.2 * len(found.outcome) / found.days)


def test_the_first_score_is_learned_from_the_beginning_alone():
    one = table()
    later = np.arange(len(one.outcome)) >= np.argsort(one.time, kind="stable").size // 2
    other = tables.Table(**{**one.__dict__, "outcome": np.where(later, ~one.outcome, one.outcome)})
    assert np.allclose(world_of(one, Start()).start.mean, world_of(other, Start()).start.mean)


def test_a_cold_start_knows_nothing():
    found = world_of(table(), Start(history=0))
    assert not found.start.mean.any()
    assert len(found.outcome) == 2_000


def test_without_times_the_order_depends_on_the_seed():
    one, same, other = (world_of(table(time=""), Start(seed=seed)) for seed in (1, 1, 2))
    assert (one.outcome == same.outcome).all()
    assert (one.outcome != other.outcome).any()


def test_states_have_few_steps():
    states = world_of(table(), Start()).leads.states
    assert states.shape[1] == 5
    assert states.min() >= 0 and states.max() <= 3


def test_missing_everywhere_and_rare_categories_do_no_harm():
    random = np.random.default_rng(1)
    won = random.integers(0, 2, 800)
    data = histories.written(
        {
            "gaps": ["" if random.random() < 0.9 else str(random.integers(9)) for _ in won],
            "city": [f"city {random.integers(100_000)}" if i % 3 else "Rome" for i in range(800)],
            "when": ["soon, maybe"] * 400 + [f"week {i % 7}" for i in range(400)],
            "won": won,
        }
    )
    found = world_of(tables.read(io.BytesIO(data), target="won"), Start())
    assert np.isfinite(found.leads.cells).all()


def test_too_short_a_history_is_refused():
    with pytest.raises(Invalid) as refused:
        comparing.on_history(table(300), Start())
    assert refused.value.code == "too_few"
