"""Tasks of the event deliveries."""

from outreach.events import services


def prune() -> str:
    """Forget old events."""
    return f"{services.prune()} events"


def deliver() -> str:
    """Deliver what is pending."""
    return f"{services.deliver_due()} deliveries"
