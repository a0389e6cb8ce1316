"""The home page with nothing in the house and in the middle of its life."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Campaign, Candidate
from conversations.models import Conversation, Message
from conversations.outbox.models import Stream
from conversations.replies.models import Intent, Reading
from leads.models import Lead
from leads.segments.models import Segment, SegmentVersion

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = ["Ada Example", "Grace Sample", "Linus Test", "Мария Образцова"]
STAGES = ["matched", "drafted", "contacted", "replied", "won", "drafted", "contacted", "contacted"]


def make_a_busy_house() -> None:
    segment = Segment.objects.create(name="Heads of people in Berlin")
    version = SegmentVersion.objects.create(segment=segment, number=1, criteria={}, criteria_hash="x")
    for number, state in enumerate(["sending", "paused", "drafting"]):
        stream = Stream.objects.create(name=f"stream {number}", state="active" if state == "sending" else "paused")
        campaign = Campaign.objects.create(
            name=f"Autumn: time tracking, wave {number + 1}", segment_version=version, stream=stream, state=state
        )
        for index, stage in enumerate(STAGES[: 8 - number]):
            lead = Lead.objects.create(full_name=f"{PEOPLE[index % 4]} {number}{index}")
            Candidate.objects.create(campaign=campaign, lead=lead, stage=stage)
            if index < 3 and number == 0:
                conversation = Conversation.objects.create(
                    lead=lead, state="engaged", waiting_since=timezone.now() - timedelta(hours=index + 1)
                )
                message = Message.objects.create(
                    conversation=conversation,
                    lead=lead,
                    direction="in",
                    channel="email",
                    state="received",
                    body="Thank you for writing. How does it work with our payroll, and what would forty people cost? "
                    "We had something like it two years ago and nobody used it.",
                    received_at=timezone.now() - timedelta(hours=index + 1),
                )
                Reading.objects.create(
                    message=message, intent=[Intent.QUESTION, Intent.POSITIVE, Intent.NOT_NOW][index], source="rules"
                )
            if index == 4 and number == 0:
                conversation = Conversation.objects.create(lead=lead)
                Message.objects.create(conversation=conversation, channel="email", state="unknown", stream=stream)
                Message.objects.create(conversation=conversation, channel="email", state="sent", stream=stream)


def test_an_empty_house_shows_the_first_steps(signed_in_page: Any, screenshot: Any) -> None:
    page = signed_in_page("operator")
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    expect(page.get_by_text("Nothing needs your attention")).to_be_visible()
    screenshot(page, "home-empty")
    page.get_by_role("link", name="Connect", exact=True).click()
    expect(page.get_by_role("heading", name="Add a sender", exact=True)).to_be_visible()


def test_a_busy_house_shows_what_waits_and_leads_into_the_conversation(signed_in_page: Any, screenshot: Any) -> None:
    make_a_busy_house()
    page = signed_in_page("reviewer")
    expect(page.get_by_role("link", name="3 waiting for an answer")).to_be_visible()
    expect(page.get_by_role("link", name="1 messages with unknown outcome")).to_be_visible()
    expect(page.get_by_text("wave 1")).to_be_visible()
    expect(page.get_by_text("Asks a question")).to_be_visible()
    expect(page.locator(".home-why").first).to_be_visible()
    screenshot(page, "home-busy")
    page.get_by_text("Thank you for writing.").first.click()
    expect(page).to_have_url(re.compile(r"/inbox/\d+/$"))


def test_the_demo_world_is_marked(signed_in_page: Any, settings: Any, screenshot: Any) -> None:
    settings.DEMO = True
    make_a_busy_house()
    page = signed_in_page("administrator")
    expect(page.get_by_role("complementary", name="Demo world")).to_contain_text("everyone here is made up")
    screenshot(page, "home-demo")
