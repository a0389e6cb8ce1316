"""Fetching through the operator's own proxy: everything goes through it, nothing private is asked of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from outreach.configuration import Configuration
from outreach.core.errors import Permanent, Retryable
from outreach.web.fetching import Fetcher
from outreach.web.models import Host
from outreach.web.politeness import Visitor, fetcher
from tests.servers.certificates import self_signed
from tests.servers.classifieds_site import ClassifiedsSite, answering, redirecting
from tests.servers.proxy import Proxy, running

PUBLIC = "93.184.215.14"


@pytest.fixture
def names(monkeypatch) -> dict[str, str]:
    """What our own name server says; all other names are public."""
    known: dict[str, str] = {}
    real = socket.getaddrinfo

    def resolve(host, port, *arguments, **options):
        if host == "127.0.0.1":
            return real(host, port, *arguments, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (known.get(host, PUBLIC), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.fixture
def proxy(site: ClassifiedsSite, names: dict[str, str]) -> Iterator[Proxy]:
    site.routes["/page"] = answering(200, "<p>through</p>")
    with running(origin=site.place, user="crawler", password="p@ss") as made:
        yield made


def through(proxy: Proxy, login: str = "crawler:p%40ss@") -> Fetcher:
    return Fetcher(agent="TestBot", proxies=(f"http://{login}{proxy.place}",))


def code_of(call) -> str:
    with pytest.raises((Permanent, Retryable)) as caught:
        call()
    return caught.value.code


def test_pages_come_through_the_proxy_over_one_connection_that_is_kept(site, proxy):
    with through(proxy) as connections:
        for _time in range(3):
            assert connections.get("http://www.firm.de/page").text == "<p>through</p>"
    assert proxy.asked == [("GET", "http://www.firm.de/page")] * 3
    assert proxy.connections == 1
    assert "Proxy-Authorization" not in site.requests[0][2] and site.requests[0][0] == "www.firm.de"


def test_a_proxy_that_does_not_know_our_password_is_named_as_what_failed(proxy):
    with through(proxy, "crawler:wrong@") as connections:
        assert code_of(lambda: connections.get("http://www.firm.de/page")) == "proxy"
        assert code_of(lambda: connections.get("https://www.firm.de/page")) == "proxy"


def test_a_proxy_that_is_down_is_named_as_what_failed(names):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused at once
        with Fetcher(agent="TestBot", proxies=(f"http://127.0.0.1:{taken.getsockname()[1]}",)) as connections:
            assert code_of(lambda: connections.get("http://www.firm.de/page")) == "proxy"
            assert code_of(lambda: connections.get("https://www.firm.de/page")) == "proxy"


def test_https_is_tunnelled_and_the_certificate_is_checked_behind_the_tunnel(names):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _address = listening.accept()
            try:
                self_signed().wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        with running(origin=f"127.0.0.1:{listening.getsockname()[1]}") as proxy, through(proxy, "") as connections:
            assert code_of(lambda: connections.get("https://www.firm.de/page")) == "certificate_invalid"
        assert proxy.asked == [("CONNECT", "www.firm.de:443")]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://intern.firm.de/", "http://[::1]/", "http://169.254.169.254/"]
)
def test_the_proxy_is_not_asked_for_what_is_private(proxy, names, url):
    names |= {"intern.firm.de": "10.0.0.7", "::1": "::1", "169.254.169.254": "169.254.169.254"}
    with through(proxy) as connections:
        assert code_of(lambda: connections.get(url)) == "address_not_allowed"
    assert proxy.asked == []


def test_a_host_keeps_to_one_of_several_proxies(site, names):
    site.routes["/page"] = answering(200, "x")
    with running(origin=site.place) as one, running(origin=site.place) as two:
        with Fetcher(agent="TestBot", proxies=(f"http://{one.place}", f"http://{two.place}")) as connections:
            for number in range(8):
                connections.get(f"http://firm-{number}.de/page")
                connections.get(f"http://firm-{number}.de/page")
        hosts = [{url for _method, url in proxy.asked} for proxy in (one, two)]
    assert all(hosts) and not hosts[0] & hosts[1]


@pytest.mark.django_db
def test_a_broken_proxy_is_not_held_against_the_sites_behind_it(site, proxy, settings):
    policy = settings.OUTREACH.fetching.model_dump() | {"proxies": [f"http://crawler:p%40ss@{proxy.place}"]}
    settings.OUTREACH = Configuration.model_validate({"fetching": policy})
    with Visitor() as visitor:
        assert visitor.get("http://www.firm.de/page").status == 200
        for _attempt in range(6):
            proxy.faults = [407]
            assert code_of(lambda: visitor.get("http://www.firm.de/page")) == "proxy"
        assert visitor.get("http://www.firm.de/page").status == 200
    assert Host.objects.get(origin="http://www.firm.de").failures == 0


@pytest.mark.django_db
def test_redirects_through_a_proxy_are_checked_like_all_others(site, proxy, settings):
    site.routes["/out"] = redirecting("http://127.0.0.1:8000/secret")
    policy = settings.OUTREACH.fetching.model_dump() | {"proxies": [f"http://crawler:p%40ss@{proxy.place}"]}
    settings.OUTREACH = Configuration.model_validate({"fetching": policy})
    with Visitor() as visitor:
        assert code_of(lambda: visitor.get("http://www.firm.de/out")) == "address_not_allowed"
    assert not any("secret" in url for _method, url in proxy.asked)


def test_the_configured_proxies_and_sessions_reach_the_connections(settings):
    settings.OUTREACH = Configuration.model_validate(
        {"fetching": {"proxies": ["http://proxy.firm.example:3128"], "keep_sessions": False}}
    )
    with fetcher() as made:
        assert (made.proxies, made.keeps_cookies) == (("http://proxy.firm.example:3128",), False)


@pytest.mark.parametrize("text", ["socks5://127.0.0.1:1080", "127.0.0.1:3128", "http://", "ftp://proxy.firm.example"])
def test_what_is_no_http_proxy_is_refused_at_the_start(text):
    with pytest.raises(ValueError, match="HTTP proxy"):
        Configuration.model_validate({"fetching": {"proxies": [text]}})
