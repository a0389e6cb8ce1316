"""The list of people, as a person works with it: filter, sort, choose columns, save the view, act on many."""

import pytest
from playwright.sync_api import expect

from campaigns.models import Candidate
from conversations.consent.models import Suppression
from leads.models import Company, Lead
from leads.segments.models import Segment
from outreach.jobs.draining import drain
from tests.leads.factories import make_company, make_lead

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people():
    firm = make_company("Kettle & Co", industry="Coffee Machines", employee_count=11, employee_count_max=50)
    for number in range(60):
        make_lead(
            f"Person {number:02}",
            email=f"p{number}@kettle.example",
            company=firm if number % 2 else None,
            title="CTO" if number % 3 else "Head of Sales",
            title_key="cto" if number % 3 else "head of sales",
            country="DE" if number % 4 else "FR",
            tags=["fair"] if number < 5 else [],
        )


def redrawn(page, act):
    with page.expect_response("**/leads/?**"):
        act()
    expect(page.locator(".htmx-request, .htmx-settling")).to_have_count(0)


def test_people_are_filtered_sorted_and_the_view_is_saved(signed_in_page, screenshot, people):
    page = signed_in_page("operator", "/leads/")
    expect(page.get_by_text("60 people")).to_be_visible()
    screenshot(page, "people-list")
    redrawn(page, lambda: page.locator("#country").select_option("Germany"))
    expect(page.get_by_text("45 people")).to_be_visible()
    redrawn(page, lambda: page.get_by_role("link", name="Name", exact=True).click())
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Person 01")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("checkbox", name="Industry").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Coffee Machines")
    page.get_by_text("Save view", exact=True).click()
    page.get_by_label("Name of the view").fill("Germans by name")
    page.get_by_label("Everyone sees it").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("View “Germans by name” saved.")).to_be_visible()
    page.goto(page.url.partition("?")[0])
    expect(page.get_by_text("60 people")).to_be_visible()
    page.get_by_role("link", name="Germans by name").click()
    expect(page.get_by_text("45 people")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    screenshot(page, "people-view")


def test_a_range_is_ticked_with_shift_and_tagged(signed_in_page, screenshot, people):
    page = signed_in_page("operator", "/leads/")
    boxes = page.locator('input[name="lead"]')
    expect(page.locator("#bulk")).to_be_hidden()
    boxes.nth(2).click()
    boxes.nth(6).click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_contain_text("5 selected")
    page.locator("#bulk").locator("summary", has_text="Tag").first.click()
    page.locator("#tag-tags").fill("vip")
    screenshot(page, "people-bulk", full_page=False)
    page.locator("#tag-tags").press("Enter")
    expect(page.get_by_text("5 people tagged “vip”.")).to_be_visible()
    assert Lead.objects.filter(tags__contains=["vip"]).count() == 5


def test_everyone_who_matches_is_excluded_although_the_page_shows_fifty(signed_in_page, people):
    page = signed_in_page("operator", "/leads/?country=DE")
    page.locator('input[name="lead"]').first.check()
    page.get_by_label("All matching: 45").check()
    expect(page.locator("#bulk")).to_contain_text("45 selected")
    page.locator("#bulk").get_by_text("Exclude from outreach", exact=True).first.click()
    page.locator("#bulk").get_by_role("button", name="Exclude from outreach").click()
    expect(page.get_by_text("45 people excluded from outreach")).to_be_visible()
    assert Suppression.objects.in_force().count() == 45


def test_a_filter_becomes_a_segment(signed_in_page, people):
    page = signed_in_page("operator", "/leads/?country=FR&title=CTO")
    page.get_by_role("link", name="Make a segment of these").click()
    expect(page.locator("#name")).to_have_value("France, CTO")
    expect(page.locator("#preview")).to_contain_text("10 leads match")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_contain_text("France, CTO")
    assert Segment.objects.get().current.criteria["all"][0]["value"] == ["FR"]


def test_companies_are_listed_with_their_size_and_people(signed_in_page, screenshot, people):
    page = signed_in_page("operator", "/companies/?size=11-50")
    row = page.get_by_role("row").nth(1)
    expect(row).to_contain_text("11–50")
    expect(row).to_contain_text("Coffee Machines")
    expect(row).to_contain_text("30")
    screenshot(page, "companies-list")
    assert Company.objects.count() == 1
    assert not Candidate.objects.exists()
    drain()
