"""The sites that a crawl of listings can name."""

from __future__ import annotations

from django.conf import settings

from outreach.finding import Site

BUILT_IN: dict[str, Site] = {}
"""Sites that need no configuration. Whoever runs one adds it here."""


def sites() -> dict[str, Site]:
    """Sites whose result pages are known by location and category: built in, then those of `sources.sites`."""
    return {**BUILT_IN, **settings.OUTREACH.sources.sites}
