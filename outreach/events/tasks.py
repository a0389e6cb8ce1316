"""Tasks of the event deliveries."""

from outreach.core.words import ngettext
from outreach.events import services


def prune() -> str:
    """Forget old events."""
    count = services.prune()
    return ngettext("%(count)s event", "%(count)s events", count) % {"count": count}


def deliver() -> str:
    """Deliver what is pending."""
    count = services.deliver_due()
    return ngettext("%(count)s delivery", "%(count)s deliveries", count) % {"count": count}
