"""Q-learning with experience replay, as the specification's numbers say."""

from __future__ import annotations

import pytest

from leads.learning.policies.q_learning import ACTIONS, REWARDS, Agent, Experience, Settings

HERE, THERE = (0, 1, 2, 0, 1), (1, 1, 1, 1, 1)


def test_the_numbers_are_those_of_the_specification():
    assert Settings() == Settings(0.1, 0.95, 1.0, 0.995, 0.01, 10_000, 32)
    assert ACTIONS == ("qualify_high", "qualify_medium", "qualify_low", "skip")
    assert REWARDS == {"user_approved": 10, "user_rejected": -5, "got_interview": 20, "no_response": -1}


def test_a_reward_moves_the_value_by_the_learning_rate():
    agent = Agent()
    agent.learn(Experience(HERE, 0, 10.0))
    assert agent.values(HERE) == [1.0, 0.0, 0.0, 0.0]


def test_what_follows_counts_discounted():
    agent = Agent(q_values={THERE: [0.0, 8.0, 0.0, 0.0]})
    agent.learn(Experience(HERE, 2, -1.0, THERE))
    assert agent.values(HERE)[2] == pytest.approx(0.1 * (-1 + 0.95 * 8))


def test_exploration_decays_to_its_floor():
    agent = Agent()
    agent.learn(Experience(HERE, 0, 1.0))
    assert agent.epsilon == pytest.approx(0.995)
    for _ in range(1_000):
        agent.learn(Experience(HERE, 0, 1.0))
    assert agent.epsilon == 0.01


def test_the_memory_forgets_the_oldest():
    agent = Agent(Settings(memory_size=50))
    for number in range(60):
        agent.learn(Experience(HERE, 0, float(number)))
    assert len(agent.memory) == 50
    assert agent.memory[0].reward == 10.0


def test_replay_learns_faster_than_once_each():
    replaying, plain = Agent(), Agent(Settings(batch_size=10_000))
    for _ in range(40):
        replaying.learn(Experience(HERE, 0, 10.0))
        plain.learn(Experience(HERE, 0, 10.0))
    assert plain.values(HERE)[0] < replaying.values(HERE)[0] <= 10.0


def test_without_exploration_the_best_action_is_taken():
    agent = Agent(Settings(epsilon=0.0), q_values={HERE: [-1.0, 2.0, 0.0, 0.0]})
    assert {agent.act(HERE) for _ in range(20)} == {1}


def test_at_first_every_action_is_tried():
    agent = Agent()
    assert {agent.act(HERE) for _ in range(100)} == set(range(4))
