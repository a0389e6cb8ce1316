"""What learning shows: weights with their nights, measurements with plots, an agent's table."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from campaigns.audience import live
from campaigns.learning import services as nightly
from campaigns.learning.models import WeightNight
from campaigns.models import Campaign
from leads.learning.agents import services as agents
from leads.learning.measurements import services
from leads.learning.models import Measurement
from leads.qualification.services import save_brief
from leads.segments.services import save_segment
from outreach.core import clock
from tests.browser.conftest import make_user
from tests.campaigns.factories import make_campaign, make_lead
from tests.campaigns.learning.test_services import write_to
from tests.leads.learning import histories

pytestmark = pytest.mark.django_db(transaction=True)
EVERYONE = {"all": [{"field": "lead.country", "operator": "equals", "value": "US"}]}


def test_weights_are_explained_and_undone(signed_in_page, screenshot):
    version = save_segment(name="Everyone", criteria=EVERYONE, created_by=None)
    campaign = make_campaign(mode=Campaign.Mode.DAILY, state="sending", segment_version=version)
    for number in range(24):
        write_to(campaign, decision_maker=1.0, described=float(number % 2), outcome="positive" if number % 2 else "")
        write_to(campaign, company_researched=1.0, outcome="" if number % 8 else "booked")
    for number in range(8):
        make_lead(
            full_name=f"Lena Berg {number}", title=("Clerk", "CEO")[number % 2], title_key=("clerk", "ceo")[number % 2]
        )
    live.tick()
    for night in range(8, 0, -1):
        nightly.learn(campaign=campaign)
        WeightNight.objects.filter(night=clock.now().date()).update(night=clock.now().date() - timedelta(days=night))
    nightly.learn(campaign=campaign)
    page = signed_in_page("operator", f"/campaigns/{campaign.pk}/weights/")
    expect(page.get_by_role("img", name="Weights of the features, night by night")).to_be_visible()
    screenshot(page, "weights")
    page.get_by_role("button", name="Undo this and later nights").first.click()
    expect(page.get_by_role("button", name="Unfreeze")).to_be_visible()


def test_a_history_is_measured(signed_in_page, screenshot):
    page = signed_in_page("operator", "/learning/")
    screenshot(page, "learning")
    user = make_user("operator")
    options = {"target": "Converted", "time": "Created"}
    texts = [("Cloud software for hotels", "yes"), ("Flowers and garden plants", "no")] * 75
    profiles = "Profile,Converted\n" + "\n".join(f"{text} {n},{fits}" for n, (text, fits) in enumerate(texts))
    asked = {
        "evaluation": (options, histories.school(900)),
        "simulation": (options, histories.school(900)),
        "labels": ({"target": "Converted", "text": "Profile"}, profiles.encode()),
    }
    for kind, (columns, data) in asked.items():
        row = services.start(kind=kind, name="leads.csv", options=columns, user=user, file=io.BytesIO(data))
        services.measure(Measurement.objects.get(pk=row.pk))
        page.goto(page.url.split("/learning/")[0] + f"/learning/{row.pk}/")
        expect(page.locator("figure.plot").first).to_be_visible()
        screenshot(page, f"learning-{kind}")


def test_an_agent_can_be_inspected(signed_in_page, screenshot):
    brief = save_brief(
        name="Sellers", description="", factors={"keywords": {"wanted": ["people"]}}, use_model=False, created_by=None
    )
    for number in range(12):
        lead = make_lead(title=("Head of People", "Clerk")[number % 2])
        agents.reward(brief=brief, lead=lead, signal=("user_approved", "no_response")[number % 2], key=str(number))
    page = signed_in_page("operator", f"/learning/agents/{brief.pk}/")
    expect(page.get_by_role("heading", name="States")).to_be_visible()
    screenshot(page, "agent")
