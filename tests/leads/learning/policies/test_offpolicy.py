"""Estimates from a log agree with what really would have happened."""

from __future__ import annotations

import numpy as np
import pytest

from leads.learning.policies import offpolicy, simulation, worlds
from leads.learning.policies.linear import StaticPolicy

METHODS = ("ips", "snips", "dr")


@pytest.fixture(scope="module")
def estimates():
    """The static policy in the same world, logged twenty times."""
    world = worlds.generated("stable", seed=3)
    return [offpolicy.estimate(world, StaticPolicy(world.start), seed=seed) for seed in range(20)]


@pytest.mark.parametrize("method", METHODS)
def test_an_estimate_is_right_on_average(estimates, method):
    found = np.array([estimate.by_method[method].rate for estimate in estimates])
    true = estimates[0].true_rate
    assert abs(found.mean() - true) < 3 * found.std() / np.sqrt(len(found)) + 0.003


@pytest.mark.parametrize("method", METHODS)
def test_the_interval_mostly_holds_the_truth(estimates, method):
    held = [e.by_method[method].interval[0] <= e.true_rate <= e.by_method[method].interval[1] for e in estimates]
    assert np.mean(held) >= 0.85


def test_the_doubly_robust_estimate_varies_less_than_inverse_propensity(estimates):
    spread = {m: np.std([e.by_method[m].rate for e in estimates]) for m in METHODS}
    assert spread["dr"] < spread["ips"]


def test_a_policy_learns_from_logged_choices_alone():
    world = worlds.generated("cold", days=30)
    seen = []

    class Watching(StaticPolicy):
        def learn(self, known):
            seen.append((int(known.is_seen.sum()), len(known.is_seen), int((known.is_success & ~known.is_seen).sum())))

    offpolicy.estimate(world, Watching(world.start))
    logged, chosen, unseen_successes = seen[-1]
    assert 0.35 * chosen < logged < 0.65 * chosen
    assert unseen_successes == 0


def test_every_policy_can_be_valued_so():
    world = worlds.generated("drift", days=20)
    for make in simulation.MAKERS.values():
        found = offpolicy.estimate(world, make(world, 1))
        assert 0 <= found.true_rate <= 1
        assert np.isfinite([e.rate for e in found.by_method.values()]).all()
