"""Unsubscribing, files and the form of a provider, in a real browser."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.steps import files as services
from conversations.consent import links
from conversations.consent.models import Suppression
from conversations.files.services import store_file
from tests.campaigns.factories import make_campaign
from tests.conversations.factories import ACTOR, make_message, make_reply, make_sender

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_recipient_unsubscribes_with_one_button(live_server, page, screenshot):
    message = make_message()
    page.goto(live_server.url + reverse("unsubscribe", args=[links.token(message.pk)]))
    screenshot(page, "unsubscribe")
    assert not Suppression.objects.exists()
    page.get_by_role("button").click()
    page.wait_for_load_state()
    screenshot(page, "unsubscribed")
    assert Suppression.objects.filter(reason="opt_out").exists()


def test_files_and_tracking_of_a_campaign(signed_in_page, screenshot, tmp_path, complaints):
    campaign = make_campaign()
    row = store_file(name="offer.pdf", content=b"%PDF-1.4 hello")
    step = campaign.steps.get(number=1)
    services.add_file(step=step, content_hash=row.content_hash, name="Our offer.pdf", is_inline=False, actor=ACTOR)
    page = signed_in_page("operator", reverse("steps:mail", args=[campaign.pk]))
    screenshot(page, "campaign-files")
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    page.set_input_files("input[type=file]", str(program))
    page.get_by_role("button", name="Enclose").click()
    page.get_by_role("alert").wait_for()
    expect(page.get_by_role("alert")).to_contain_text("executable files")
    complaints.clear()  # the answer is a 400, which the console mentions


def test_an_answer_with_a_file(signed_in_page, screenshot, tmp_path):
    message = make_message()
    make_reply(message.conversation, sender=message.sender)
    page = signed_in_page("reviewer", reverse("inbox:conversation", args=[message.conversation.pk]))
    screenshot(page, "answer-with-files")
    offer = tmp_path / "offer.pdf"
    offer.write_bytes(b"%PDF-1.4 hello")
    page.fill("#answer-body", "Gladly, see attached.")
    page.set_input_files("#answer-files", str(offer))
    page.locator("#composer").get_by_role("button", name="Send").click()
    page.get_by_role("link", name="offer.pdf").wait_for()


def test_the_form_of_a_provider(signed_in_page, screenshot):
    page = signed_in_page("operator", reverse("senders:new", args=["ses"]))
    screenshot(page, "sender-ses")
    sender = make_sender(adapter="mailgun", settings={})
    page.goto(page.url.split("/senders")[0] + reverse("senders:detail", args=[sender.pk]))
    assert f"/webhooks/provider/mailgun/{sender.pk}" in page.content()
    screenshot(page, "sender-mailgun")
