"""The pages of the shell in a real browser: no complaint in the console, nothing sideways at 360 px."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_stranger_signs_in_with_name_and_password(live_server: Any, page: Page, screenshot: Any) -> None:
    make_user("operator", username="olga")
    page.goto(live_server.url + "/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    screenshot(page, "login")
    page.get_by_label("Username").fill("olga")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit")
    screenshot(page, "login-wrong")
    page.get_by_label("Password").fill("a long enough password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url == live_server.url + "/"


@pytest.mark.parametrize(
    ("name", "path"), [("home", "/"), ("profile", "/profile/"), ("users", "/users/"), ("api-docs", "/api/docs/")]
)
def test_pages_are_quiet_and_fit(signed_in_page: Any, screenshot: Any, name: str, path: str) -> None:
    page = signed_in_page("administrator", path)
    expect(page.get_by_role("heading").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    screenshot(page, name)


def test_the_theme_of_the_account_menu_is_kept(signed_in_page: Any) -> None:
    page = signed_in_page("viewer")
    page.locator(".sidebar .menu > summary").click()
    page.locator(".sidebar").get_by_role("button", name="Dark").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 19, 21)"


def test_an_api_key_is_shown_once_and_revoked(signed_in_page: Any, screenshot: Any) -> None:
    page = signed_in_page("viewer", "/profile/")
    page.get_by_label("What is the key for?").fill("Spreadsheet")
    page.get_by_role("button", name="Create a key").click()
    expect(page.locator("#new-key")).to_contain_text("ok_")
    screenshot(page, "profile-key")
    page.goto(page.url.replace("keys/", ""))
    expect(page.locator("#new-key")).to_have_count(0)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revoke Spreadsheet").click()
    expect(page.get_by_text("revoked just now")).to_be_visible()


def test_the_keyboard_reaches_the_content_first(signed_in_page: Any) -> None:
    page = signed_in_page("viewer")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize(
    ("path", "words"), [("/nowhere/", "There is nothing here"), ("/users/", "You may not do that")]
)
def test_error_pages_are_in_the_design(
    signed_in_page: Any, screenshot: Any, complaints: list[str], path: str, words: str
) -> None:
    page = signed_in_page("viewer", path)
    expect(page.get_by_role("heading", name=words)).to_be_visible()
    screenshot(page, "error" + path.replace("/", "-").rstrip("-"))
    assert all("status of 40" in line for line in complaints)
    complaints.clear()
