"""Background work of segments."""

from leads import changes
from outreach.core.words import ngettext


def forget_titles() -> str:
    """Remove titles that no lead has any more from the dictionary."""
    count = changes.forget_titles()
    return ngettext("%(count)s title removed", "%(count)s titles removed", count) % {"count": count}
