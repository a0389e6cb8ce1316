"""Policies day by day: the nightly one follows a changing world, keeps up in a stable one, and starts well cold."""

from __future__ import annotations

import numpy as np
import pytest

from leads.learning.policies import comparing, simulation, worlds
from leads.learning.policies.linear import NightlyPolicy, StaticPolicy


@pytest.fixture(scope="module")
def found():
    return {kind: comparing.in_worlds(kind, count=4) for kind in worlds.KINDS}


def uplift(comparison: comparing.Comparison, name: str) -> float:
    return next(result.uplift for result in comparison.results if result.name == name)


@pytest.mark.parametrize(("kind", "least"), [("drift", 0.25), ("stable", -0.03), ("cold", 0.10)])
def test_the_nightly_policy_keeps_its_promise(found, kind, least):
    assert uplift(found[kind], "nightly") >= least


def test_the_specified_q_learning_is_shown_as_it_is_and_is_not_the_best(found):
    assert all(uplift(comparison, "q_learning") < uplift(comparison, "nightly") for comparison in found.values())


def test_the_nightly_policy_comes_close_to_hindsight_in_a_stable_world(found):
    stable = found["stable"]
    nightly = next(result for result in stable.results if result.name == "nightly")
    assert nightly.total >= 0.95 * stable.hindsight


def test_the_interval_holds_the_uplift(found):
    for comparison in found.values():
        for result in comparison.results:
            assert result.interval[0] <= result.uplift <= result.interval[1]


def test_a_difference_that_may_be_chance_is_called_so(found):
    assert any("Nightly weights" in warning and "chance" in warning for warning in found["stable"].warnings)


def test_the_same_seed_gives_the_same_figures():
    one, two = (comparing.in_worlds("drift", count=1, seed=7).as_json() for _ in range(2))
    assert one == two
    assert one != comparing.in_worlds("drift", count=1, seed=8).as_json()


def test_the_static_score_chooses_the_same_whatever_happens():
    world = worlds.generated("stable", days=10)
    assert simulation.run(world, StaticPolicy(world.start)) == simulation.run(world, StaticPolicy(world.start))


def test_a_success_is_learned_only_once_it_is_known():
    """With answers that take the whole horizon nothing is learned in the first days."""
    world = worlds.generated("drift", days=12)
    late = worlds.World(**{**world.__dict__, "waited": np.full(len(world.outcome), 7)})
    seen: list[int] = []

    class Watching(NightlyPolicy):
        def learn(self, known):
            seen.append(int(known.is_success.sum()))
            super().learn(known)

    simulation.run(late, Watching(world.start))
    assert seen[:6] == [0] * 6
    assert seen[7] > 0


def test_one_night_moves_no_weight_farther_than_the_cap():
    world = worlds.generated("cold", days=30)
    moved: list[float] = []

    class Watching(NightlyPolicy):
        def learn(self, known):
            before = self.weights
            super().learn(known)
            moved.append(float(np.abs(self.weights - before).max()))

    simulation.run(world, Watching(world.start))
    assert 0 < max(moved) <= 0.1 + 1e-9
