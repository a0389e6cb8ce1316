"""A text tried on a playbook, from its page: how it is read, what would be answered, from what, and whether that would leave."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from conversations.playbooks import wording
from conversations.playbooks.models import Playbook
from conversations.replies.models import DOUBTS, Intent
from conversations.replies.trying import try_text
from outreach.access.pages import Request
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

MAX_TEXT = 3_000


@require_POST
@role_required(Role.REVIEWER)
def try_playbook(request: Request, pk: int) -> HttpResponse:
    """Answer a text as the first reply of somebody unknown. Nothing is sent or stored but the model's call."""
    playbook = get_object_or_404(Playbook, pk=pk)
    text = request.POST.get("text", "").strip()[:MAX_TEXT]
    if not text:
        raise Invalid("text", _("Enter what a person would write."), code="empty")
    channel = "sms" if request.POST.get("channel") == "sms" else "email"
    trial = try_text(text, playbook=playbook.current, channel=channel)
    context = {
        "playbook": playbook,
        "text": text,
        "channel": channel,
        "trial": trial,
        "intent": Intent(trial.intent).label,
        "sure": f"{trial.confidence:.0%}",
        "reason": wording.ALWAYS.get(trial.reason, ""),
        "doubts": [DOUBTS[code] for code in trial.answer.doubts if code in DOUBTS],
    }
    return render(request, "conversations/lab/_trial.html" if request.htmx else "conversations/lab/trial.html", context)
