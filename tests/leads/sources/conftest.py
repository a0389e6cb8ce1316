"""A local site that answers under reserved names, and a pace that does not slow tests down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from campaigns.demo import listings_site
from leads.sources.listings.sites import BUILT_IN
from outreach.configuration import Configuration
from outreach.finding import Site
from outreach.web.addresses import RESERVED_HOSTS
from tests.servers.classifieds_site import ClassifiedsSite, running


@pytest.fixture
def site(settings, monkeypatch) -> Iterator[ClassifiedsSite]:
    settings.OUTREACH = Configuration.model_validate(
        {
            "fetching": {
                "requests_per_second_per_host": 10_000,
                "burst_per_host": 10_000,
                "requests_per_second": 10_000,
                "timeout_seconds": 5,
                "max_megabytes": 1,
                "contact": "crawler@firm.example",
            }
        }
    )
    with running() as site:
        monkeypatch.setitem(RESERVED_HOSTS, "classifieds.example", lambda: site.place)
        yield site


@pytest.fixture(autouse=True)
def built_in_site(monkeypatch) -> None:
    monkeypatch.setitem(BUILT_IN, "demo", Site(search_url=listings_site.SEARCH_URL))
