"""What agents learn from events."""

from __future__ import annotations

from leads.learning.agents import services
from leads.learning.models import Signal
from leads.qualification.models import Verdict
from outreach.events.models import Event


def on_lead_qualified(event: Event) -> None:
    """A person's verdict is feedback: each verdict counts once."""
    verdict = (
        Verdict.objects.select_related("lead__company", "brief").filter(pk=event.payload.get("verdict_id")).first()
    )
    if verdict is None or verdict.source != Verdict.Source.PERSON:
        return
    services.reward(
        brief=verdict.brief,
        lead=verdict.lead,
        signal=Signal.USER_APPROVED if verdict.is_qualified else Signal.USER_REJECTED,
        key=f"verdict:{verdict.pk}",
    )
