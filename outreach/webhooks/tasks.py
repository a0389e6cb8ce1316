"""Tasks of the webhooks."""

from outreach.core.words import gettext as _
from outreach.core.words import ngettext
from outreach.webhooks import delivering


def deliver() -> str:
    """Deliver what is due."""
    count = delivering.deliver_due()
    return ngettext("%(count)s attempt", "%(count)s attempts", count) % {"count": count}


def forget_old() -> str:
    """Delete old deliveries."""
    return _("%(count)s deleted") % {"count": delivering.forget_old()}
