"""Background work of the lab."""

from __future__ import annotations

from conversations.lab import services
from conversations.lab.models import Run


def hold(run_id: int) -> str:
    """Play a run."""
    run = services.hold(Run.objects.select_related("playbook_version").get(pk=run_id))
    return f"lab run {run.pk}: {run.plays.count()} conversations"
