"""Background work of experiments."""

from __future__ import annotations

from campaigns.experiments import services
from outreach.core.words import gettext as _


def look() -> str:
    """Every hour; see `services.look`."""
    return _("%(count)s looked at") % {"count": len(services.look())}
