"""The pages of the shell in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.django_db(transaction=True)


def test_login_page_is_shown_to_strangers(live_server: Any, page: Page, screenshot: Any) -> None:
    page.goto(live_server.url + "/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    screenshot(page, "login")


def test_home(signed_in_page: Any, screenshot: Any) -> None:
    page = signed_in_page("administrator")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    screenshot(page, "home")
