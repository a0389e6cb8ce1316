"""Tasks of the webhooks."""

from outreach.webhooks import delivering


def deliver() -> str:
    """Deliver what is due."""
    return f"{delivering.deliver_due()} attempts"


def forget_old() -> str:
    """Delete old deliveries."""
    return f"{delivering.forget_old()} deleted"
