"""The page of a brief's policies: how they compare, what each believes, and the newest experiences."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from leads.learning.agents import sampling
from leads.learning.models import Agent, Sampler
from leads.learning.policies.comparing import labels
from leads.learning.policies.q_learning import ACTIONS, FEATURES, Settings
from outreach.access.permissions import role_required
from outreach.access.roles import Role

SHOWN = 200


@require_GET
@role_required(Role.OPERATOR)
def page(request: HttpRequest, brief_id: int) -> HttpResponse:
    """States by how often they were met; of experiences the newest."""
    agent = get_object_or_404(Agent.objects.select_related("brief"), brief=brief_id)
    states = [
        {
            "row": state,
            "features": [(name, state.features[name]) for name in FEATURES],
            "values": [(state.q_values[action], action == best) for action in ACTIONS],
        }
        for state in agent.states.order_by("-visit_count", "pk")[:SHOWN]
        for best in [max(ACTIONS, key=state.q_values.__getitem__)]
    ]
    return render(
        request,
        "leads/learning/agent.html",
        {
            "agent": agent,
            **_compared(agent),
            "settings": Settings(),
            "actions": ACTIONS,
            "states": states,
            "experiences": agent.experiences.select_related("lead")[:50],
        },
    )


def _compared(agent: Agent) -> dict[str, Any]:
    """Both policies with their measures, the default, and the sampler's weights as factors of the odds."""
    sampler = Sampler.objects.filter(brief=agent.brief_id).first()
    measures = sampler.measures if sampler else {}
    weights = []
    if sampler is not None:
        spread = np.sqrt(np.diag(np.linalg.inv(np.array(sampler.precision))))
        odds = np.exp(np.array([sampler.mean, sampler.mean - 1.96 * spread, sampler.mean + 1.96 * spread]))
        weights = [
            {"feature": name, "step": step, "odds": middle, "low": low, "high": high}
            for (name, step), (middle, low, high) in zip(sampling.COLUMNS, odds.T[1:].tolist(), strict=True)
        ]
    return {
        "sampler": sampler,
        "measures": measures,
        "policies": [
            (labels()[name], measures.get(name), name == sampling.default_of(sampler)) for name in sampling.POLICIES
        ],
        "weights": weights,
    }
