"""Chromium for the tests of pages: who is signed in, what is on the screen, and what the console complains about.

`signed_in_page(role)` gives a page with a session of a fresh user; `screenshot(page, name)` looks at the page wide and
narrow, and with OUTREACH_SCREENSHOTS=1 stores PNGs under `var/screenshots`, light and dark; a page that logs an error
or breaks the content security policy fails its test at the end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from outreach.access.models import User
from outreach.access.roles import Role
from outreach.access.sessions import SessionStore
from tests.browser.axe import faults
from tests.browser.pages import ELSEWHERE

SCREENSHOTS = Path(settings.BASE_DIR) / "var" / "screenshots"
WIDE: ViewportSize = {"width": 1280, "height": 860}
NARROW: ViewportSize = {"width": 360, "height": 740}
DEBIAN_CHROMIUM = "/usr/bin/chromium"
PATIENCE = 15_000  # milliseconds until an action or an expectation gives up

expect.set_options(timeout=PATIENCE)

SignedInPage = Callable[..., Page]
Screenshot = Callable[..., None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium when it is installed, else Playwright's own."""
    arguments = {**browser_type_launch_args, "args": ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]}
    if os.path.exists(DEBIAN_CHROMIUM):
        arguments["executable_path"] = DEBIAN_CHROMIUM
    return arguments


ABORTED = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx writes when a newer request, or the next page, takes the place of one on its way: as it should."""


def watch(page: Page, complaints: list[str]) -> None:
    """Collect console errors, uncaught exceptions and requests that leave for foreign hosts."""
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{page.url}: {message.text}")
            if message.type == "error" and not message.text.startswith(ABORTED)
            else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "request",
        lambda request: (
            complaints.append(f"{page.url}: asks {request.url}")
            if not request.url.startswith(("http://localhost", "http://127.0.0.1", "data:", "blob:"))
            else None
        ),
    )


@pytest.fixture
def complaints() -> list[str]:
    """What the console said. A test that expects an error clears it."""
    return []


@pytest.fixture
def context(browser: Browser, complaints: list[str]) -> Iterator[BrowserContext]:
    """A fresh browser profile that is watched; the test fails when anything was complained about."""
    context = browser.new_context(viewport=WIDE, locale="en-GB", color_scheme="light", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    context.on("page", lambda page: watch(page, complaints))
    yield context
    context.close()
    assert not complaints, "the browser complained:\n" + "\n".join(complaints)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def signed_in_page(live_server: Any, page: Page) -> SignedInPage:
    """`signed_in_page("operator", path="/")`: the page, opened by a user of that role (`.user` of the fixture: `sign_in`)."""

    def open_page(role: str = Role.OPERATOR, path: str = "/", user: User | None = None) -> Page:
        sign_in(page.context, live_server.url, user or make_user(role))
        page.goto(live_server.url + path)
        return page

    return open_page


def make_user(role: str = Role.OPERATOR, **fields: Any) -> User:
    """A user of `role`, found again when the test asked for it before."""
    name = fields.pop("username", f"{role}.tester")
    user, is_new = User.objects.get_or_create(username=name, defaults=fields)
    user.set_role(role)
    if is_new:
        user.set_password("a long enough password")
    user.save()
    return user


def sign_in(context: BrowserContext, url: str, user: User) -> None:
    """Give the browser a session of `user` without going through the form."""
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": url}])


def session_of(user: User) -> str:
    """The key of a fresh session in which `user` is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def view_name(url: str) -> str:
    """The name of the page at an address; empty where there is none."""
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


@pytest.fixture
def screenshot() -> Screenshot:
    """Fails when the page can be scrolled sideways at 360 pixels, and on what axe finds on a page that
    `test_accessibility` cannot walk.

    With OUTREACH_SCREENSHOTS=1 `screenshot(page, "home")` also stores home-{light,dark}-{wide,narrow}.png of the
    whole page: nobody looks at those of every run, and they cost it minutes.
    """
    is_stored = os.environ.get("OUTREACH_SCREENSHOTS") == "1"

    def take(page: Page, name: str, *, full_page: bool = True) -> None:
        if view_name(page.url) in ELSEWHERE:
            assert not (wrong := faults(page)), f"{name}: " + "\n".join(wrong)
        for width_name, viewport in (("wide", WIDE), ("narrow", NARROW)):
            page.set_viewport_size(viewport)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                if is_stored:
                    page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}-{width_name}.png", full_page=full_page)
            if width_name == "narrow":
                overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert overflow <= 0, f"{name} scrolls sideways by {overflow} px at 360 px"
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")

    return take
