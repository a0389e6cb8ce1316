"""The made-up sites belong to the demo world, and to no other one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request

import pytest
from django.conf import settings as product

from campaigns.demo import listings_site, places, sites
from campaigns.demo.network_site.app import Site
from campaigns.demo.network_site.server import SiteServer
from campaigns.demo.network_site.world import World
from leads.sources.listings.sites import BUILT_IN
from outreach.web.addresses import RESERVED_HOSTS

PRINT = """
import json, django
django.setup()
from django.conf import settings
from leads.sources.listings.sites import BUILT_IN
from outreach.web.addresses import RESERVED_HOSTS
print(json.dumps([sorted(BUILT_IN), sorted(RESERVED_HOSTS), sorted(settings.PROCESSES)]))
"""


def test_made_up_sites_belong_to_the_demo_world(tmp_path):
    here = [sorted(BUILT_IN), sorted(RESERVED_HOSTS), sorted(product.PROCESSES)]
    assert here == [[], [], []]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "outreach.settings",
        "OUTREACH_DEMO": "1",
        "OUTREACH_DATA_DIR": str(tmp_path),
        "PYTHONPATH": str(product.BASE_DIR),
    }
    done = subprocess.run([sys.executable, "-c", PRINT], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [["sandbox"], ["classifieds.example"], ["demo-sites"]]


def test_each_demo_world_keeps_a_port_of_its_own(settings, tmp_path):
    chosen = {}
    for name in ("one", "two", "one"):
        settings.DATA_DIR = tmp_path / name
        chosen.setdefault(name, places.port())
        assert places.port() == chosen[name]
    assert places.network_url() == f"http://127.0.0.1:{chosen['one']}"


def test_ads_are_served_under_their_name_and_the_network_under_all_others():
    with SiteServer(World(people_count=12)) as server:
        server.server.set_app(sites.by_host(Site(server.world)))
        ads = _get(server.url, "berlin.classifieds.example", "/search/sof?query=")
        network = _get(server.url, "127.0.0.1", "/login")
    assert listings_site.ads("berlin")[0].title in ads
    assert "Millpond" in network and "classifieds" not in network


@pytest.mark.django_db
def test_a_port_that_was_taken_meanwhile_moves_the_sites_and_the_account(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    account = sites.NetworkAccount.objects.create(
        name=sites.NETWORK_ACCOUNT, base_url=places.network_url(), username="ada"
    )
    served = threading.Event()
    monkeypatch.setattr(SiteServer, "run", lambda self: (served.set(), self.server.server_close()))
    monkeypatch.setattr(sites.connection, "close", lambda: None)
    with socket.socket() as other:
        other.bind(("127.0.0.1", before := places.port()))
        other.listen()
        sites.run()
    account.refresh_from_db()
    assert served.is_set() and places.port() != before
    assert account.base_url == places.network_url()


def _get(url: str, host: str, path: str) -> str:
    request = urllib.request.Request(url + path, headers={"Host": host})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()
