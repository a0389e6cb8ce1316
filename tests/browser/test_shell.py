"""The pages of the shell in a real browser: no complaint in the console, nothing sideways at 360 px."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from leads.models import Company
from outreach.access.services import create_setup_link
from tests.browser.conftest import NARROW, WIDE, make_user
from tests.campaigns.factories import make_lead

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_stranger_signs_in_with_name_and_password(live_server: Any, page: Page, screenshot: Any) -> None:
    make_user("operator", username="olga")
    page.goto(live_server.url + "/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    screenshot(page, "login")
    page.get_by_label("Username").fill("olga")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Wrong login name or password")
    screenshot(page, "login-wrong")
    page.get_by_label("Password").fill("a long enough password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url == live_server.url + "/"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("home", "/"),
        ("settings", "/settings/"),
        ("search", "/search/?q=in"),
        ("profile", "/profile/"),
        ("users", "/users/"),
        ("api-docs", "/api/docs/"),
    ],
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
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
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
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize(
    ("path", "words"), [("/nowhere/", "Page not found"), ("/users/", "You don't have permission to do that")]
)
def test_error_pages_are_in_the_design(
    signed_in_page: Any, screenshot: Any, complaints: list[str], path: str, words: str
) -> None:
    page = signed_in_page("viewer", path)
    expect(page.get_by_role("heading", name=words)).to_be_visible()
    screenshot(page, "error" + path.replace("/", "-").rstrip("-"))
    assert all("status of 40" in line for line in complaints)
    complaints.clear()


def test_a_failed_htmx_request_is_told_to_eyes_and_ears(signed_in_page: Any, complaints: list[str]) -> None:
    page = signed_in_page("viewer")
    page.evaluate("htmx.ajax('GET', '/nowhere/', '#announce')")
    expect(page.get_by_role("alert").get_by_text("That no longer exists")).to_be_visible()
    page.evaluate("htmx.ajax('POST', '/preferences/', {target: '#announce', values: {theme: 'pink'}})")
    expect(page.get_by_role("alert").get_by_text("Unknown theme “pink”.")).to_be_visible()
    page.context.set_offline(True)
    page.evaluate("htmx.ajax('GET', '/', '#announce').catch(() => null)")
    expect(page.get_by_role("alert").get_by_text("The server isn't responding")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Close").first.click()
    complaints.clear()


def test_the_first_administrator_is_made_with_the_link(live_server: Any, page: Page, screenshot: Any) -> None:
    page.goto(live_server.url + str(create_setup_link()))
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    screenshot(page, "setup")
    page.get_by_label("Login name").fill("root")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Create administrator").click()
    expect(page.get_by_text("You are the first administrator")).to_be_visible()


def test_a_phone_reaches_the_five_doors_with_the_thumb_and_settings_from_the_account_menu(signed_in_page: Any) -> None:
    page = signed_in_page("viewer")
    page.set_viewport_size(NARROW)
    doors = page.locator(".tabbar a")
    expect(doors).to_have_count(5)
    for door in doors.all():
        box = door.bounding_box()
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= NARROW["width"]
        assert door.locator("span").first.evaluate("word => word.scrollWidth <= word.clientWidth")
    page.locator(".topbar .menu > summary").click()
    page.locator(".topbar").get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="System").get_by_role("link", name="Settings").click()
    expect(page).to_have_url(re.compile("/settings/$"))


def test_deactivating_and_changing_roles_works_on_the_page(signed_in_page: Any) -> None:
    make_user("viewer", username="vera")
    page = signed_in_page("administrator", "/users/")
    page.get_by_label("Role of vera").select_option("operator")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Role of vera")).to_have_value("operator")
    page.get_by_label("Actions for vera").click()
    page.get_by_role("button", name="Deactivate", exact=True).click()
    page.get_by_label("Actions for vera").click()
    expect(page.get_by_role("button", name="Activate", exact=True)).to_be_visible()


def test_every_page_of_the_navigation_opens_quietly_and_fits_a_phone(signed_in_page: Any) -> None:
    page = signed_in_page("operator")
    links = "links => links.map(link => link.href)"
    doors = page.locator(".sidebar .nav-link").evaluate_all(links)
    addresses = list(doors)
    for door in doors:
        page.goto(door)
        addresses += page.locator(".subnav a, .choice-card").evaluate_all(links)
    addresses = [url for url in dict.fromkeys(addresses) if "/admin/" not in url and "/api/" not in url]
    assert len(addresses) >= 20
    for address in addresses:
        page.set_viewport_size(WIDE)
        answer = page.goto(address)
        assert answer.ok, address
        expect(page.locator(".sidebar .nav-link[aria-current]")).to_have_count(1)
        page.set_viewport_size(NARROW)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{address} scrolls sideways by {overflow} px"


def make_people() -> None:
    company = Company.objects.create(name="Northwind")
    for name in ("Ada Example", "Adam Sample", "Grace Sample"):
        make_lead(full_name=name, company=company)


def test_the_palette_finds_a_person_by_keyboard_alone(signed_in_page: Any) -> None:
    make_people()
    page = signed_in_page("operator", "/reports/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search or jump to…")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="New campaign")).to_be_visible()
    page.keyboard.type("ada", delay=20)
    people = page.get_by_role("listbox").get_by_role("group", name="People")
    expect(people.get_by_role("option")).to_have_count(2)
    expect(field).to_have_attribute("aria-activedescendant", re.compile("^palette-"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    first = page.locator('[role="option"][aria-selected="true"]')
    expect(first).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=re.compile("Ada"))).to_be_visible()


def test_the_palette_keeps_the_focus_closes_on_escape_and_gives_it_back(signed_in_page: Any) -> None:
    page = signed_in_page("viewer", "/leads/")
    button = page.locator(".sidebar [data-palette]")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#palette")
    expect(dialog).to_be_visible()
    for _tab in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#palette')")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_an_answer_that_comes_too_late_is_dropped(signed_in_page: Any) -> None:
    make_people()
    page = signed_in_page("viewer")
    delayed = []

    def hold(route: Any) -> None:
        if "q=gra" in route.request.url and "q=grace" not in route.request.url:
            delayed.append(route)
        else:
            route.continue_()

    page.route("**/search/**", hold)
    page.keyboard.press("Control+k")
    page.keyboard.type("gra")
    page.wait_for_timeout(300)
    page.keyboard.type("ce")
    expect(page.get_by_role("option", name="Grace Sample")).to_be_visible()
    assert len(delayed) == 1
    delayed[0].fulfill(status=200, content_type="text/html", body='<a role="option" href="/">Wrong</a>')
    page.wait_for_timeout(200)
    expect(page.get_by_role("option", name="Wrong")).to_have_count(0)
    expect(page.get_by_role("option", name="Grace Sample")).to_be_visible()
