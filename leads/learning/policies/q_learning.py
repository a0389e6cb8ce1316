"""Tabular Q-learning with experience replay, exactly as the listings specification gives it.

Five features make the state, four actions are possible, feedback is the reward. Each experience is kept in a memory of
10,000 and replayed in batches of 32 (Lin 1992). A state's table is a plain row that can be stored and read.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import zip_longest
from random import Random

import numpy as np

from leads.learning.policies.base import Ints, Known, Leads

State = tuple[int, ...]

FEATURES = ("salary_range", "keyword_match_ratio", "location_type", "company_size", "posting_age")
ACTIONS = ("qualify_high", "qualify_medium", "qualify_low", "skip")
SKIP = ACTIONS.index("skip")
REWARDS = {"user_approved": 10.0, "user_rejected": -5.0, "got_interview": 20.0, "no_response": -1.0}


@dataclass(frozen=True)
class Settings:
    """The specification's numbers."""

    learning_rate: float = 0.1
    discount_factor: float = 0.95
    epsilon: float = 1.0
    epsilon_decay: float = 0.995
    epsilon_min: float = 0.01
    memory_size: int = 10_000
    batch_size: int = 32


@dataclass(frozen=True)
class Experience:
    """One decision and what came of it. `next_state` is None where nothing follows."""

    state: State
    action: int
    reward: float
    next_state: State | None = None


@dataclass
class Agent:
    """Q-values by state, how often each was visited, and the memory."""

    settings: Settings = field(default_factory=Settings)
    seed: int = 1
    q_values: dict[State, list[float]] = field(default_factory=dict)
    visits: dict[State, int] = field(default_factory=dict)
    memory: deque[Experience] = field(init=False)
    epsilon: float = field(init=False)

    def __post_init__(self) -> None:
        self.memory = deque(maxlen=self.settings.memory_size)
        self.epsilon = self.settings.epsilon
        self.random = Random(self.seed)  # noqa: S311  # the same choices each time

    def values(self, state: State) -> list[float]:
        """One value an action, in the order of `ACTIONS`; zeros for a state never seen."""
        return self.q_values.get(state) or [0.0] * len(ACTIONS)

    def best(self, state: State) -> int:
        """The action with the highest value; the first of equals."""
        values = self.values(state)
        return values.index(max(values))

    def act(self, state: State) -> int:
        """ε-greedy: any action with probability ε, else the best."""
        if self.random.random() < self.epsilon:
            return self.random.randrange(len(ACTIONS))
        return self.best(state)

    def learn(self, experience: Experience) -> None:
        """Update, remember, replay a batch, explore a little less."""
        self._update(experience)
        self.visits[experience.state] = self.visits.get(experience.state, 0) + 1
        self.memory.append(experience)
        if len(self.memory) >= self.settings.batch_size:
            for old in self.random.sample(self.memory, self.settings.batch_size):
                self._update(old)
        self.epsilon = max(self.settings.epsilon_min, self.epsilon * self.settings.epsilon_decay)

    def _update(self, experience: Experience) -> None:
        """Q(s, a) += α (r + γ max Q(s′, ·) − Q(s, a))."""
        values = self.q_values.setdefault(experience.state, [0.0] * len(ACTIONS))
        future = 0.0 if experience.next_state is None else max(self.values(experience.next_state))
        target = experience.reward + self.settings.discount_factor * future
        values[experience.action] += self.settings.learning_rate * (target - values[experience.action])


@dataclass
class QPolicy:
    """The agent as a policy: the action is a lead's tier, its value orders it within the tier.

    Places that are left are filled with the best of those it would skip, as `qualify_low`, so that every policy writes
    to the same number of leads. A success is rewarded as an interview, silence after the horizon as no response. What
    follows a decision is the state of the next lead chosen that day.
    """

    agent: Agent = field(default_factory=Agent)
    waiting: list[tuple[State, int, State | None]] = field(default_factory=list)
    settled: set[int] = field(default_factory=set)

    def choose(self, leads: Leads, budget: int) -> Ints:
        states = [tuple(map(int, state)) for state in leads.states]
        actions = [self.agent.act(state) for state in states]
        values = [self.agent.values(state)[action] for state, action in zip(states, actions, strict=True)]
        order = sorted(range(len(states)), key=lambda i: (actions[i], -values[i]))[:budget]
        for i, following in zip_longest(order, order[1:]):
            action = min(actions[i], SKIP - 1)
            self.waiting.append((states[i], action, None if following is None else states[following]))
        return np.array(order, dtype=np.int64)

    def learn(self, known: Known) -> None:
        """Each settled answer once."""
        for row in map(int, np.flatnonzero(known.is_settled)):
            if row not in self.settled:
                self.settled.add(row)
                state, action, following = self.waiting[row]
                reward = REWARDS["got_interview" if known.is_success[row] else "no_response"]
                self.agent.learn(Experience(state, action, reward, following))
