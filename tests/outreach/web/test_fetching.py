"""One request cannot be led astray, and is bounded in every direction."""

from __future__ import annotations

import gzip
import socket
import time
from datetime import timedelta

import pytest

from outreach.core.errors import Permanent, Retryable
from outreach.web.fetching import Bounds, Fetcher, Page
from outreach.web.services import fetch_safely
from tests.servers.classifieds_site import ClassifiedsSite, answering, bare_bomb, bomb, gzip_bomb, gzipped, redirecting

BASE = "http://berlin.classifieds.example"
SMALL = Bounds(max_bytes=100_000, timeout=timedelta(seconds=0.6), step=timedelta(seconds=0.4))


@pytest.fixture
def fetcher(site: ClassifiedsSite):
    with Fetcher(agent="TestBot/1.0", places={"classifieds.example": site.place}) as made:
        yield made


def code_of(call) -> str:
    with pytest.raises((Permanent, Retryable)) as caught:
        call()
    return caught.value.code


def test_a_page_comes_with_status_headers_and_text(site, fetcher):
    site.routes["/page"] = answering(200, "<p>grün</p>")
    page = fetcher.get(f"{BASE}/page")
    assert (page.status, page.media_type, page.text) == (200, "text/html", "<p>grün</p>")
    host, path, headers = site.requests[0]
    assert (host, path, headers["User-Agent"]) == ("berlin.classifieds.example", "/page", "TestBot/1.0")


def test_a_compressed_page_is_opened(site, fetcher):
    site.routes["/page"] = gzipped(b"<p>yes</p>")
    assert fetcher.get(f"{BASE}/page").text == "<p>yes</p>"


@pytest.mark.parametrize("kind", [bomb, gzip_bomb, bare_bomb])
def test_a_zip_bomb_is_cut_before_it_unfolds(site, fetcher, kind):
    site.routes["/bomb"] = kind
    assert code_of(lambda: fetcher.get(f"{BASE}/bomb", bounds=Bounds(max_bytes=1_000_000))) == "too_large"


def test_an_endless_body_is_cut(site, fetcher):
    site.routes["/endless"] = site.endless
    assert code_of(lambda: fetcher.get(f"{BASE}/endless", bounds=SMALL)) == "too_large"
    cut = Bounds(max_bytes=1_000, cuts=True)
    assert len(fetcher.get(f"{BASE}/endless", bounds=cut).body) == 1_000


@pytest.mark.parametrize("trick", ["slow", "endless_headers"])
def test_a_server_that_drips_is_left_at_the_deadline(site, fetcher, trick):
    site.routes["/trick"] = getattr(site, trick)
    started = time.monotonic()
    assert code_of(lambda: fetcher.get(f"{BASE}/trick", bounds=SMALL)) in {"timeout", "protocol"}
    assert time.monotonic() - started < 2


def test_an_encoding_that_was_not_asked_for_is_refused(site, fetcher):
    site.routes["/br"] = answering(200, b"\x0b\x02\x80", Content_Encoding="br")
    assert code_of(lambda: fetcher.get(f"{BASE}/br")) == "encoding_unknown"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "2130706433", "0x7f000001", "127.1"]
)
def test_our_own_machine_is_never_asked(site, fetcher, host):
    with pytest.raises(Permanent):
        fetcher.get(f"http://{host}:{site.port}/")
    assert site.requests == []


def test_a_redirect_to_a_private_address_is_refused_before_it_is_asked(site):
    site.routes["/out"] = redirecting(f"http://127.0.0.1:{site.port}/secret")
    assert code_of(lambda: fetch_safely(f"{BASE}/out")) == "address_not_allowed"
    assert site.paths() == ["/out"]


def test_redirects_are_followed_and_circles_are_not(site):
    site.routes["/a"] = redirecting("/b")
    site.routes["/b"] = answering(200, "there")
    site.routes["/c"] = redirecting("/c")
    page = fetch_safely(f"{BASE}/a")
    assert (page.url, page.history, page.text) == (f"{BASE}/b", (f"{BASE}/a",), "there")
    assert code_of(lambda: fetch_safely(f"{BASE}/c")) == "redirects"


