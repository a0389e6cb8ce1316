"""A founder builds “RU-based SME fintech, title CTO or Head of IT, no outreach in 60 days” by hand."""

import pytest
from playwright.sync_api import expect

from leads.qualification.models import Brief
from leads.segments.models import Segment
from tests.leads.segments.factories import CompanyFactory, LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people():
    firm = CompanyFactory(
        name="Plata", country="RU", industry="Fintech", is_sme=True, employee_count=120, city="Москва"
    )
    LeadFactory(full_name="Anna Orlova", title="CTO", company=firm, city="Москва")
    LeadFactory(full_name="Boris Belov", title="Head of IT", company=firm, city="Казань")
    LeadFactory(full_name="Vera Volkova", title="Director", company=firm)
    LeadFactory(
        full_name="Hans Huber", title="CTO", company=CompanyFactory(name="Bank", country="DE", industry="Fintech")
    )


def redrawn(page, act):
    """Do something that has the server draw the builder again, and wait until it stands."""
    with page.expect_response("**/segments/builder/"):
        act()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


def fill(page, row, field, operator, value):
    redrawn(page, lambda: page.locator(f"[id='{row}-field']").select_option(label=field))
    if operator:
        redrawn(page, lambda: page.locator(f"[id='{row}-operator']").select_option(label=operator))
    control = page.locator(f"[id='{row}-value']")
    if value in {"yes", "no"}:
        control.select_option(label=value)
    else:
        control.fill(value)


def test_a_segment_is_built_by_hand(signed_in_page, screenshot, people):
    page = signed_in_page("operator", "/segments/")
    screenshot(page, "segments-empty")
    page.get_by_role("link", name="Create the first segment").click()
    page.locator("[id='1-value']").fill("CTO, Head of IT")
    rows = [
        ("Company country", "", "RU"),
        ("Small or medium company", "", "yes"),
        ("Industry", "", "fintech"),
        ("Last outreach", "is not within the last", "60"),
    ]
    for number, (field, operator, value) in enumerate(rows, start=2):
        redrawn(page, page.locator("#g0-add").click)
        fill(page, number, field, operator, value)
    expect(page.locator("#preview")).to_contain_text("2 leads match")
    expect(page.locator("#preview")).to_contain_text("Anna Orlova")
    expect(page.locator("#preview")).not_to_contain_text("Vera Volkova")
    redrawn(page, page.locator("#g0-group").click)
    expect(page.locator("#g6-match")).to_be_visible()
    page.locator("[id='7-value']").fill("CTO")
    page.locator("#name").fill("RU_Fintech_CTOs_Q1")
    screenshot(page, "segment-edit")
    page.locator("#tab-json").click()
    expect(page.locator("#criteria")).to_contain_text("company.is_sme")
    screenshot(page, "segment-json")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_contain_text("RU_Fintech_CTOs_Q1")
    screenshot(page, "segment-detail")
    page.goto(page.url.split("/segments/")[0] + "/segments/")
    screenshot(page, "segments-list")
    assert Segment.objects.get().current.number == 1


def test_a_brief_is_tried_while_it_is_written(signed_in_page, screenshot, people):
    page = signed_in_page("operator", "/briefs/new/")
    page.locator("#name").fill("Russian fintech CTOs")
    page.locator("#description").fill("People who decide about technology in small Russian fintech companies.")
    page.locator("[id='keywords.wanted']").fill("fintech")
    page.locator("[id='place.countries']").fill("RU")
    page.get_by_label("Executive or owner").check()
    page.locator("[id='company.employees_to']").fill("250")
    page.locator("[id='company.employees_to']").press("Tab")
    expect(page.locator("#trials")).to_contain_text("Seniority matches (Executive or owner)")
    screenshot(page, "brief-edit")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("was saved")
    page.goto(page.url.split("/briefs/")[0] + "/briefs/")
    screenshot(page, "briefs-list")
    assert Brief.objects.get().factors["company"]["employees_to"] == 250


def test_a_nested_definition_is_built_and_saved_with_the_keyboard_alone(signed_in_page, people):
    page = signed_in_page("operator", "/segments/new/")
    focused = "document.activeElement.id"

    def tab_to(name):
        for _step in range(80):
            if page.evaluate(focused) == name:
                return
            page.keyboard.press("Tab")
        pytest.fail(f"The keyboard does not reach {name}.")

    def choose(value):
        for _step in range(40):
            if page.evaluate("document.activeElement.value") == value:
                return
            page.keyboard.press("ArrowDown")
        pytest.fail(f"The arrows do not reach {value}.")

    def on(name):
        page.wait_for_function(f"{focused} === '{name}'")

    on("name")
    page.keyboard.type("By keys")
    tab_to("1-value")
    page.keyboard.type("CTO, Director")
    expect(page.locator("#preview")).to_contain_text("3 leads match")
    page.keyboard.press("Enter")
    on("1-value")
    tab_to("g0-group")
    redrawn(page, lambda: page.keyboard.press("Enter"))
    on("3-field")
    redrawn(page, lambda: choose("company.country"))
    on("3-field")
    expect(page.locator("[id='3-field']")).to_have_value("company.country")
    tab_to("3-value")
    page.keyboard.type("DE")
    expect(page.locator("#preview")).to_contain_text("1 lead matches")
    tab_to("g2-add")
    redrawn(page, lambda: page.keyboard.press("Enter"))
    on("4-field")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    redrawn(page, lambda: page.keyboard.press("Enter"))
    on("g2-add")
    tab_to("save")
    page.keyboard.press("Enter")
    page.wait_for_url("**/segments/*/")
    expect(page.locator("h1")).to_contain_text("By keys")
    criteria = Segment.objects.get().current.criteria
    assert [next(iter(entry)) for entry in criteria["all"]] in (["field", "any"], ["operator", "any"], ["value", "any"])
