"""Settings → Assistants: how one is connected, what it may do, and what assistants did."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.assistants.tools import CALLED, TOOLS
from outreach.core.models import AuditEntry

SHOWN_CALLS = 25


@require_safe
@role_required(Role.VIEWER)
def index(request: HttpRequest) -> HttpResponse:
    """The addresses to connect to, the tools, and the newest calls: everybody's for administrators, else one's own."""
    calls = AuditEntry.objects.filter(action=CALLED).order_by("-pk")
    if not request.user.has_perm("outreach.administer"):
        calls = calls.filter(user=request.user.pk)
    address = request.build_absolute_uri("/mcp")
    remote = {"type": "http", "url": address, "headers": {"Authorization": "Bearer <your API key>"}}
    local = {
        "command": ".venv/bin/python",
        "args": ["manage.py", "mcp", "serve", "--user", request.user.get_username()],
    }
    context = {
        "address": address,
        "remote": json.dumps({"mcpServers": {"outreach": remote}}, indent=2),
        "local": json.dumps({"mcpServers": {"outreach": local}}, indent=2, ensure_ascii=False),
        "tools": [
            {
                "name": tool.name,
                "title": tool.title,
                "description": tool.description,
                "role": Role(tool.role).label,
                "is_proposal": tool.is_proposal,
            }
            for tool in TOOLS.entries()
        ],
        "calls": calls[:SHOWN_CALLS],
    }
    return render(request, "assistants/index.html", context)
