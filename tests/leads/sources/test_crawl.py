"""A crawl job from its order to its leads, over the real fetcher and a local site that behaves well and badly."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection

from leads.models import Lead
from leads.sources import pipeline, reading, refreshing, services
from leads.sources.models import CrawlJob, CrawlPage, RawRecord
from leads.sources.registry import adapter
from outreach.configuration import Configuration
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.events.models import Event
from outreach.jobs.draining import drain
from outreach.jobs.models import QueueItem
from tests.servers.classifieds_site import answering, bomb, redirecting

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")
CITIES = ["berlin", "hamburg", "munich", "cologne", "vienna"]


def start(city: str = "munich", *, pages: int = 3, keywords: tuple[str, ...] = (), **arguments) -> CrawlJob:
    plan = services.CrawlPlan(
        adapter="listings",
        locations=[city],
        categories=["sof"],
        keywords=keywords,
        pages=pages,
        options={"site": "demo"},
        **arguments,
    )
    return services.start_crawl(plan)


def seeded(path: str, **arguments) -> CrawlJob:
    return services.start_crawl(
        services.CrawlPlan("listings", seeds=[f"http://berlin.classifieds.example{path}"], **arguments)
    )


def crawl(job: CrawlJob) -> CrawlJob:
    drain("web")
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("city", CITIES)
def test_a_city_of_any_layout_becomes_leads(site, city):
    job = crawl(start(city))
    assert (job.state, job.new_count, job.failed_count) == ("done", 24, 0), job.reason
    assert job.done_count == job.total_count == (27 if city in {"munich", "cologne"} else 25)
    lead = Lead.objects.filter(source="classifieds.example").order_by("external_id").first()
    assert lead and lead.kind == "listing" and lead.activity_at and lead.content_hash
    assert bool(lead.company) is (city not in {"munich", "cologne"})
    assert {i.channel for i in lead.identities.all()} == {"email", "sms"}
    assert lead.raw_records.get().job == job
    assert sum(count for remark, count in job.remarks.items() if remark.startswith("posting")) == 24


def test_pages_are_bounded_and_keywords_go_to_the_site(site):
    job = crawl(start("munich", pages=2))
    assert job.new_count == 20
    assert crawl(start("berlin", keywords=("django",))).new_count == 2
    assert any("query=django" in path for path in site.paths())


def test_progress_is_told_page_by_page(site):
    job = crawl(start("berlin", keywords=("django",)))
    told = [e.payload for e in Event.objects.filter(kind="scraper.progress").order_by("pk")]
    assert [(p["done"], p["total"]) for p in told] == [(1, 3), (2, 3), (3, 3), (3, 3)]
    assert {p["job_id"] for p in told} == {job.pk} and told[-1]["state"] == "done"


def test_a_refresh_fetches_what_is_new_and_writes_nothing_for_the_rest(site):
    job = crawl(start("munich", pages=1, refresh_minutes=30))
    before = dict(Lead.objects.values_list("pk", "updated_at"))
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        site.requests.clear()
        assert refreshing.run() == 1 and refreshing.run() == 0
        job = crawl(job)
        assert (job.state, job.round, job.new_count, job.skipped_count) == ("done", 2, 0, 10)
        assert [p for p in site.paths() if p.endswith(".html")] == []
        assert job.refresh_at and job.refresh_at > clock.now()
    with time_machine.travel(clock.now() + timedelta(hours=8)):
        refreshing.run()
        job = crawl(job)
        assert (job.round, job.unchanged_count, job.changed_count) == (3, 10, 0)
    assert dict(Lead.objects.values_list("pk", "updated_at")) == before
    assert RawRecord.objects.count() == 10


def test_a_paused_job_stands_still_and_goes_on_where_it_stood(site):
    job = start("hamburg")
    services.pause(job=job, actor=ACTOR, reason="lunch")
    assert crawl(job).done_count == 0 and job.reason == "lunch"
    services.resume(job=job, actor=ACTOR)
    assert crawl(job).state == "done" and job.new_count == 24


@pytest.mark.django_db(transaction=True)
def test_a_job_paused_while_it_runs_stops_after_the_page_that_it_is_at(site):
    job = start("munich", pages=1)

    def pausing(handler):
        services.pause(job=CrawlJob.objects.get(pk=job.pk), actor=ACTOR)
        connection.close()
        answering(404)(handler)

    site.routes["/sof/7700000203.html"] = pausing
    assert pipeline.bite(job.pk) == "stopped by hand"
    job.refresh_from_db()
    assert job.state == "paused" and job.done_count == 4
    services.resume(job=job, actor=ACTOR)
    assert crawl(job).state == "done" and (job.new_count, job.failed_count) == (9, 1)


def test_a_cancelled_job_is_taken_up_again_by_retry(site):
    job = start("berlin", refresh_minutes=30)
    services.cancel(job=job, actor=ACTOR)
    assert crawl(job).state == "cancelled" and job.done_count == 0
    with pytest.raises(Refused):
        services.pause(job=job, actor=ACTOR)
    services.retry(job=job, actor=ACTOR)
    assert crawl(job).state == "done"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(403, "", "forbidden"), (429, "", "too_many_requests"), (200, "<title>Just a moment...</title>", "challenge")],
)
def test_a_site_that_says_no_stops_the_job_with_a_reason(site, status, body, code):
    site.routes["/search/sof"] = answering(status, body)
    job = crawl(start("berlin"))
    assert (job.state, job.reason_code) == ("failed", code)
    assert "berlin.classifieds.example" in job.reason
    site.routes.clear()
    services.retry(job=job, actor=ACTOR)
    from outreach.web.models import Host

    Host.objects.update(opened_until=None)
    assert crawl(job).state == "done" and job.new_count == 24


def test_a_block_in_the_middle_keeps_what_was_found(site):
    site.routes["/sof/7700000204.html"] = answering(403)
    job = crawl(start("munich", pages=1))
    assert job.state == "failed" and job.new_count == 3
    assert CrawlPage.objects.filter(job=job, state="waiting").count() == 7


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<html><h1>new</h1><div class='card'>…</div></html>", "layout_unknown"),
        ("<div id='cl-search-app'></div>", "still_rendering"),
    ],
)
def test_a_result_page_that_is_not_understood_fails_the_job_and_is_kept(site, body, code):
    site.routes["/search/sof"] = answering(200, body)
    job = crawl(start("berlin"))
    assert (job.state, job.reason_code, job.new_count) == ("failed", code, 0)
    record = RawRecord.objects.get()
    assert record.problem_code == code and record.content() == body.encode()


def test_one_posting_that_is_not_understood_does_not_stop_the_rest(site):
    site.routes["/sof/7700000203.html"] = answering(200, "<h1>new</h1>")
    site.routes["/sof/7700000204.html"] = answering(404)
    site.routes["/sof/7700000205.html"] = bomb
    site.routes["/sof/7700000206.html"] = redirecting(f"http://127.0.0.1:{site.port}/secret")
    site.routes["/sof/7700000207.html"] = answering(200, b"%PDF", X="y")
    job = crawl(start("munich", pages=1))
    assert job.state == "done" and job.new_count == 5 and job.failed_count == 5
    codes = set(CrawlPage.objects.filter(job=job, state="failed").values_list("error_code", flat=True))
    assert codes == {"layout_unknown", "gone", "too_large", "address_not_allowed"}
    assert "/secret" not in site.paths()


def test_a_site_all_of_whose_pages_fail_is_left_after_ten(site):
    for number in range(24):
        site.routes[f"/view/d/x/{number}"] = answering(200, "?")
    page = "".join(
        f'<li class="result-row"><a class="result-title" href="/view/d/x/{n}">{n}</a></li>' for n in range(24)
    )
    site.routes["/list"] = answering(200, page)
    job = crawl(seeded("/list"))
    assert (job.state, job.reason_code, job.failed_count) == ("failed", "too_many_failures", 10)


def test_what_robots_txt_forbids_is_not_fetched(site):
    job = crawl(seeded("/private/list"))
    assert (job.state, job.reason_code) == ("failed", "robots_forbidden") and "robots.txt" in job.reason
    assert site.paths() == ["/robots.txt"]


def test_an_error_of_the_server_is_tried_again_later_and_then_given_up(site):
    site.routes["/search/sof"] = answering(500)
    job = start("berlin")
    drain("web")
    page = CrawlPage.objects.get(job=job)
    assert (page.state, page.attempts, page.error_code) == ("waiting", 1, "server_error") and page.next_at
    for hour in range(1, 8):
        with time_machine.travel(clock.now() + timedelta(hours=hour)):
            pipeline.bite(job.pk)
    job.refresh_from_db()
    assert job.state == "failed" and job.reason_code in {"server_error", "host_spared"}


def test_waiting_for_our_turn_is_no_failure(site, settings):
    settings.OUTREACH = Configuration.model_validate({"fetching": {"requests_per_second_per_host": 1}})
    job = start("berlin")
    assert pipeline.bite(job.pk) == "waits"
    job.refresh_from_db()
    assert job.state == "running" and job.waits_until and not job.reason
    assert QueueItem.objects.filter(key=f"crawl:{job.pk}", run_at__gt=clock.now() - timedelta(seconds=2)).exists()
    assert CrawlPage.objects.get(job=job).attempts == 0


def test_a_job_whose_wake_up_was_lost_is_woken(site):
    job = start("berlin")
    QueueItem.objects.all().delete()
    CrawlJob.objects.filter(pk=job.pk).update(updated_at=clock.now() - timedelta(hours=1))
    refreshing.run()
    assert crawl(job).state == "done"


def test_two_workers_never_work_at_one_job(site):
    job = start("berlin")
    CrawlJob.objects.filter(pk=job.pk).update(held_until=clock.now() + timedelta(seconds=60))
    assert pipeline.bite(job.pk) == "held by another worker"
    assert CrawlPage.objects.filter(job=job, state="waiting").count() == 1


def test_a_seed_may_be_one_posting(site):
    job = crawl(seeded("/view/d/x/7700000001"))
    assert job.state == "done" and job.new_count == 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"adapter": "nothing", "seeds": ["http://a.example.org/"]}, "adapter"),
        ({"seeds": []}, "seeds"),
        ({"seeds": ["file:///etc/passwd"]}, "seeds"),
        ({"locations": ["ber lin/../x"], "categories": ["sof"], "options": {"site": "demo"}}, "locations"),
        ({"locations": ["berlin"], "options": {"site": "demo"}}, "categories"),
        ({"locations": ["berlin"], "categories": ["sof"], "options": {"site": "unknown"}}, "site"),
        ({"seeds": ["http://a.example.org/"], "pages": 0}, "pages"),
        ({"seeds": ["http://a.example.org/"], "pages": 10_000}, "pages"),
        ({"seeds": ["http://a.example.org/"], "refresh_minutes": 5}, "refresh_minutes"),
        ({"seeds": ["http://a.example.org/"], "priority": "urgent"}, "priority"),
        ({"seeds": [f"http://a.example.org/{n}" for n in range(300)]}, "seeds"),
    ],
)
def test_an_order_that_does_not_do_names_the_field(arguments, field):
    with pytest.raises(Invalid) as wrong:
        services.start_crawl(services.CrawlPlan(**({"adapter": "listings"} | arguments)))
    assert wrong.value.field == field and not CrawlJob.objects.exists()


def test_the_queue_says_what_waits(site):
    start("berlin")
    crawl(start("hamburg"))
    start("munich")
    status = services.queue_status()
    assert status["jobs"]["done"] == 2 and status["jobs"]["queued"] == 1 and status["pages_waiting"] == 1


def test_stored_records_are_read_again_by_a_better_adapter(site, monkeypatch):
    crawl(start("munich", pages=1))
    Lead.objects.update(title="old reading", title_key="old reading")
    RawRecord.objects.update(adapter_version="0", content_hash="old", written={"title": "old reading"})
    job = reading.start(adapter="listings")
    drain("web")
    job.refresh_from_db()
    assert job.state == "done" and job.outcome == "10 changed"
    assert not Lead.objects.filter(title="old reading").exists()
    assert set(RawRecord.objects.values_list("adapter_version", flat=True)) == {adapter("listings").version}
    again = reading.start(adapter="listings")
    drain("web")
    again.refresh_from_db()
    assert again.outcome == "nothing to read"


@pytest.mark.django_db(transaction=True)
def test_a_job_survives_its_worker_being_killed(site, settings):
    """A worker is killed with SIGKILL in the middle of a page; another goes on, no page is lost, no lead is made twice."""
    job = start("munich", pages=1)
    ready, hang = os.pipe()

    def dying(handler):
        os.write(hang, b"x")
        site.is_closing.wait(30)

    site.routes["/sof/7700000205.html"] = dying
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(job.pk), site.place], env=_environment(), cwd=os.getcwd()
    )
    try:
        assert select.select([ready], [], [], 120)[0], "the worker never came to the page"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    job.refresh_from_db()
    assert job.state == "running" and 0 < job.done_count < 11 and job.held_until
    site.routes.clear()
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        assert pipeline.bite(job.pk) == "done"
    job.refresh_from_db()
    assert (job.state, job.new_count, job.done_count) == ("done", 10, 11)
    assert Lead.objects.count() == 10
    once = [p for p in site.paths() if p.endswith(".html")]
    assert len(once) == 11 and len(set(once)) == 10


WORKER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "outreach.settings"
import django
django.setup()
from django.conf import settings
from outreach.configuration import Configuration
settings.OUTREACH = Configuration.model_validate({"fetching": {"requests_per_second_per_host": 10000, "burst_per_host": 10000, "requests_per_second": 10000, "timeout_seconds": 60}})
from outreach.web.addresses import RESERVED_HOSTS
RESERVED_HOSTS["classifieds.example"] = lambda: sys.argv[2]
from leads.sources import pipeline
pipeline.bite(int(sys.argv[1]))
"""


def _environment() -> dict[str, str]:
    """The worker's environment: the same database as the test's."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return os.environ | {"DATABASE_URL": parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()}
