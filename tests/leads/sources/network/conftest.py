"""The made-up network beside the tests, with accounts on it that do not hurry and do not wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings

from campaigns.demo.network_site.server import SiteServer
from campaigns.demo.network_site.world import Login, World
from leads.sources.network import services
from leads.sources.network.browser import browser
from leads.sources.network.models import NetworkAccount
from outreach.core.models import Actor
from outreach.web import addresses

ACTOR = Actor.system("tests")
LOGIN = Login()


@pytest.fixture(autouse=True, scope="session")
def one_browser() -> Iterator[None]:
    """One Chromium for all tests of a process, and no rhythm of keystrokes."""
    settings.OUTREACH.network.keystroke_milliseconds = 0
    settings.OUTREACH.network.page_timeout_seconds = 10
    yield
    browser().close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteServer]:
    with SiteServer(World()) as server:
        monkeypatch.setattr(addresses, "LOCAL_SITES", [lambda: server.url.removeprefix("http://")])
        yield server


@pytest.fixture
def add_account(site: SiteServer, db: None) -> Callable[..., NetworkAccount]:
    """`add_account(login=…, gap_seconds=0)`: an account on the made-up network."""

    def add(login: Login = LOGIN, **changes: Any) -> NetworkAccount:
        site.world.logins = (login,)
        values: dict[str, Any] = {
            "name": "Our account",
            "base_url": site.url,
            "username": login.username,
            "password": login.password,
            "totp_secret": login.totp_secret if login.second_factor == "totp" else "",
            "accepts_terms": True,
            "gap_seconds": 0,
        }
        return services.add_account(actor=ACTOR, **{**values, **changes})

    return add


@pytest.fixture
def account(add_account: Callable[..., NetworkAccount]) -> NetworkAccount:
    return add_account()


def somebody(world: World, character: str, number: int = 0) -> str:
    """The public id of somebody of that character."""
    return [person.slug for person in world.people.values() if person.character == character][number]
