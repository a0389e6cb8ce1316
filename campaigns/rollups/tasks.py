"""Background work of rollups."""

from __future__ import annotations

from campaigns.rollups import services
from campaigns.rollups.models import Zone
from outreach.core.words import ngettext

EACH_RUN = 100_000


def keep() -> str:
    """What has changed since the last run."""
    count = services.catch_up(most=EACH_RUN)
    return ngettext("%(count)s person counted", "%(count)s people counted", count) % {"count": count}


def count_zone(pk: int) -> str:
    """The days of a zone that somebody reads reports in for the first time."""
    zone = Zone.objects.filter(pk=pk, built_at=None).first()
    if zone is not None:
        services.count_zone(zone)
    return zone.name if zone else "counted already"
