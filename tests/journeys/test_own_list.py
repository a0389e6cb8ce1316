"""The founder's loop in a browser: a messy list of one's own, one page, a review, and the first message leaves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from campaigns.demo.sandbox import recorder
from campaigns.models import Campaign
from conversations.dispatch import sending
from conversations.models import Message
from outreach.jobs.draining import drain
from outreach.prompts.services import sync_packs
from tests.campaigns.factories import make_sender

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
LIST = (
    "Export of 12 November\n\nName;Mail;Firma;Position;Land\n"
    "Inês Lee;ines@kettle.example;Kettle GmbH;CTO;Deutschland\n"
    "Søren Ray;soren@pan.example;Pan ApS;CFO;Dänemark\n"
    "Ana Núñez;ana@spoon.example;Spoon S.L.;CEO;Spanien\n"
)
MOST_CLICKS = 15


class Hand:
    """A person at the mouse: counts what they click."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, locator, *, leads_on: bool = True) -> None:
        self.clicks += 1
        if not leads_on:
            locator.click()
            return
        with self.page.expect_navigation():
            locator.click()


@pytest.mark.long
def test_own_list(signed_in_page, screenshot, settings, live_server, tmp_path):
    settings.SANDBOX_SPEED = 1_000_000_000
    settings.PUBLIC_BASE_URL = live_server.url
    sync_packs()
    make_sender(gap_seconds=0)
    own = tmp_path / "own.csv"
    own.write_bytes(LIST.encode("cp1252"))
    page = signed_in_page("operator", "/imports/new/")
    hand = Hand(page)

    page.locator("#file").set_input_files(own)
    hand.click(page.locator("main form button.is-primary"))
    expect(page.locator("main")).to_contain_text("Inês")
    hand.click(page.get_by_role("button", name="Import", exact=True))
    drain()
    page.reload()
    hand.click(page.get_by_role("link", name="Start a campaign with these people"))
    screenshot(page, "quick-start")
    page.get_by_label("Offer", exact=True).fill("a review of your incident process in one day")
    hand.click(page.get_by_role("button", name="Create and write drafts"))
    drain("llm")
    page.reload()
    screenshot(page, "quick-start-review")
    expect(page.locator("main")).to_contain_text("Ana Núñez")  # "CEO of" stands alone, "CTO at" and "CFO at" are alike

    hand.click(page.get_by_role("link", name="List", exact=True))
    expect(page.locator("main")).to_contain_text("Inês")
    hand.click(page.locator("[data-draft-all]"), leads_on=False)
    page.locator("#bulk-action").select_option("approve:direct")
    hand.clicks += 2
    hand.click(page.locator("#bulk button"))
    screenshot(page, "quick-start-approved")
    hand.click(page.get_by_role("button", name="Start sending"))
    assert hand.clicks <= MOST_CLICKS

    for _round in range(4):
        drain()
        sending.send_due()
        recorder.play_due()
    sent = Message.objects.filter(direction="out", sent_at__isnull=False)
    assert set(sent.values_list("address", flat=True)) == {
        "ines@kettle.example",
        "soren@pan.example",
        "ana@spoon.example",
    }
    campaign = Campaign.objects.get()
    page.goto(f"{live_server.url}/campaigns/{campaign.pk}/")
    screenshot(page, "quick-start-sending")
