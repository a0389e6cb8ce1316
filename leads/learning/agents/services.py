"""Use cases of agents: take feedback, and learn from it with replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from leads.learning.agents.states import action_of, features_of, key_of, state_of
from leads.learning.models import Agent, AgentState, Experience, Signal
from leads.learning.policies import q_learning
from leads.models import Lead
from leads.qualification import expectations, factors
from leads.qualification.expectations import Expectations
from leads.qualification.models import Brief, Verdict
from leads.qualification.profile import profile_of
from leads.qualification.selectors import latest_verdicts
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

MEMORY = q_learning.Settings().memory_size


@dataclass(frozen=True)
class Feedback:
    """What became of one lead. `key` names the event: the same event counts once."""

    lead: Lead
    signal: str
    key: str


def reward(*, brief: Brief, lead: Lead, signal: str, key: str) -> bool:
    """Take in one feedback and learn from it; False when it was told before. Raises `Invalid` for an unknown signal."""
    return bool(take(brief=brief, feedback=[Feedback(lead, signal, key)]))


@transaction.atomic
def take(*, brief: Brief, feedback: Sequence[Feedback]) -> int:
    """Take in what is new of `feedback`, in its order, and learn from it; returns how many were new."""
    for item in feedback:
        if item.signal not in Signal.values:
            raise Invalid("signal", _("Unknown signal “%(signal)s”.") % {"signal": item.signal}, code="signal_unknown")
    agent, _made = Agent.objects.get_or_create(brief=brief)
    agent = Agent.objects.select_for_update().get(pk=agent.pk)
    known = set(agent.experiences.filter(key__in=[item.key for item in feedback]).values_list("key", flat=True))
    new = {item.key: item for item in feedback if item.key not in known}
    if new:
        verdicts = latest_verdicts([item.lead.pk for item in new.values()], brief.pk)
        wanted = expectations.parse(brief.factors)
        Experience.objects.bulk_create([_row(agent, item, wanted, verdicts.get(item.lead.pk)) for item in new.values()])
        _learn(agent)
    return len(new)


def _row(agent: Agent, item: Feedback, wanted: Expectations, verdict: Verdict | None) -> Experience:
    profile = profile_of(item.lead)
    return Experience(
        agent=agent,
        lead=item.lead,
        features=state_of(
            profile=profile,
            assessment=factors.assess(profile, wanted),
            posted_at=item.lead.activity_at,
            now=clock.now(),
        ),
        action=action_of(verdict.grade if verdict else "", verdict.is_qualified if verdict else None),
        signal=item.signal,
        reward=q_learning.REWARDS[item.signal],
        key=item.key,
    )


@transaction.atomic
def rebuild(*, brief: Brief) -> Agent:
    """The agent's table once more from its first experience on; the same experiences give the same table."""
    agent = Agent.objects.select_for_update().get(brief=brief)
    agent.states.all().delete()
    agent.experiences.update(is_learned=False)
    agent.epsilon, agent.learned_count = q_learning.Settings().epsilon, 0
    _learn(agent)
    return agent


def _learn(agent: Agent) -> None:
    """Learn what is new, in order, with replay from the memory; the caller holds the agent's lock."""
    new = list(agent.experiences.filter(is_learned=False).order_by("pk"))
    pure = loaded(agent)
    touched: set[q_learning.State] = set()
    for row in new:
        pure.random.seed(row.pk)  # replay draws the same batch whenever this experience is learned
        before = {state: list(values) for state, values in pure.q_values.items()}
        pure.learn(experience_of(row))
        touched |= {state for state, values in pure.q_values.items() if before.get(state) != values}
        touched.add(key_of(row.features))
    _save(agent, pure, touched)
    agent.epsilon, agent.learned_count = pure.epsilon, agent.learned_count + len(new)
    agent.save(update_fields=["epsilon", "learned_count", "updated_at"])
    agent.experiences.filter(pk__in=[row.pk for row in new]).update(is_learned=True)


def loaded(agent: Agent) -> q_learning.Agent:
    """The agent as arithmetic knows it: table, memory, ε."""
    pure = q_learning.Agent()
    for state in agent.states.all():
        key = key_of(state.features)
        pure.q_values[key] = [state.q_values[action] for action in q_learning.ACTIONS]
        pure.visits[key] = state.visit_count
    learned = agent.experiences.filter(is_learned=True)
    pure.memory.extend(experience_of(row) for row in list(learned.order_by("-pk")[:MEMORY])[::-1])
    pure.epsilon = agent.epsilon
    return pure


def experience_of(row: Experience) -> q_learning.Experience:
    """Each lead is an episode of one step: nothing that we decide follows from it."""
    return q_learning.Experience(key_of(row.features), q_learning.ACTIONS.index(row.action), row.reward)


def _save(agent: Agent, pure: q_learning.Agent, touched: set[q_learning.State]) -> None:
    rows = [
        AgentState(
            agent=agent,
            features=features_of(key),
            q_values=dict(zip(q_learning.ACTIONS, pure.values(key), strict=True)),
            visit_count=pure.visits.get(key, 0),
            updated_at=clock.now(),
        )
        for key in touched
    ]
    AgentState.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["agent", "features"],
        update_fields=["q_values", "visit_count", "updated_at"],
    )