def test_a_name_that_answers_otherwise_the_second_time_changes_nothing(site, monkeypatch):
    """DNS rebinding: the name server says a public address first and the loopback afterwards. The name is asked once,
    and the connection goes to what was checked, not to what the name means by then."""
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])
    asked, connected = [], []

    def resolve(host, port, *arguments, **options):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address, *arguments, **options):
        connected.append(address)
        raise OSError("unreachable in tests")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with Fetcher(agent="TestBot") as made:
        assert code_of(lambda: made.get("http://rebinding.firm.de/")) == "unreachable"
    assert asked == ["rebinding.firm.de"]
    assert connected == [("93.184.215.14", 80)]


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    def resolve(host, port, *arguments, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with Fetcher(agent="TestBot") as made:
        assert code_of(lambda: made.get("http://mixed.firm.de/")) == "address_not_allowed"


def test_only_reserved_names_can_be_given_to_the_sandbox(site, monkeypatch):
    def resolve(host, port, *arguments, **options):
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with Fetcher(agent="TestBot", places={"firm.de": site.place}) as made:
        assert code_of(lambda: made.get("http://www.firm.de/")) == "host_unknown"


def test_cookies_are_kept_between_pages_unless_told_not_to(site):
    site.routes["/in"] = answering(200, "", Set_Cookie="session=1; Path=/")
    site.routes["/next"] = answering(200, "")
    for keeps in (True, False):
        site.requests.clear()
        with Fetcher(agent="TestBot", places={"classifieds.example": site.place}, keeps_cookies=keeps) as made:
            made.get(f"{BASE}/in")
            made.get(f"{BASE}/next")
        assert ("Cookie" in site.requests[1][2]) is keeps


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_damaged_compressed_page_is_an_error(site, fetcher, encoding):
    site.routes["/bad"] = answering(200, b"nothing compressed at all", Content_Encoding=encoding)
    assert code_of(lambda: fetcher.get(f"{BASE}/bad")) == "encoding_broken"


def test_a_page_of_several_compressed_members_is_whole(site, fetcher):
    site.routes["/page"] = answering(
        200, gzip.compress(b"<p>one</p>") + gzip.compress(b"<p>two</p>"), Content_Encoding="gzip"
    )
    assert fetcher.get(f"{BASE}/page").text == "<p>one</p><p>two</p>"


def test_large_compressed_pages_are_whole(site, fetcher):
    text = b"".join(b"<p>%d</p>" % n for n in range(60_000))
    site.routes["/page"] = gzipped(text)
    assert fetcher.get(f"{BASE}/page").body == text


def test_a_compressed_page_that_ends_early_is_an_error(site, fetcher):
    site.routes["/page"] = answering(200, gzip.compress(b"<p>" + b"abc" * 1_000)[:-12], Content_Encoding="gzip")
    assert code_of(lambda: fetcher.get(f"{BASE}/page")) == "encoding_broken"


def test_connections_are_kept_and_a_closed_one_is_replaced(site, fetcher):
    site.routes["/page"] = answering(200, "x")
    site.routes["/last"] = answering(200, "x", Connection="close")
    for path in ("/page", "/page", "/last", "/page", "/page"):
        assert fetcher.get(f"{BASE}{path}").text == "x"
    assert site.connections == 2


def test_a_page_that_was_left_in_the_middle_does_not_spoil_the_next(site, fetcher):
    site.routes["/endless"] = site.endless
    site.routes["/page"] = answering(200, "x")
    assert code_of(lambda: fetcher.get(f"{BASE}/endless", bounds=SMALL)) == "too_large"
    assert fetcher.get(f"{BASE}/page").text == "x"


def test_headers_that_drip_one_byte_at_a_time_end_at_the_deadline(site, fetcher):
    def drip(handler):
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 1_000:
            handler.wfile.write(bytes([byte]))
            if site.is_closing.wait(0.02):
                return

    site.routes["/drip"] = drip
    started = time.monotonic()
    assert code_of(lambda: fetcher.get(f"{BASE}/drip", bounds=SMALL)) == "timeout"
    assert time.monotonic() - started < 2


def test_a_circle_of_two_and_a_chain_without_end_are_left(site):
    site.routes["/a"] = redirecting("/b")
    site.routes["/b"] = redirecting("/a")
    for number in range(20):
        site.routes[f"/{number}"] = redirecting(f"/{number + 1}")
    assert code_of(lambda: fetch_safely(f"{BASE}/a")) == "redirects"
    assert code_of(lambda: fetch_safely(f"{BASE}/0")) == "redirects"
    assert len(site.requests) < 12


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "hex", "no-such"])
def test_a_charset_that_is_none_is_read_as_the_usual_one(charset):
    page = Page("https://a.example", 200, {"content-type": f"text/html; charset={charset}"}, "grün".encode())
    assert page.text == "grün"
