"""What models leave behind is cleared every night, and sent on when somebody collects it."""

from __future__ import annotations

from outreach.llm import otlp
from outreach.llm.keeping import forget_old_texts


def prune() -> str:
    """Delete the texts of calls after their time, and what has expired."""
    return f"deleted the texts of {forget_old_texts()} calls"


def send_traces() -> str:
    """Send new calls to the OpenTelemetry collector, if there is one."""
    return f"sent {otlp.send_new()} calls"
