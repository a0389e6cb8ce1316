"""What other libraries ask by `requests` reaches the same addresses as our own fetches, and no others."""

from __future__ import annotations

import socket

import pytest
import requests

from outreach.core.errors import Permanent
from outreach.web.fetching import Bounds
from outreach.web.sessions import guarded_session, post_form, require_allowed
from tests.servers.classifieds_site import answering, redirecting


@pytest.fixture
def is_allowed(settings):
    fetching = settings.OUTREACH.fetching.model_copy(update={"allowed_networks": ["127.0.0.0/8"]})
    settings.OUTREACH = settings.OUTREACH.model_copy(update={"fetching": fetching})


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "http://0.0.0.0:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/", "http://2130706433:{port}/", "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/", "http://[fd00::1]/",
    ],
)  # fmt: skip
def test_no_session_reaches_this_machine_or_its_neighbours(site, url):
    url = url.format(port=site.place.rpartition(":")[2])
    with pytest.raises(requests.ConnectionError, match="not a public address"):
        guarded_session().get(url, timeout=2)
    with pytest.raises(Permanent, match="not a public address"):
        require_allowed(url)
    assert not site.requests


def test_a_session_goes_where_the_operator_allowed_it_but_no_redirect_leads_elsewhere(site, is_allowed):
    site.routes["/ok"] = answering(200, "yes")
    site.routes["/away"] = redirecting("http://169.254.169.254/")
    session = guarded_session()
    assert session.get(f"http://{site.place}/ok", timeout=2).text == "yes"
    with pytest.raises(requests.ConnectionError, match="not a public address"):
        session.get(f"http://{site.place}/away", timeout=2)


def test_the_connection_goes_to_the_address_that_was_checked(site, is_allowed, monkeypatch):
    """A name server that answers differently the second time changes nothing."""
    site.routes["/ok"] = answering(200, "yes")
    answers = [("127.0.0.1", int(site.place.rpartition(":")[2])), ("169.254.169.254", 80)]
    real = socket.getaddrinfo

    def fickle(host, *arguments, **options):
        return real(*answers.pop(0)[:1], *arguments, **options) if host == "fickle.example" else real(host, *arguments, **options)  # fmt: skip

    monkeypatch.setattr(socket, "getaddrinfo", fickle)
    assert guarded_session().get(f"http://fickle.example:{site.place.rpartition(':')[2]}/ok", timeout=2).text == "yes"
    assert len(answers) == 1


def test_a_form_is_not_posted_to_this_machine(site):
    with pytest.raises(Permanent, match="not a public address"):
        post_form(f"http://{site.place}/token", {"code": "secret"}, bounds=Bounds())
    assert not site.requests
