"""Tasks of the notifications."""

from outreach.core.words import gettext as _
from outreach.core.words import ngettext
from outreach.notifications import services


def tell() -> str:
    """Tell everyone what waits for them."""
    count = services.tell_due()
    return ngettext("%(count)s message", "%(count)s messages", count) % {"count": count}


def look() -> str:
    """Ask the watches, and see to it that events are followed."""
    services.follow_events()
    count = services.look()
    return ngettext("%(count)s notice", "%(count)s notices", count) % {"count": count}


def forget_old() -> str:
    """Delete old notices."""
    return _("%(count)s deleted") % {"count": services.forget_old()}
