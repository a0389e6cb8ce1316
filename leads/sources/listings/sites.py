"""The sites that a crawl of listings can name."""

from __future__ import annotations

from django.conf import settings

from outreach.configuration import Site


def sites() -> dict[str, Site]:
    """Sites whose result pages are known by location and category: the sandbox's, then those of the configuration."""
    sandbox = {name: Site(search_url=url) for name, url in settings.SANDBOX_SITES.items()}
    return {**sandbox, **settings.OUTREACH.sources.sites}
