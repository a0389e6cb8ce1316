"""The pages of what comes: the plan with its steps, timeline, tomorrow and tasks, in light and dark, wide and narrow."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from campaigns.drafts.models import Draft
from campaigns.journey.models import Turn
from campaigns.journey.tomorrow import tomorrow
from leads.models import Lead
from leads.segments.services import save_segment
from outreach.core import clock
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("Ann Lee", "Iwan Petrow", "Maria Konstantinidou-Papadopoulos")


@pytest.fixture
def campaign():
    from campaigns.launch import services
    from outreach.core.models import Actor

    campaign = make_campaign(
        steps=("first-contact-email", "first-contact-email", "first-contact-email"), name="Spring in Berlin",
        audience_frozen_at="2026-01-01T00:00Z",
        segment_version=save_segment(
            name="Heads", criteria={"all": [{"field": "lead.title", "operator": "any_of", "value": ["head"]}]},
            created_by=None,
        ),
    )  # fmt: skip
    campaign.stream.window = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}
    campaign.stream.save()
    campaign.steps.filter(number=2).update(condition="not_opened")
    campaign.steps.filter(number=3).update(
        action="task", channel="", sender=None, pack_version=None, instructions="Call them and ask about the spring"
    )
    for name in NAMES:
        candidate = make_candidate(campaign, stage="approved", time_zone="Europe/Berlin")
        Lead.objects.filter(pk=candidate.lead_id).update(full_name=name)
        make_draft(candidate)
        make_draft(candidate, step=2)
    Turn.objects.create(
        candidate=candidate, step=campaign.steps.get(number=3), state="open", due_at=clock.now()
    )  # fmt: skip
    services.start(campaign=campaign, actor=Actor.system("test"))
    drain("default")
    return campaign


def test_the_timeline_shows_time_sender_and_text(signed_in_page, screenshot, campaign):
    page = signed_in_page(path=f"/campaigns/{campaign.pk}/timeline/")
    page.get_by_text("Ann Lee").first.wait_for()
    expect(page.get_by_text("Europe/Berlin").first).to_be_visible()
    screenshot(page, "timeline")
    page.locator("select[name=step]").select_option("2")
    page.locator(".badge", has_text="If its condition is met").first.wait_for()


def test_tomorrow_says_what_leaves_and_what_is_held(signed_in_page, screenshot, campaign):
    days = [clock.now().date() + timedelta(days=number) for number in range(5)]
    day = next(day for day in days if tomorrow(day=day).shares)  # today, or the next day of its window
    page = signed_in_page(path=f"/campaigns/tomorrow/?day={day}")
    page.get_by_role("heading", name="By sender and campaign").wait_for()
    screenshot(page, "tomorrow")


def test_a_task_is_done_on_its_page(signed_in_page, screenshot, campaign):
    page = signed_in_page(path="/campaigns/tasks/")
    page.get_by_text("Call them and ask about the spring").wait_for()
    screenshot(page, "tasks")
    page.get_by_role("button", name="Done").click()
    page.get_by_text("The sequence continues").wait_for()
    assert Turn.objects.filter(state="done").count() == 1


def test_the_plan_shows_what_a_step_needs(signed_in_page, screenshot, campaign):
    page = signed_in_page(path=f"/campaigns/{campaign.pk}/edit/", role="operator")
    page.get_by_text("Apply the change to").wait_for()
    screenshot(page, "campaign-plan")
    expect(page.locator("#id_step2-instructions")).to_be_visible()
    expect(page.locator("#id_step0-instructions")).not_to_be_visible()
    page.locator("#id_step1-action").select_option("task")
    expect(page.locator("#id_step1-instructions")).to_be_visible()
    expect(page.locator("#id_step1-sender")).not_to_be_visible()


def test_a_daily_campaign_is_one_short_form(signed_in_page, screenshot, campaign):
    page = signed_in_page(path="/campaigns/daily/new/", role="operator")
    page.get_by_role("button", name="Create and start").wait_for()
    screenshot(page, "daily")
    page.goto(page.url.replace("daily/new/", f"{campaign.pk}/"))
    page.get_by_role("heading", name="Sequence").wait_for()
    screenshot(page, "campaign")
    assert Draft.objects.count() == 6
