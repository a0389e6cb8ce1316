"""Tasks of the event deliveries."""

from outreach.events import services


def deliver() -> str:
    """Deliver what is pending."""
    return f"{services.deliver_due()} deliveries"
