"""What models leave behind is cleared every night, and sent on when somebody collects it."""

from __future__ import annotations

from outreach.core.words import gettext as _
from outreach.llm import otlp
from outreach.llm.keeping import forget_old_texts


def prune() -> str:
    """Delete the texts of calls after their time, and what has expired."""
    return _("Texts of calls deleted: %(count)s") % {"count": forget_old_texts()}


def send_traces() -> str:
    """Send new calls to the OpenTelemetry collector, if there is one."""
    return _("Calls sent: %(count)s") % {"count": otlp.send_new()}
