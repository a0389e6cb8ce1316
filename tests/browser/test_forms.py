"""Forms in a real browser: the summary of faults, the folded part, lists that can be searched."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from leads.models import Lead
from tests.browser.conftest import make_user, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_summary_takes_the_focus_and_leads_to_the_field(
    signed_in_page: Any, screenshot: Any, complaints: list[str]
) -> None:
    page = signed_in_page("operator", "/leads/new/")
    page.get_by_label("Name").fill("Anna Keller")
    page.get_by_label("E-mail").fill("not an address")
    page.get_by_role("button", name="Save").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value("Anna Keller")
    screenshot(page, "form-errors")
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_be_in_viewport()
    complaints.clear()  # the browser logs the status of a form with a fault


def test_the_folded_part_opens_for_its_fault_and_the_link_opens_it_again(
    signed_in_page: Any, complaints: list[str]
) -> None:
    page = signed_in_page("operator", "/briefs/new/")
    expect(page.locator("details.advanced")).not_to_have_attribute("open", "")
    page.locator("#name").fill("Big budgets")
    page.get_by_text("Advanced").click()
    page.get_by_label("Currency").fill("E")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("details.advanced")).to_have_attribute("open", "")
    page.locator("details.advanced > summary").click()
    expect(page.get_by_label("Currency")).to_be_hidden()
    page.locator(".error-summary a").click()
    expect(page.get_by_label("Currency")).to_be_focused()
    complaints.clear()


def test_a_long_list_is_searched_with_the_keyboard(signed_in_page: Any, screenshot: Any) -> None:
    page = signed_in_page("viewer", "/profile/")
    zone = page.get_by_role("combobox", name="Time zone")
    zone.click()
    zone.fill("new yor")
    expect(page.get_by_role("option", name="America/New York")).to_be_visible()
    screenshot(page, "form-list", full_page=False)
    page.keyboard.press("Enter")
    expect(zone).to_have_value("America/New York")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.locator("#preferences-title + .badge, .card").first.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Time zone")).to_have_value("America/New York")


def test_forms_work_without_javascript(browser: Any, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, live_server.url, make_user("operator"))
    page = context.new_page()
    page.goto(live_server.url + "/leads/new/")
    page.get_by_label("Name").fill("Boris Blum")
    page.get_by_text("More about them").click()
    page.locator("select[name=time_zone]").select_option("Europe/Berlin")
    page.get_by_role("button", name="Save").click()
    assert Lead.objects.get().time_zone == "Europe/Berlin"
    context.close()
