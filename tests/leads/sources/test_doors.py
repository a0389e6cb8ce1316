"""The same services behind every door: pages, API, console, command line."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from campaigns.demo import listings_site
from leads.models import Lead
from leads.sources import services
from leads.sources.models import CrawlJob, RawRecord
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.jobs.draining import drain
from tests.servers.classifieds_site import answering

pytestmark = pytest.mark.django_db
ORDER = {
    "site": "demo",
    "locations": ["berlin"],
    "categories": ["sof"],
    "keywords": ["django"],
    "max_pages": 2,
    "priority": "high",
}


def user(role: str) -> User:
    made = User(username=f"{role}-of-sources")
    made.set_role(role)
    made.save()
    return made


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(user(Role.OPERATOR))
    return client


@pytest.fixture
def page():
    client = Client()
    client.force_login(user(Role.ADMINISTRATOR))
    return client


def crawl(**arguments) -> CrawlJob:
    given = {"adapter": "listings", "locations": ["berlin"], "categories": ["sof"], "options": {"site": "demo"}}
    job = services.start_crawl(services.CrawlPlan(**given | arguments))
    drain("web")
    job.refresh_from_db()
    return job


def run(capsys, *arguments):
    capsys.readouterr()
    call_command(*arguments)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_crawl_is_ordered_watched_and_steered_over_the_api(site, api):
    made = api.post("/api/v1/scraper/jobs/", ORDER)
    assert (made.status_code, made.data["state"], made.data["priority"], made.data["pages"]) == (201, "queued", 5, 2)
    url = f"/api/v1/scraper/jobs/{made.data['id']}/"
    assert api.post(f"{url}pause/").data["state"] == "paused"
    assert api.post(f"{url}pause/").status_code == 409
    assert api.get("/api/v1/scraper/queue/status/").data["jobs"]["paused"] == 1
    assert api.post(f"{url}resume/").data["state"] == "queued"
    drain("web")
    done = api.get(url).data
    assert (done["state"], done["done_count"], done["new_count"]) == ("done", 3, 2)
    assert [row["state"] for row in api.get(f"{url}pages/").data["results"]] == ["done"] * 3
    assert api.post(f"{url}retry/").data["round"] == 2
    assert api.post(f"{url}cancel/").data["state"] == "cancelled"
    assert [row["id"] for row in api.get("/api/v1/scraper/jobs/?state=cancelled").data["results"]] == [done["id"]]


@pytest.mark.parametrize(
    ("order", "field"),
    [({"adapter": "nothing"}, "adapter"), ({"seeds": ["ftp://x.example/"]}, "seeds"), ({}, "seeds"), ({"site": "demo", "locations": ["berlin"]}, "categories")],
)  # fmt: skip
def test_the_api_names_the_field_that_does_not_do(api, order, field):
    answer = api.post("/api/v1/scraper/jobs/", order)
    assert answer.status_code == 400
    assert answer.data.get("field") == field or field in answer.data.get("fields", {})


def test_viewers_look_and_do_not_steer(site):
    job = crawl(keywords=["django"])
    api, page = APIClient(), Client()
    viewer = user(Role.VIEWER)
    api.force_authenticate(viewer)
    page.force_login(viewer)
    assert api.get(f"/api/v1/scraper/jobs/{job.pk}/").status_code == 200
    assert api.post(f"/api/v1/scraper/jobs/{job.pk}/cancel/").status_code == 403
    assert page.get(f"/sources/{job.pk}/").status_code == 200
    assert page.post(f"/sources/{job.pk}/retry/").status_code == 403
    assert page.get("/sources/new/").status_code == 403


def test_a_crawl_is_ordered_and_watched_on_the_pages(site, page):
    assert "Nothing has been crawled yet" in page.get("/sources/").content.decode()
    order = {"adapter": "listings", "site": "demo", "locations": "berlin", "categories": "sof", "keywords": "django", "pages": "1", "priority": "normal"}  # fmt: skip
    answer = page.post("/sources/new/", order)
    job = CrawlJob.objects.get()
    assert answer["Location"] == f"/sources/{job.pk}/"
    assert "hx-trigger" in page.get(answer["Location"]).content.decode()
    assert page.post(f"/sources/{job.pk}/pause/").status_code == 302
    assert "Resume" in page.get(f"/sources/{job.pk}/").content.decode()
    page.post(f"/sources/{job.pk}/resume/")
    drain("web")
    shown = page.get(f"/sources/{job.pk}/").content.decode()
    assert "Django contractor, three months" in shown and "results: static" in shown and "hx-trigger" not in shown
    page.post(f"/sources/{job.pk}/refresh/", {"refresh_minutes": "30"})
    job.refresh_from_db()
    assert job.refresh_minutes == 30 and job.refresh_at
    assert "django" in page.get("/sources/?state=done").content.decode()


@pytest.mark.parametrize(
    "order",
    [
        {"pages": "1"},
        {"adapter": "listings", "pages": "1", "priority": "normal"},
        {"adapter": "listings", "pages": "x", "seeds": "ftp://a"},
    ],
)
def test_an_order_that_does_not_do_comes_back_with_what_is_wrong(page, order):
    answer = page.post("/sources/new/", order)
    assert answer.status_code == 422 and not CrawlJob.objects.exists()


def test_why_a_job_stopped_is_told_on_its_page(site, page):
    site.routes["/search/sof"] = answering(403)
    job = crawl()
    shown = page.get(f"/sources/{job.pk}/").content.decode()
    assert "denied access to this page (403)" in shown and "Try again" in shown


def test_a_lead_shows_its_listing_and_the_raw_record_as_text_only(site, page):
    site.routes["/view/d/evil/7700009999"] = answering(
        200,
        '<span id="titletextonly">Evil &lt;b&gt;</span><section id="postingbody">x<script>alert("own")</script></section>',
    )
    services.start_crawl(
        services.CrawlPlan("listings", seeds=["http://berlin.classifieds.example/view/d/evil/7700009999"])
    )
    drain("web")
    lead, record = Lead.objects.get(), RawRecord.objects.get()
    shown = page.get(f"/leads/{lead.pk}/").content.decode()
    assert f"/sources/records/{record.pk}/" in shown
    raw = page.get(f"/sources/records/{record.pk}/").content.decode()
    assert "&lt;script&gt;alert(&quot;own&quot;)" in raw and "<script>alert" not in raw


def test_the_console_lists_and_steers(site, page):
    job = crawl(keywords=["django"])
    record = RawRecord.objects.first()
    for path in ("crawljob", "crawlpage", "rawrecord"):
        assert page.get(f"/admin/sources/{path}/").status_code == 200
    assert page.get("/admin/web/host/").status_code == 200
    assert page.get(f"/admin/sources/rawrecord/{record.pk}/change/").status_code == 200
    page.post("/admin/sources/crawljob/", {"action": "retry", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert (job.state, job.round) == ("queued", 2)
    answer = page.post(
        "/admin/sources/rawrecord/", {"action": "read_again", "_selected_action": [record.pk]}, follow=True
    )
    assert "1 unchanged" in answer.content.decode()


def test_the_command_line_orders_waits_and_steers(site, capsys):
    arguments = ["crawl", "start", "--site", "demo", "--location", "berlin", "--category", "sof", "--keyword", "django"]
    [job] = run(capsys, *arguments, "--wait", "--json")
    assert (job["state"], job["new"], job["remarks"]["results: static"]) == ("done", 2, 1)
    [second] = run(capsys, *arguments, "--refresh", "30", "--json")
    for verb, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled"), ("retry", "queued")):
        [row] = run(capsys, "crawl", verb, str(second["id"]), "--json")
        assert row["state"] == state
    assert [row["id"] for row in run(capsys, "crawl", "list", "--json")] == [second["id"], job["id"]]
    [status] = run(capsys, "crawl", "status", "--json")
    assert status["jobs"]["queued"] == 1
    [again] = run(capsys, "crawl", "read-again", "--all", "--json")
    assert again["outcome"] == "2 unchanged"


def test_the_command_line_says_what_is_wrong(capsys):
    with pytest.raises((SystemExit, CommandError)):
        call_command("crawl", "start", "ftp://nowhere.example/", "--json")
    assert json.loads(capsys.readouterr().err)["field"] == "seeds"


def test_inspect_shows_how_pages_pay_and_robots_are_understood(tmp_path, capsys):
    ad = listings_site.ads("berlin")[0]
    (tmp_path / "posting.html").write_text(listings_site.posting(ad))
    (tmp_path / "results.html").write_text(listings_site.results("hamburg", "sof", "", 0))
    (tmp_path / "unknown.html").write_text("<h1>?</h1>")
    files = [str(tmp_path / f"{name}.html") for name in ("posting", "results", "unknown", "missing")]
    posting, results, unknown, missing = run(
        capsys, "inspect", "listing", *files, "--url", listings_site.address(ad), "--json"
    )
    assert (posting["kind"], posting["layout"], posting["company"], posting["language"]) == (
        "posting",
        "classified",
        "Rollwerk",
        "en",
    )
    assert (results["kind"], results["layout"], results["count"]) == ("results", "gallery", 24)
    assert (unknown["code"], missing["code"]) == ("layout_unknown", "file_unreadable")
    [pay, nothing] = run(capsys, "inspect", "pay", "$25-30/hr", "competitive", "--json")
    assert (pay["min"], pay["max"], pay["currency"], pay["period"], nothing["min"]) == (25, 30, "USD", "hour", None)
    (tmp_path / "robots.txt").write_text("User-agent: *\nDisallow: /private\nCrawl-delay: 3\n")
    rows = run(
        capsys, "inspect", "robots", str(tmp_path / "robots.txt"), "--agent", "AnyBot", "--url", "https://x.example/a", "--url",
        "https://x.example/private/b", "--json",
    )  # fmt: skip
    assert [(row["is_allowed"], row["crawl_delay_seconds"]) for row in rows] == [(True, 3), (False, 3)]
