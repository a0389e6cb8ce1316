"""The circuit rows, shared by all workers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from outreach.limits import circuit
from outreach.llm.models import Circuit


def may_ask(provider: str, state: circuit.Snapshot, *, now: datetime) -> bool:
    """Whether `provider` may be asked in this `state`; of several workers at the end of a pause, one gets a yes."""
    match circuit.decide(state, now=now):
        case circuit.Decision.ASK:
            return True
        case circuit.Decision.SPARE:
            return False
        case circuit.Decision.PROBE:
            claimed = Circuit.objects.filter(provider=provider, opened_until=state.opened_until)
            return bool(claimed.update(opened_until=now + circuit.PROBE_LEASE))


def record_failure(provider: str, error: str, *, now: datetime) -> None:
    """Count one provider fault."""
    with transaction.atomic():
        Circuit.objects.get_or_create(provider=provider)
        row = Circuit.objects.select_for_update().get(provider=provider)
        after = circuit.after_failure(circuit.Snapshot(row.failures, row.opened_until), now=now)
        row.failures, row.opened_until, row.last_error = after.failures, after.opened_until, error[:500]
        row.save(update_fields=["failures", "opened_until", "last_error", "updated_at"])


def record_success(provider: str) -> None:
    """Close the circuit; nothing is written when it was closed already."""
    Circuit.objects.filter(provider=provider).exclude(failures=0, opened_until=None).update(
        failures=0, opened_until=None
    )
