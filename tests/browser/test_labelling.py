"""A founder labels people with the keyboard and sees what was learned."""

import pytest
from playwright.sync_api import expect

from leads.models import Lead
from leads.qualification import services
from leads.qualification.labelling import queue, states
from leads.qualification.models import Label
from outreach.access.models import User
from outreach.access.roles import Role
from tests.leads.qualification.conftest import FACTORS
from tests.leads.qualification.labelling.factories import make_crowd
from tests.leads.segments.factories import CompanyFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def brief():
    queue.forget()
    states.forget()
    found = services.save_brief(
        name="CTOs of fintech companies", description="", factors=FACTORS, use_model=False, created_by=None
    )
    rita = User.objects.create_user("rita", password="a long enough password", role=Role.REVIEWER)
    firm = CompanyFactory(name="Plata", country="RU", industry="Fintech", is_sme=True, employee_count=120, city="Kazan")
    leads = make_crowd(140, spread=1.1)
    for number, lead in enumerate(leads):
        lead.full_name, lead.title = f"Anna Orlova {number}", "CTO" if number % 2 == 0 else "Recruiter"
        lead.company, lead.description = (
            firm,
            "Runs payments and the team behind them, and decides about tools and vendors.",
        )
        lead.attributes = {"skills": ["Python", "Kubernetes"], "years_of_experience": 12}
    Lead.objects.bulk_update(leads, ["full_name", "title", "company", "description", "attributes"])
    for number, lead in enumerate(leads[:70]):
        services.decide(lead=lead, brief=found, is_qualified=number % 2 == 0, user=rita)
    return found


def test_labelling_by_keys(signed_in_page, live_server, brief, screenshot):
    page = signed_in_page("reviewer")
    page.goto(f"{live_server.url}/briefs/{brief.pk}/labels/")
    expect(page.get_by_role("heading", name="What it has learned")).to_be_visible()
    expect(page.locator(".label-progress")).to_contain_text("70 answers")
    screenshot(page, "labelling")
    name = page.locator(".label-card h2").inner_text()
    page.keyboard.press("y")
    expect(page.locator(".label-progress")).to_contain_text("71 answers")
    expect(page.locator(".label-card h2")).not_to_have_text(name)
    page.keyboard.press("n")
    expect(page.locator(".label-progress")).to_contain_text("72 answers")
    page.keyboard.press("u")
    expect(page.locator(".label-progress")).to_contain_text("71 answers")
    assert list(Label.objects.in_force().filter(source="labelling").values_list("is_positive", flat=True)) == [True]
    before = page.locator(".label-card h2").inner_text()
    page.keyboard.press("s")
    expect(page.locator(".label-card h2")).not_to_have_text(before)
    page.get_by_label("Why (optional)").fill("yes, no, sure")
    expect(page.locator(".label-progress")).to_contain_text("71 answers")
    page.wait_for_load_state("networkidle")
