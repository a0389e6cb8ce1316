"""The main job by hand, in a real browser, on the example files: from two CSV files to a report, all in the sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as project
from playwright.sync_api import Page, expect

from campaigns.demo.sandbox import recorder
from campaigns.models import Campaign
from conversations.dispatch import sending
from conversations.inbox.services import send_now
from conversations.models import Conversation, Message
from leads.models import Lead
from outreach.jobs.draining import drain
from outreach.prompts.services import sync_packs
from tests.browser.test_segments import fill, redrawn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
EXAMPLES = Path(project.BASE_DIR) / "docs" / "examples"


def work() -> None:
    """What workers and schedules do while a person looks: here, between two clicks."""
    for _round in range(4):
        sending.send_due()
        recorder.play_due()
        drain()


@pytest.mark.long
def test_the_main_job_by_hand(signed_in_page, screenshot, settings, live_server):
    settings.SANDBOX_SPEED = 1_000_000_000
    settings.PUBLIC_BASE_URL = live_server.url
    sync_packs()
    page = signed_in_page("operator", "/")
    screenshot(page, "journey-01-home")

    for kind in ("companies", "people"):
        import_file(page, live_server.url, kind)
    assert Lead.objects.count() > 300
    screenshot(page, "journey-02-import")

    page.goto(live_server.url + "/leads/")
    screenshot(page, "journey-03-leads")

    for name, channel, address in (("Mailbox", "email", "ann@northwind.example"),):
        page.goto(live_server.url + "/senders/new/sandbox/")
        page.locator("details.advanced").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        page.locator("[name=name]").fill(name)
        page.locator("[name=channel]").select_option(channel)
        page.locator("[name=address]").fill(address)
        page.locator("[name=display_name]").fill("Ann Lee")
        page.locator("[name=daily_cap]").fill("500")
        page.locator("[name=hourly_cap]").fill("500")
        page.locator("[name=weekly_cap]").fill("500")
        page.locator("[name=gap_seconds]").fill("0")
        page.locator("main form button.is-primary").first.click()
        expect(page.locator("main")).to_contain_text("Active")
    screenshot(page, "journey-04-sender")

    page.goto(live_server.url + "/segments/new/")
    page.locator("[id='1-value']").fill("CTO, Head of IT")
    redrawn(page, page.locator("#g0-add").click)
    fill(page, 2, "Industry", "", "fintech")
    expect(page.locator("#preview")).to_contain_text("leads match")
    page.locator("#name").fill("Fintech CTOs")
    screenshot(page, "journey-05-segment")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_contain_text("Fintech CTOs")

    page.goto(live_server.url + "/briefs/new/")
    page.locator("#name").fill("Technical leaders")
    page.locator("[id='keywords.wanted']").fill("CTO, IT")
    page.get_by_label("Executive or owner").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("was saved")

    plan_campaign(page, live_server.url)
    campaign = Campaign.objects.get()
    screenshot(page, "journey-07-campaign-new")

    press(page, "Find the people")
    press(page, "Qualify")
    drain()
    page.goto(live_server.url + f"/campaigns/{campaign.pk}/candidates/")
    screenshot(page, "journey-08-candidates")
    page.goto(live_server.url + f"/campaigns/{campaign.pk}/")
    press(page, "Write drafts")
    drain()
    page.goto(live_server.url + f"/campaigns/{campaign.pk}/drafts/")
    screenshot(page, "journey-09-drafts")

    edit_and_approve(page)
    page.goto(live_server.url + f"/campaigns/{campaign.pk}/")
    page.on("dialog", lambda dialog: dialog.accept())  # some drafts are unread: start with the approved ones
    with page.expect_navigation():
        page.locator(".next-step").get_by_role("button", name=re.compile("Start")).click()
    work()
    work()
    page.goto(live_server.url + f"/campaigns/{campaign.pk}/")
    screenshot(page, "journey-10-campaign-sending")
    assert Message.objects.filter(direction="out", sent_at__isnull=False).count() >= 5
    assert Message.objects.filter(body__contains="I read about you by hand.", sent_at__isnull=False).exists()

    page.goto(live_server.url + "/inbox/")
    screenshot(page, "journey-11-inbox")
    asking = Conversation.objects.filter(suggestions__state="proposed")
    for _round in range(10):
        if not asking.exists():
            work()
    conversation = asking.first()
    assert conversation is not None, "nobody among the simulated recipients asked anything"
    page.goto(live_server.url + f"/inbox/{conversation.pk}/")
    screenshot(page, "journey-12-conversation")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_role("button", name="Approve and send").click()
    answer = conversation.messages.get(direction="out", draft__isnull=True)
    send_now(message=answer, user=answer.author)  # instead of waiting until it can no longer be undone
    work()
    assert conversation.messages.filter(direction="out", draft__isnull=True, sent_at__isnull=False).exists()

    page.goto(live_server.url + "/reports/")
    expect(page.locator("main")).to_contain_text("Fintech in spring")
    expect(page.locator("#days canvas")).to_be_visible()
    screenshot(page, "journey-13-report")


def import_file(page: Page, url: str, kind: str) -> None:
    page.goto(url + "/imports/new/")
    page.locator("#file").set_input_files(EXAMPLES / f"{kind}.csv")
    page.locator(f"input[name=kind][value={kind}]").check()
    page.locator("main form button.is-primary").click()
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_load_state()
    drain()
    page.reload()
    expect(page.locator("main")).to_contain_text("Done")


def plan_campaign(page: Page, url: str) -> None:
    page.goto(url + "/campaigns/new/")
    page.locator("details.advanced").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    page.get_by_label("Name", exact=True).fill("Fintech in spring")
    page.locator("#id_goal").fill("A call of 20 minutes")
    page.locator("#id_offer").fill("a review of your incident process in one day")
    page.locator("#id_booking_url").fill("https://booking.example/ann")
    page.locator("#id_segment").select_option(label="Fintech CTOs")
    expect(page.locator("#whom + span")).to_contain_text("now")
    page.locator("#id_brief").select_option(label="Technical leaders")
    for number, pack in enumerate(("first-contact-email", "follow-up-email")):
        page.locator(f"#id_step{number}-sender").select_option(index=1)
        option = page.locator(f"#id_step{number}-pack_version option", has_text=pack).get_attribute("value")
        page.locator(f"#id_step{number}-pack_version").select_option(option)
    page.get_by_role("button", name="Add a step").click()
    expect(page.locator("#id_step2-sender")).to_be_visible()
    page.get_by_role("button", name="Remove the last step").click()
    expect(page.locator("#id_step2-sender")).to_have_count(0)
    page.get_by_label("Sat").check()
    page.get_by_label("Sun").check()
    page.locator("#id_opens_at").fill("")
    page.locator("#id_closes_at").fill("")
    page.get_by_role("button", name="Create the campaign").click()
    expect(page.locator("h1")).to_contain_text("Fintech in spring")


def press(page: Page, label: str) -> None:
    """The one primary button of a campaign's page."""
    button = page.locator(".next-step .button.is-primary")
    expect(button).to_have_text(re.compile(rf"\s*{label}\s*"))
    with page.expect_navigation():
        button.click()


def edit_and_approve(page: Page) -> None:
    page.get_by_role("link", name="Edit").first.click()
    body = page.locator("textarea[name=body]").first
    body.fill(body.input_value().replace("\n\n", "\n\nI read about you by hand. ", 1))
    page.locator("form:has(textarea[name=body]) button.is-primary").first.click()
    expect(page.locator("main")).to_contain_text("I read about you by hand.")
    expect(page.locator("textarea[name=body]")).to_have_count(0)
    page.get_by_role("button", name="Approve").first.click()
    expect(page.locator("main")).to_contain_text(re.compile("Approved"))
    page.get_by_role("link", name="List", exact=True).click()
    address = page.url
    for number in range(1, 6):
        page.goto(f"{address}{'&' if '?' in address else '?'}page={number}")
        page.locator("[data-draft-all]").check()
        page.locator("#bulk-action").select_option("approve:direct")
        with page.expect_navigation():
            page.locator("#bulk button").click()
