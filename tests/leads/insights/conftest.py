"""Vectors by hashed words, local research services, and a website on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from outreach.web.addresses import RESERVED_HOSTS
from tests.leads.factories import make_company
from tests.servers.classifieds_site import ClassifiedsSite, answering, running
from tests.servers.research_services import ResearchServices

HOME = """<html><head><title>Acme</title><meta name="description" content="Acme is a maker of pumps for water works.">
</head><body><nav><a href="/about">About us</a><a href="/jobs">Jobs</a><a href="/imprint">Imprint</a>
<a href="http://elsewhere.example/about">Partner</a></nav>
<main><p>Our pumps run in forty cities of Central Europe.</p></main></body></html>"""
ABOUT = """<html><head><title>About Acme</title></head><body><p>Acme was founded in 1998 and employs 240 people.</p>
<p>Our planners still copy orders by hand into spreadsheets every morning.</p></body></html>"""
JOBS = """<html><head><title>Jobs</title></head><body><p>We are hiring a Head of Supply Planning in Warsaw.</p></body></html>"""


@pytest.fixture(autouse=True)
def policy(settings: Any, no_quiet_hours: None) -> Any:
    """No model for vectors, no pace, only the website is asked; tests switch services on."""
    policy = settings.OUTREACH.model_copy(deep=True)
    policy.embeddings.embedder = "hash"
    policy.research.use = ("website",)
    policy.llm.retry_base_seconds = 0
    policy.fetching.requests_per_second_per_host = policy.fetching.burst_per_host = 10_000
    policy.fetching.requests_per_second = 10_000
    settings.OUTREACH = policy
    return policy


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassifiedsSite]:
    with running() as site:
        site.robots = (200, "User-agent: *\nDisallow: /secret\n")
        for path, page in (("/", HOME), ("/about", ABOUT), ("/jobs", JOBS)):
            site.routes[path] = answering(200, page)
        monkeypatch.setitem(RESERVED_HOSTS, "acme.example", lambda: site.place)
        yield site


@pytest.fixture
def services(policy: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResearchServices]:
    """The three paid services with a key each, and nothing else."""
    fake = ResearchServices()
    policy.research.use = ("exa", "parallel", "anysite")
    for name in policy.research.use:
        getattr(policy.research, name).base_url = fake.base_url
        monkeypatch.setenv(getattr(policy.research, name).api_key_env, "a-key")
    yield fake
    fake.close()


@pytest.fixture
def acme(db: None) -> Any:
    return make_company("Acme GmbH", website="http://acme.example/", domain="acme.example")
