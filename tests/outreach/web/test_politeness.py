"""Manners: robots.txt, the pace, sparing a host that fails, stopping where we are not wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from outreach.configuration import Configuration
from outreach.core.errors import Permanent, Retryable
from outreach.web.models import Host
from outreach.web.politeness import Blocked, Visitor, resume_requests, retry_after
from tests.servers.classifieds_site import answering, redirecting

pytestmark = pytest.mark.django_db
BASE = "http://berlin.classifieds.example"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def visitor(site):
    site.routes["/page"] = answering(200, "<p>hello</p>")
    with Visitor() as made:
        yield made


def refusal(call) -> Permanent | Retryable:
    with pytest.raises((Permanent, Retryable)) as caught:
        call()
    return caught.value


def test_who_asks_says_so_and_where_to_complain(site, visitor):
    visitor.get(f"{BASE}/page")
    assert site.requests[-1][2]["User-Agent"] == "OutreachBot/1.0 (+crawler@firm.example)"


def test_robots_txt_is_read_once_and_obeyed(site, visitor):
    visitor.get(f"{BASE}/page")
    visitor.get(f"{BASE}/page")
    assert site.paths() == ["/robots.txt", "/page", "/page"]
    assert refusal(lambda: visitor.get(f"{BASE}/private/x")).code == "robots_forbidden"
    assert "/private/x" not in site.paths()


def test_robots_txt_is_read_anew_after_a_day(site, visitor):
    with time_machine.travel(NOW, tick=False) as clock:
        visitor.get(f"{BASE}/page")
        clock.shift(timedelta(hours=25))
        visitor.get(f"{BASE}/page")
    assert site.paths().count("/robots.txt") == 2


def test_without_robots_txt_everything_is_allowed(site, visitor):
    site.robots = (404, "")
    assert visitor.get(f"{BASE}/page").status == 200


def test_a_robots_txt_that_cannot_be_had_forbids_everything_for_a_while(site, visitor):
    site.robots = (503, "")
    with time_machine.travel(NOW, tick=False) as clock:
        assert refusal(lambda: visitor.get(f"{BASE}/page")).code == "robots_unreachable"
        site.robots = (200, "")
        assert refusal(lambda: visitor.get(f"{BASE}/page")).code == "robots_unreachable"
        clock.shift(timedelta(minutes=11))
        assert visitor.get(f"{BASE}/page").status == 200


def test_the_pace_of_a_host_is_shared_by_all_who_ask(site, settings):
    settings.OUTREACH = Configuration.model_validate({"fetching": {"requests_per_second_per_host": 1}})
    site.routes["/page"] = answering(200, "x")
    with time_machine.travel(NOW, tick=False) as clock, Visitor() as one, Visitor() as two:
        assert refusal(lambda: one.get(f"{BASE}/page")).code == "wait_for_turn"  # robots.txt took the turn
        clock.shift(timedelta(seconds=1))
        one.get(f"{BASE}/page")
        waiting = refusal(lambda: two.get(f"{BASE}/page"))
        assert waiting.code == "wait_for_turn" and waiting.after == timedelta(seconds=1)
        assert two.rules  # another host has a pace of its own
        assert refusal(lambda: two.get("http://munich.classifieds.example/page")).code == "wait_for_turn"
        clock.shift(timedelta(seconds=1))
        assert two.get("http://munich.classifieds.example/page").status == 200


def test_all_hosts_together_have_a_cap(site, settings):
    settings.OUTREACH = Configuration.model_validate(
        {"fetching": {"requests_per_second_per_host": 100, "burst_per_host": 100, "requests_per_second": 2}}
    )
    site.routes["/page"] = answering(200, "x")
    with time_machine.travel(NOW, tick=False), Visitor() as one:
        one.get(f"{BASE}/page")
        assert refusal(lambda: one.get(f"{BASE}/page")).code == "wait_for_turn"
        assert refusal(lambda: one.get("http://munich.classifieds.example/page")).code == "wait_for_turn"


def test_a_crawl_delay_slows_us_down(site, settings):
    settings.OUTREACH = Configuration.model_validate({"fetching": {"requests_per_second_per_host": 10}})
    site.robots = (200, "User-agent: *\nCrawl-delay: 7\n")
    site.routes["/page"] = answering(200, "x")
    with time_machine.travel(NOW, tick=False) as clock, Visitor() as one:
        refusal(lambda: one.get(f"{BASE}/page"))
        clock.shift(timedelta(seconds=7))
        one.get(f"{BASE}/page")
        assert refusal(lambda: one.get(f"{BASE}/page")).after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, "", "forbidden"),
        (401, "", "forbidden"),
        (429, "", "too_many_requests"),
        (200, "<title>Just a moment...</title><p>Checking your browser</p>", "challenge"),
        (200, "<title>blocked</title>This IP has been automatically blocked.", "challenge"),
        (503, "<title>Attention Required! | Cloudflare</title>", "challenge"),
    ],
)
def test_a_site_that_says_no_is_left(site, visitor, status, body, code):
    site.routes["/page"] = answering(status, body)
    error = refusal(lambda: visitor.get(f"{BASE}/page"))
    assert isinstance(error, Blocked) and error.code == code and "berlin.classifieds.example" in error.reason


def test_retry_after_is_honoured_by_everybody(site, visitor):
    site.routes["/page"] = answering(429, "", Retry_After="120")
    with time_machine.travel(NOW, tick=False) as clock:
        refusal(lambda: visitor.get(f"{BASE}/page"))
        with Visitor() as other:
            spared = refusal(lambda: other.get(f"{BASE}/page"))
            assert spared.code == "host_spared" and spared.after == timedelta(seconds=120)
            clock.shift(timedelta(seconds=121))
            site.routes["/page"] = answering(200, "x")
            assert other.get(f"{BASE}/page").status == 200
    assert Host.objects.get(origin=BASE).failures == 0


def test_a_host_that_keeps_failing_is_spared_then_probed_by_one(site, visitor):
    site.routes["/page"] = answering(500, "")
    with time_machine.travel(NOW, tick=False) as clock:
        for _attempt in range(5):
            assert refusal(lambda: visitor.get(f"{BASE}/page")).code == "server_error"
        asked = len(site.requests)
        assert refusal(lambda: visitor.get(f"{BASE}/page")).code == "host_spared"
        assert len(site.requests) == asked
        clock.shift(timedelta(seconds=31))
        assert refusal(lambda: visitor.get(f"{BASE}/page")).code == "server_error"  # the probe
        assert refusal(lambda: visitor.get(f"{BASE}/page")).code == "host_spared"
        assert resume_requests(BASE)
        site.routes["/page"] = answering(200, "x")
        assert visitor.get(f"{BASE}/page").status == 200


def test_redirects_obey_the_rules_of_where_they_lead(site, visitor):
    site.routes["/go"] = redirecting("/private/x")
    site.routes["/out"] = redirecting(f"http://127.0.0.1:{site.port}/")
    assert refusal(lambda: visitor.get(f"{BASE}/go")).code == "robots_forbidden"
    assert refusal(lambda: visitor.get(f"{BASE}/out")).code == "address_not_allowed"
    assert "/private/x" not in site.paths()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("Mon, 04 May 2026 12:01:00 GMT", 60), ("Mon, 04 May 2026 11:00:00 GMT", 0), ("soon", 0), ("", 0), ("99999999999", 21_600), ("²", 0)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry_after(text, NOW) == timedelta(seconds=seconds)
