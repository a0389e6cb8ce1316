"""A crawl as a person orders it: fill the form, watch, read why it stopped, look at a lead and its raw record."""

import pytest
from playwright.sync_api import expect

from campaigns.demo import listings_site
from leads.sources.listings.sites import BUILT_IN
from leads.sources.models import CrawlJob
from outreach.configuration import Configuration
from outreach.finding import Site
from outreach.jobs.draining import drain
from outreach.web.addresses import RESERVED_HOSTS
from tests.servers.classifieds_site import answering, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(settings, monkeypatch):
    settings.OUTREACH = Configuration.model_validate(
        {"fetching": {"requests_per_second_per_host": 10_000, "burst_per_host": 10_000, "requests_per_second": 10_000}}
    )
    monkeypatch.setitem(BUILT_IN, "sandbox", Site(search_url=listings_site.SEARCH_URL))
    with running() as site:
        monkeypatch.setitem(RESERVED_HOSTS, "classifieds.example", lambda: site.place)
        yield site


def test_a_crawl_is_ordered_watched_and_understood(site, signed_in_page, screenshot):
    page = signed_in_page("operator", "/sources/")
    screenshot(page, "sources-empty")
    page.get_by_role("link", name="New crawl").first.click()
    page.get_by_label("Site").select_option("sandbox")
    page.get_by_label("Locations").fill("berlin")
    page.get_by_label("Categories").fill("sof")
    screenshot(page, "sources-new")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Queued").first).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused").first).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Queued").first).to_be_visible()
    site.routes["/view/d/data-entry-two-days-a-week/7700000002"] = answering(200, "<h1>new layout</h1>")
    drain("web")
    expect(page.get_by_text("Done").first).to_be_visible()
    expect(page.get_by_text("layout_unknown").first).to_be_visible()
    screenshot(page, "sources-done")
    page.get_by_role("link", name="Django contractor, three months").first.click()
    expect(page.get_by_role("heading", name="Where it was found")).to_be_visible()
    screenshot(page, "sources-lead")
    page.get_by_role("link", name="Raw record").click()
    expect(page.get_by_text('<section id="postingbody">')).to_be_visible()
    screenshot(page, "sources-record")

    site.routes["/search/jjj"] = answering(403)
    page.goto(page.url.split("/sources/")[0] + "/sources/new/")
    page.get_by_label("Addresses").fill("http://hamburg.classifieds.example/search/jjj")
    page.get_by_role("button", name="Start").click()
    drain("web")
    expect(page.get_by_text("denied access to this page (403)").first).to_be_visible()
    screenshot(page, "sources-stopped")
    page.goto(page.url.split("/sources/")[0] + "/sources/")
    expect(page.get_by_role("row")).to_have_count(1 + CrawlJob.objects.count())
    screenshot(page, "sources-list")
