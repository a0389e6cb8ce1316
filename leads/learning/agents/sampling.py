"""Both policies of a brief behind one protocol: the specified Q-learning and a Thompson sampler, on the same experiences.

The sampler believes in one weight for each step of the agent's five features (`ThompsonPolicy`). Which of the two is the
default of a brief is measured: each ranks experiences that it has not learned from yet, and the better ranking wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import transaction

from leads.learning import metrics
from leads.learning.agents import services
from leads.learning.agents.states import STEPS, key_of, state_of
from leads.learning.models import Agent, Experience, Sampler
from leads.learning.policies import q_learning
from leads.learning.policies.base import HORIZON, Floats, Known, Leads, Policy
from leads.learning.policies.bayes import Belief, with_constant
from leads.learning.policies.linear import ThompsonPolicy
from leads.models import Lead
from leads.qualification import expectations, factors
from leads.qualification.models import Brief
from leads.qualification.profile import profile_of
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.late import late
from outreach.core.words import gettext as _

sklearn_metrics = late("sklearn.metrics")

THOMPSON, Q_LEARNING = "thompson", "q_learning"
POLICIES = (THOMPSON, Q_LEARNING)
SPREAD = 1.0
PARTS = 10
"""The experiences are ranked in so many parts, each after learning from those before it."""
FEWEST, FEWEST_OF_A_KIND = 40, 10
"""With fewer experiences, or of either outcome, the winner of the simulation is the default."""
COLUMNS = [(name, step) for name, steps in STEPS.items() for step in steps[1:]]
"""Feature and step of each weight after the constant; unknown is the step that the others are compared with."""


def leads_of(states: Sequence[q_learning.State]) -> Leads:
    """Leads by their states: a column for each step of each feature."""
    rows = np.array(states, dtype=np.int64).reshape(len(states), len(STEPS))
    steps = [rows[:, i] == number for i, names in enumerate(STEPS.values()) for number in range(1, len(names))]
    return Leads(with_constant(np.column_stack(steps).astype(float)), rows)


def fitted(rows: Sequence[Experience]) -> ThompsonPolicy:
    """The sampler after these experiences, oldest first; the same ones give the same belief."""
    policy = ThompsonPolicy(Belief.around(np.zeros(len(COLUMNS) + 1), spread=SPREAD))
    if rows:
        newest = rows[-1].created_at
        is_success = np.array([row.reward > 0 for row in rows])
        age = np.array([HORIZON + (newest - row.created_at).days for row in rows])
        policy.learn(Known(leads_of([key_of(row.features) for row in rows]), is_success, age, is_success - 1))
    return policy


def refresh(*, brief: Brief) -> Sampler | None:
    """The sampler's state and both policies' measures from all experiences kept; None when nothing is new."""
    agent = Agent.objects.filter(brief=brief).first()
    if agent is None or Sampler.objects.filter(brief=brief, experience_count=agent.learned_count).exists():
        return None
    rows = list(agent.experiences.filter(is_learned=True).order_by("-pk")[: services.MEMORY])[::-1]
    belief = fitted(rows).belief
    found = {
        "mean": belief.mean.tolist(),
        "precision": belief.precision.tolist(),
        "experience_count": agent.learned_count,
        "success_count": sum(row.reward > 0 for row in rows),
        "measures": measured(rows),
    }
    with transaction.atomic():
        return Sampler.objects.update_or_create(brief=brief, defaults=found)[0]


def refresh_all() -> int:
    """Every brief with new experiences; returns how many."""
    return sum(refresh(brief=agent.brief) is not None for agent in Agent.objects.select_related("brief").order_by("pk"))


def measured(rows: Sequence[Experience]) -> dict[str, Any]:
    """How well each policy ranks experiences before it learns from them: AUC with interval; empty on too few."""
    parts = [[rows[i] for i in part] for part in np.array_split(np.arange(len(rows)), PARTS)]
    outcome = np.array([row.reward > 0 for part in parts[1:] for row in part])
    if len(rows) < FEWEST or min(outcome.sum(), (~outcome).sum()) < FEWEST_OF_A_KIND:
        return {}
    scores: dict[str, list[Floats]] = {name: [] for name in POLICIES}
    agent, before = q_learning.Agent(), list(parts[0])
    for row in parts[0]:
        agent.learn(services.experience_of(row))
    for part in parts[1:]:
        states = [key_of(row.features) for row in part]
        scores[THOMPSON].append(fitted(before).mean(leads_of(states)))
        scores[Q_LEARNING].append(np.array([_rank(agent, state) for state in states]))
        for row in part:
            agent.learn(services.experience_of(row))
        before += part
    found: dict[str, Any] = {"experiences": len(outcome), "successes": int(outcome.sum())}
    for name, said in scores.items():
        score = np.concatenate(said)
        low, high = metrics.auc_interval(outcome, score)
        found[name] = {"auc": float(sklearn_metrics.roc_auc_score(outcome, score)), "low": low, "high": high}
    return found


def _rank(agent: q_learning.Agent, state: q_learning.State) -> float:
    """What Q-learning would choose by, without its random choices: the tier, then the value within it."""
    action = agent.best(state)
    return float(np.tanh(agent.values(state)[action] / 40) - 2 * action)


def default_of(sampler: Sampler | None) -> str:
    """The policy that measures better; the sampler, which wins in simulations, while too little is known."""
    measures = sampler.measures if sampler else {}
    return max(POLICIES, key=lambda name: measures[name]["auc"]) if measures else THOMPSON


def policies_of(brief: Brief) -> dict[str, Policy]:
    """The brief's policies as they are now, behind one protocol."""
    sampler, agent = Sampler.objects.filter(brief=brief).first(), Agent.objects.filter(brief=brief).first()
    thompson = fitted([])
    if sampler is not None:
        thompson.belief = Belief(np.array(sampler.mean), np.array(sampler.precision))
        thompson.random = np.random.default_rng(sampler.experience_count)
    q_policy = q_learning.QPolicy(services.loaded(agent) if agent else q_learning.Agent())
    return {THOMPSON: thompson, Q_LEARNING: q_policy}


def choose(*, brief: Brief, leads: Sequence[Lead], budget: int, policy: str = "") -> tuple[str, list[Lead]]:
    """At most `budget` of the leads, best first, by the named policy or the brief's default; and which it was.

    Raises `Invalid` for an unknown policy. It proposes: nothing is qualified or written.
    """
    name = policy or default_of(Sampler.objects.filter(brief=brief).first())
    if name not in POLICIES:
        raise Invalid("policy", _("Unknown policy. Use thompson or q_learning."), code="policy_unknown")
    wanted = expectations.parse(brief.factors)
    states = []
    for lead in leads:
        profile = profile_of(lead)
        assessment = factors.assess(profile, wanted)
        features = state_of(
            profile=profile, assessment=assessment, posted_at=lead.activity_at, now=clock.now()
        )  # fmt: skip
        states.append(key_of(features))
    if not leads:
        return name, []
    return name, [leads[int(i)] for i in policies_of(brief)[name].choose(leads_of(states), budget)]
