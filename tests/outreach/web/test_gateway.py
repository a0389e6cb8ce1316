"""What a browser asks for goes out by the same rules as what we fetch ourselves."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from outreach.web import addresses
from outreach.web.gateway import Gateway
from tests.servers.classifieds_site import running

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    opened = Gateway()
    yield opened
    opened.close()


@pytest.fixture
def ask(gateway):
    with httpx.Client(proxy=gateway.url, trust_env=False, timeout=5) as client:
        yield client.get


def raw(gateway, text: str) -> str:
    place = urlsplit(gateway.url)
    with socket.create_connection((place.hostname, place.port), timeout=5) as connection:
        connection.sendall(text.encode())
        return connection.recv(1_000).decode()


def test_a_page_that_may_be_fetched_comes_through(site, ask):
    answer = ask("http://classifieds.example/robots.txt")
    assert answer.status_code == 200


def test_a_site_of_our_own_may_be_visited_where_it_is(site, ask, monkeypatch):
    monkeypatch.setattr(addresses, "LOCAL_SITES", [lambda: site.place])
    assert ask(f"http://{site.place}/robots.txt").status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433"])
def test_our_own_machine_is_out_of_reach(site, gateway, host):
    with running() as other:
        port = other.place.rpartition(":")[2]
        answer = raw(gateway, f"GET http://{host}:{port}/robots.txt HTTP/1.1\r\nHost: {host}\r\n\r\n")
        assert answer.startswith("HTTP/1.1 403")
        assert "not a public address" in answer
        assert not other.requests


@pytest.mark.parametrize("place", ["169.254.169.254:443", "10.0.0.1:443", "192.168.1.1:8443", "127.0.0.1:5432"])
def test_no_tunnel_leads_to_private_networks(gateway, place):
    assert raw(gateway, f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n").startswith("HTTP/1.1 403")


@pytest.mark.parametrize(
    "text", ["CONNECT mx.firm.example:25 HTTP/1.1", "GET /etc/passwd HTTP/1.1", "GET ftp://a.b/ HTTP/1.1", "\xff", "x"]
)
def test_anything_else_is_no_request(gateway, text):
    assert raw(gateway, f"{text}\r\n\r\n").startswith("HTTP/1.1 400")
