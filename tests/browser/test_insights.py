"""Research as a person sees it: the button, the points with their sources, similar leads."""

import pytest
from playwright.sync_api import expect

from leads.insights import embedding
from leads.insights.models import Document
from outreach.core import clock
from outreach.jobs.draining import drain
from tests.leads.factories import make_company, make_lead

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = """Acme is a maker of pumps for water works in Central Europe. We are hiring a Head of Supply Planning in Warsaw.
Our planners still copy orders by hand into spreadsheets every morning. Acme opened a new office in Gdansk in October."""


@pytest.fixture
def acme(settings, transactional_db):
    policy = settings.OUTREACH.model_copy(deep=True)
    policy.embeddings.embedder = "hash"
    settings.OUTREACH = policy
    company = make_company("Acme GmbH", research_text=TEXT, industry="machinery")
    people = [
        make_lead("Anna Example", email="anna@acme.example", title="Head of Operations", company=company, country="DE"),
        make_lead("Boris Two", title="Head of Operations and Supply", company=company),
        make_lead("Carla Three", title="Operations Manager", company=make_company("Fabrikam AG", industry="machinery")),
    ]
    embedding.embed(lead_ids=[lead.pk for lead in people])
    return people[0]


def test_a_lead_is_researched_and_its_sources_are_read(acme, signed_in_page, screenshot):
    Document.objects.create(lead=acme, url="http://acme.example/scan.pdf", kind="pdf", problem="The PDF is protected by a password.", read_at=clock.now())  # fmt: skip
    page = signed_in_page("operator", f"/leads/{acme.pk}/")
    expect(page.get_by_text("Boris Two")).to_be_visible()
    page.get_by_role("button", name="Research", exact=True).click()
    expect(page.get_by_text("Research in progress.")).to_be_visible()
    drain()
    expect(page.get_by_text("We are hiring a Head of Supply Planning in Warsaw.").first).to_be_visible(timeout=15_000)
    page.locator("summary", has_text="source").first.click()
    expect(page.get_by_text("records").first).to_be_visible()
    screenshot(page, "insights-lead")
    page.goto(page.url.replace(f"/leads/{acme.pk}/", f"/companies/{acme.company_id}/"))
    expect(page.get_by_text("Quoted from the sources")).to_be_visible()
    screenshot(page, "insights-company")
