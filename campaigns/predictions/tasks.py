"""Background work of predictions."""

from campaigns.predictions import training
from outreach.core.words import ngettext


def learn() -> str:
    """Tonight's knowledge."""
    night = training.learn()
    count = night.people_count
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}
