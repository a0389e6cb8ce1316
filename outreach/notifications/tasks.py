"""Tasks of the notifications."""

from outreach.notifications import services


def tell() -> str:
    """Tell everyone what waits for them."""
    return f"{services.tell_due()} messages"


def look() -> str:
    """Ask the watches, and see to it that events are followed."""
    services.follow_events()
    return f"{services.look()} notices"


def forget_old() -> str:
    """Delete old notices."""
    return f"{services.forget_old()} deleted"
