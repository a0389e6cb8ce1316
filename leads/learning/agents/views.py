"""The page of a brief's agent: every state with its values, and the newest experiences."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from leads.learning.models import Agent
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
        {"row": state, "features": [(name, state.features[name]) for name in FEATURES], "values": [state.q_values[action] for action in ACTIONS], "best": max(state.q_values, key=lambda a: state.q_values[a])}
        for state in agent.states.order_by("-visit_count", "pk")[:SHOWN]
    ]  # fmt: skip
    return render(
        request,
        "leads/learning/agent.html",
        {
            "agent": agent,
            "settings": Settings(),
            "actions": ACTIONS,
            "states": states,
            "experiences": agent.experiences.select_related("lead")[:50],
        },
    )
